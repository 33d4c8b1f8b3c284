#include "constructions/bit_extraction.hpp"

#include "basics/error.hpp"
#include "basics/integer_power.hpp"
#include "constructions/bit_extraction_net.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

constexpr std::int64_t max_dimension = 8;
constexpr int exact_bits = 52;                                 ///< codes times m, in float64
constexpr std::int64_t stretch_limit = std::int64_t{1} << 47U; ///< m d / eta stays exact
constexpr std::size_t selection_depth = 4;                     ///< layers before the first bit

void check_slabs(std::int64_t slabs) {
    if (slabs < 1)
        throw InputError("slabs per axis = " + std::to_string(slabs) + ": must be at least 1");
}

std::uint64_t slab_count(int n, int k, std::int64_t slabs) {
    check_slabs(slabs);
    const auto count = power_below_limit(static_cast<std::uint64_t>(slabs), n - k);
    if (!count)
        throw InputError("slabs per axis = " + std::to_string(slabs) +
                         ": their number for n - k = " + std::to_string(n - k) +
                         " must stay below 2^62");
    return *count;
}

Architecture record(int n, int k, std::int64_t m, std::int64_t d, BitExtractionForm form) {
    check_bit_extraction_size(n, k, m, d);
    if (bit_extraction_parameters(k, m, d) > BitExtractionExperts::max_parameters)
        throw InputError("m = " + std::to_string(m) + ": an expert with d = " + std::to_string(d) +
                         " has " + std::to_string(bit_extraction_parameters(k, m, d)) +
                         " parameters; at most 2^27 are built");
    BitPaths paths{k, d, 1.0, {}, {}};
    paths.code.resize(static_cast<std::size_t>(m));
    paths.start.resize(static_cast<std::size_t>(m));
    ShapeRecorder shape;
    write_bit_extraction(shape, form, paths);
    return std::move(shape).sparse(static_cast<std::uint32_t>(n));
}

} // namespace

void check_bit_extraction_size(int n, int k, std::int64_t m, std::int64_t d) {
    if (n < 1 || n > max_dimension)
        throw InputError("n = " + std::to_string(n) + ": the dimension must be 1 to 8");
    if (k < 1 || k > 2 || k > n)
        throw InputError("k = " + std::to_string(k) +
                         ": must be 1 or 2 and at most n = " + std::to_string(n));
    if (m < 1) throw InputError("m = " + std::to_string(m) + ": must be at least 1");
    if (d < 2) throw InputError("d = " + std::to_string(d) + ": must be at least 2");
    if (d > exact_bits ||
        d + ceil_log2(static_cast<std::uint64_t>(std::max<std::int64_t>(m, 2))) > exact_bits)
        throw InputError("d = " + std::to_string(d) + ": d + ceil(log2 max(m, 2)) for m = " +
                         std::to_string(m) + " must be at most 52, or codes are not exact");
    if (m >= stretch_limit / d)
        throw InputError("m = " + std::to_string(m) + ": m d must stay below 2^47");
}

std::uint64_t bit_extraction_parameters(int k, std::int64_t m, std::int64_t d) noexcept {
    const auto pieces = static_cast<std::uint64_t>(m);
    const auto bits = static_cast<std::uint64_t>(d);
    return k == 1 ? 27 * pieces + 87 * bits + 21 : 24 * pieces + 87 * bits + 30;
}

std::uint64_t bit_extraction_depth(std::int64_t d) noexcept {
    return 3 * static_cast<std::uint64_t>(d) + 8;
}

double bit_extraction_bound(int k, std::int64_t m, std::int64_t d, double lambda) noexcept {
    const auto pieces = static_cast<double>(m);
    const auto bits = static_cast<double>(d);
    return k == 1 ? lambda * (1.0 + copy_shift) / (pieces * bits)
                  : lambda * ((0.5 + copy_shift) / pieces + 1.0 / bits);
}

double slab_bound(int n, int k, std::int64_t slabs_per_axis, double lambda) noexcept {
    return lambda * std::sqrt(static_cast<double>(n - k)) /
           (2.0 * static_cast<double>(slabs_per_axis));
}

double BitPaths::value(std::size_t kappa, double tau) const {
    const double place = std::clamp(tau, 0.0, static_cast<double>(d));
    double climbs = 0.0;
    for (std::int64_t j = 1; j <= d; ++j) {
        const double share = std::clamp(place - static_cast<double>(j - 1), 0.0, 1.0);
        const bool up = ((code.at(kappa) >> static_cast<unsigned>(d - j)) & 1U) != 0;
        climbs += up ? share : -share;
    }
    return start.at(kappa) + q * climbs;
}

BitExtractionExperts::BitExtractionExperts(int n, int k, std::int64_t m, std::int64_t d,
                                           std::int64_t slabs_per_axis, BitExtractionForm form)
    : n_(n)
    , k_(k)
    , m_(m)
    , d_(d)
    , slabs_(slabs_per_axis)
    , form_(form)
    , experts_(slab_count(n, k, slabs_per_axis))
    , architecture_(record(n, k, m, d, form)) {}

std::vector<std::int64_t> BitExtractionExperts::grid() const {
    std::vector<std::int64_t> cells(static_cast<std::size_t>(n_), slabs_);
    std::fill_n(cells.begin(), k_, std::int64_t{1});
    return cells;
}

std::vector<double> BitExtractionExperts::slab_centre(std::span<const std::int64_t> cell) const {
    const std::vector<std::int64_t> cells = grid();
    if (cell.size() != cells.size())
        throw InputError("cell: " + std::to_string(cell.size()) + " indices, " +
                         std::to_string(n_) + " are needed");
    std::vector<double> centre(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cell[i] < 0 || cell[i] >= cells[i])
            throw InputError("cell: index " + std::to_string(cell[i]) + " of axis " +
                             std::to_string(i) + " must be 0 to " + std::to_string(cells[i] - 1));
        centre[i] = (static_cast<double>(cell[i]) + 0.5) / static_cast<double>(cells[i]);
    }
    return centre;
}

BitPaths BitExtractionExperts::paths(std::span<const double> centre, const ScalarField& f,
                                     double lambda) const {
    if (centre.size() != static_cast<std::size_t>(n_))
        throw std::invalid_argument("BitExtractionExperts: the slab centre has another dimension");
    const std::int64_t steps_per_axis = k_ == 1 ? m_ * d_ : d_;
    BitPaths paths{k_, d_, lambda / static_cast<double>(steps_per_axis), {}, {}};
    std::vector<double> x(centre.begin(), centre.end());
    double v = 0.0;
    for (std::int64_t kappa = 0; kappa < m_; ++kappa) {
        // k = 1: piece kappa goes on where the one before ended. k = 2: a column, a path of its
        // own.
        const std::int64_t origin = k_ == 1 ? kappa * d_ : 0;
        if (k_ == 2) x[1] = (static_cast<double>(kappa) + 0.5) / static_cast<double>(m_);
        if (k_ == 2 || kappa == 0) {
            x[0] = 0.0;
            v = f(x);
        }
        paths.start.push_back(v);
        std::uint64_t code = 0;
        for (std::int64_t i = 1; i <= d_; ++i) {
            x[0] = static_cast<double>(origin + i) / static_cast<double>(steps_per_axis);
            const bool up = f(x) >= v;
            v += up ? paths.q : -paths.q;
            code = 2 * code + (up ? 1U : 0U);
        }
        paths.code.push_back(code);
    }
    return paths;
}

void BitExtractionExperts::fill(std::span<const std::int64_t> cell, const ScalarField& f,
                                double lambda, std::span<double> parameters) const {
    fill_from_paths(paths(slab_centre(cell), f, lambda), parameters);
}

void BitExtractionExperts::fill_from_paths(const BitPaths& paths,
                                           std::span<double> parameters) const {
    if (paths.k != k_ || paths.d != d_ || paths.code.size() != static_cast<std::size_t>(m_) ||
        paths.start.size() != paths.code.size())
        throw std::invalid_argument("BitExtractionExperts: paths of another size");
    ParameterWriter net(architecture_, parameters);
    write_bit_extraction(net, form_, paths);
}

std::vector<BitPaths> BitExtractionExperts::stored_paths(std::span<const double> parameters,
                                                         double lambda) const {
    if (parameters.size() != architecture_.parameters())
        throw std::invalid_argument("BitExtractionExperts: parameters of another size");
    // Layer 4 has c, V, tau of each copy; its c and V list one weight per step and a bias. Rows of
    // c and V are 3 copy and 3 copy + 1. The start is stored less its minimum, which the output's
    // bias holds (less q d more in the median form).
    const Layer& selection = architecture_.layer(selection_depth - 1);
    const Layer& output = architecture_.layer(architecture_.depth() - 1);
    const std::int64_t steps_per_axis = k_ == 1 ? m_ * d_ : d_;
    const double q = lambda / static_cast<double>(steps_per_axis);
    const double span = form_ == BitExtractionForm::median ? q * static_cast<double>(d_) : 0.0;
    const double lowest_start = parameters[output.bias_offset] + span;
    const auto staircase = [&](std::size_t row) {
        const auto bias = static_cast<std::size_t>(selection.bias_of[row]);
        std::vector<double> values{parameters[selection.bias_offset + bias]};
        for (std::size_t i = selection.row_start[row]; i < selection.row_start[row + 1]; ++i)
            values.push_back(values.back() + parameters[selection.weight_offset + i]);
        return values;
    };
    std::vector<BitPaths> stored;
    for (std::size_t copy = 0; copy < copies_of(form_).size(); ++copy) {
        BitPaths paths{k_, d_, q, {}, staircase(3 * copy + 1)};
        for (double& start : paths.start)
            start += lowest_start;
        for (const double code : staircase(3 * copy)) {
            // False for NaN, too.
            const bool is_code = code >= 0.0 && code < std::ldexp(1.0, static_cast<int>(d_)) &&
                                 code == std::floor(code);
            if (!is_code) return {};
            paths.code.push_back(static_cast<std::uint64_t>(code));
        }
        stored.push_back(std::move(paths));
    }
    return stored;
}

double BitExtractionExperts::step() const noexcept {
    return k_ == 1 ? static_cast<double>(d_) : 1.0;
}

double BitExtractionExperts::stretched(std::span<const double> x, int e) const {
    if (x.size() != static_cast<std::size_t>(n_))
        throw std::invalid_argument("BitExtractionExperts: x has another dimension");
    const double y = x[k_ == 1 ? 0 : 1] * (static_cast<double>(m_) * step()) + e * copy_shift;
    return std::max(y, 0.0);
}

double BitExtractionExperts::copy_value(const BitPaths& paths, int e,
                                        std::span<const double> x) const {
    const double y = stretched(x, e);
    const double kappa = std::min(std::floor(y / step()), static_cast<double>(m_ - 1));
    const double tau = k_ == 1 ? y - kappa * step() : std::max(x[0] * static_cast<double>(d_), 0.0);
    return paths.value(static_cast<std::size_t>(kappa), tau);
}

double BitExtractionExperts::path_value(const BitPaths& paths, std::span<const double> x) const {
    if (form_ == BitExtractionForm::single_copy) return copy_value(paths, 0, x);
    std::array<double, 3> values{copy_value(paths, -1, x), copy_value(paths, 0, x),
                                 copy_value(paths, 1, x)};
    std::sort(values.begin(), values.end());
    return values[1];
}

bool BitExtractionExperts::in_step_zone(std::span<const double> x, double margin) const {
    const auto copies = copies_of(form_);
    return std::any_of(copies.begin(), copies.end(), [&](int e) {
        const double y = stretched(x, e);
        const double next = std::ceil((y - margin) / step());
        return next >= 1.0 && next <= static_cast<double>(m_ - 1) &&
               y > next * step() - step_width - margin && y < next * step() + margin;
    });
}

std::vector<double> BitExtractionExperts::zone_points(std::span<const std::int64_t> cell,
                                                      std::size_t per_zone) const {
    std::vector<double> x = slab_centre(cell);
    if (k_ == 2) x[0] = 1.0 / 3.0;
    std::vector<double> points;
    for (std::int64_t i = 1; i < m_; ++i) {
        for (std::size_t j = 0; j < per_zone; ++j) {
            const double share = (static_cast<double>(j) + 0.5) / static_cast<double>(per_zone);
            const double y = static_cast<double>(i) * step() - step_width * (1.0 - share);
            x[k_ == 1 ? 0 : 1] = y / (static_cast<double>(m_) * step());
            points.insert(points.end(), x.begin(), x.end());
        }
    }
    return points;
}

double BitExtractionExperts::error_bound(double lambda) const noexcept {
    return bit_extraction_bound(k_, m_, d_, lambda) + slab_bound(n_, k_, slabs_, lambda);
}

} // namespace moe
