#include "constructions/bit_extraction_net.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace moe {

namespace {

/// The neurons of one copy that the layer in hand reads, by the names of the notes.
struct Copy {
    int e = 0;
    std::uint32_t y = 0;            ///< stretched and shifted axis that selects the piece
    std::uint32_t tau = 0;          ///< place on the path of the piece, in [0, d]
    std::uint32_t tau_past = 0;     ///< tau' = ReLU(tau - d), at the end
    std::uint32_t c = 0;            ///< bits of the code that are still to be read
    std::uint32_t V = 0;            ///< starting value of the piece, less Vmin
    std::optional<std::uint32_t> E; ///< sum of the finished g
    std::optional<std::uint32_t> g; ///< last climb, not yet in E
    std::uint32_t alpha = 0;        ///< the four ramps of a bit
    std::uint32_t beta = 0;
    std::uint32_t rho = 0;
    std::uint32_t rho_past = 0;
    std::vector<std::uint32_t> sigma_up; ///< alpha_i of the steps, then sigma_i
    std::vector<std::uint32_t> sigma_down;
};

/// Layers 1 to 4: which piece is x in? Leaves its code c, its start V and the place tau on its
/// path.
void write_piece_selection(NetWriter& net, std::vector<Copy>& copies, const BitPaths& paths,
                           double lowest_start) {
    const std::size_t m = paths.code.size();
    const auto d = static_cast<double>(paths.d);
    const double step = paths.k == 1 ? d : 1.0;
    constexpr double slope = 1.0 / step_width;
    const std::uint32_t selecting_axis = paths.k == 1 ? 0 : 1;
    const double stretch = static_cast<double>(m) * step;

    // Layer 1: stretch the axis that selects the piece (m d x_1 or m x_2) and shift it.
    net.next_layer();
    for (Copy& copy : copies) {
        copy.y = net.neuron({{selecting_axis, stretch}}, copy.e * copy_shift);
        if (paths.k == 2) copy.tau = net.neuron({{0, d}}, 0.0);
    }
    // Layers 2 and 3: sigma_i rises from 0 to 1 on the step zone (i step - eta, i step).
    net.next_layer();
    for (Copy& copy : copies) {
        for (std::size_t i = 1; i < m; ++i) {
            const double start = (static_cast<double>(i) * step - step_width) * slope;
            copy.sigma_up.push_back(net.neuron({{copy.y, slope}}, -start));
            copy.sigma_down.push_back(net.neuron({{copy.y, slope}}, -start - 1.0));
        }
        std::uint32_t& carried = paths.k == 1 ? copy.y : copy.tau;
        carried = net.neuron({{carried, 1.0}});
    }
    net.next_layer();
    for (Copy& copy : copies) {
        for (std::size_t i = 0; i + 1 < m; ++i)
            copy.sigma_up[i] = net.neuron({{copy.sigma_up[i], 1.0}, {copy.sigma_down[i], -1.0}});
        std::uint32_t& carried = paths.k == 1 ? copy.y : copy.tau;
        carried = net.neuron({{carried, 1.0}});
    }
    // Layer 4: code and start as telescoping sums over the steps passed.
    std::vector<Term> terms;
    net.next_layer();
    for (Copy& copy : copies) {
        const auto staircase = [&](auto weight_of_step) {
            terms.clear();
            for (std::size_t i = 1; i < m; ++i)
                terms.push_back({copy.sigma_up[i - 1], weight_of_step(i)});
        };
        staircase([&](std::size_t i) {
            return static_cast<double>(paths.code[i]) - static_cast<double>(paths.code[i - 1]);
        });
        copy.c = net.neuron(terms, static_cast<double>(paths.code[0]));
        staircase([&](std::size_t i) { return paths.start[i] - paths.start[i - 1]; });
        copy.V = net.neuron(terms, paths.start[0] - lowest_start);
        if (paths.k == 1) {
            staircase([&](std::size_t) { return -d; });
            terms.push_back({copy.y, 1.0});
            copy.tau = net.neuron(terms);
        } else {
            copy.tau = net.neuron({{copy.tau, 1.0}});
        }
    }
}

/// Layers A, B, C of bit j: b = [c >= 2^{d-j}], r = tau's share of step j, g = b r.
void write_bit(NetWriter& net, std::vector<Copy>& copies, std::int64_t j, std::int64_t d) {
    const double theta = std::ldexp(1.0, static_cast<int>(d - j));
    const auto past = static_cast<double>(j);
    const auto carry = [&](std::uint32_t& unit) { unit = net.neuron({{unit, 1.0}}); };

    net.next_layer(); // A
    for (Copy& copy : copies) {
        copy.alpha = net.neuron({{copy.c, 1.0}}, -theta + 1.0);
        copy.beta = net.neuron({{copy.c, 1.0}}, -theta);
        copy.rho = net.neuron({{copy.tau, 1.0}}, -past + 1.0);
        copy.rho_past = net.neuron({{copy.tau, 1.0}}, -past);
        carry(copy.tau);
        carry(copy.V);
        carry(copy.c);
        if (copy.g && copy.E)
            copy.E = net.neuron({{*copy.E, 1.0}, {*copy.g, 1.0}});
        else if (copy.g)
            copy.E = net.neuron({{*copy.g, 1.0}});
    }
    // b is a neuron of its own: c - theta alpha + theta beta in one sum is not exact in float64.
    net.next_layer(); // B
    for (Copy& copy : copies) {
        copy.alpha = net.neuron({{copy.alpha, 1.0}, {copy.beta, -1.0}});
        copy.rho = net.neuron({{copy.rho, 1.0}, {copy.rho_past, -1.0}});
        carry(copy.tau);
        carry(copy.V);
        carry(copy.c);
        if (copy.E) carry(*copy.E);
    }
    net.next_layer(); // C
    for (Copy& copy : copies) {
        const std::uint32_t b = copy.alpha;
        const std::uint32_t r = copy.rho;
        copy.g = net.neuron({{r, 1.0}, {b, 1.0}}, -1.0);
        if (j < d)
            copy.c = net.neuron({{copy.c, 1.0}, {b, -theta}});
        else
            copy.tau_past = net.neuron({{copy.tau, 1.0}}, -static_cast<double>(d));
        carry(copy.tau);
        carry(copy.V);
        if (copy.E) carry(*copy.E);
    }
}

/// The path value of a copy as a linear form, less Vmin and plus q d, times `sign`: V + q (climbs -
/// descents), where climbs = E + g and climbs + descents = min(tau, d).
void append_path_value(std::vector<Term>& terms, const Copy& copy, double q, double sign) {
    terms.push_back({copy.V, sign});
    terms.push_back({*copy.E, 2.0 * q * sign});
    terms.push_back({*copy.g, 2.0 * q * sign});
    terms.push_back({copy.tau, -q * sign});
    terms.push_back({copy.tau_past, q * sign});
}

std::vector<Term> path_value_terms(const Copy& copy, double q) {
    std::vector<Term> terms;
    append_path_value(terms, copy, q, 1.0);
    return terms;
}

/// Layers M1 to M3 and the output: median of the copies e = -1, 0, +1, as
/// min(max(A, B), C) raised to at least min(A, B).
void write_median(NetWriter& net, const std::vector<Copy>& copies, double q, double span,
                  double output_shift) {
    net.next_layer(); // M1
    const std::uint32_t A = net.neuron(path_value_terms(copies[0], q), span);
    const std::uint32_t B = net.neuron(path_value_terms(copies[1], q), span);
    const std::uint32_t C = net.neuron(path_value_terms(copies[2], q), span);
    std::vector<Term> difference = path_value_terms(copies[0], q);
    append_path_value(difference, copies[1], q, -1.0);
    const std::uint32_t s = net.neuron(difference); // max(A, B) = B + s, min(A, B) = A - s

    net.next_layer(); // M2
    const std::uint32_t t = net.neuron({{B, 1.0}, {s, 1.0}, {C, -1.0}});
    const std::uint32_t h = net.neuron({{B, 1.0}, {s, 1.0}});
    const std::uint32_t l = net.neuron({{A, 1.0}, {s, -1.0}});

    net.next_layer(); // M3
    const std::uint32_t w = net.neuron({{h, 1.0}, {t, -1.0}, {l, -1.0}});
    const std::uint32_t l_carried = net.neuron({{l, 1.0}});

    net.next_layer();
    net.neuron({{w, 1.0}, {l_carried, 1.0}}, output_shift);
}

} // namespace

std::span<const int> copies_of(BitExtractionForm form) noexcept {
    static constexpr std::array<int, 3> all{-1, 0, 1};
    const std::span<const int> copies(all);
    return form == BitExtractionForm::median ? copies : copies.subspan(1, 1);
}

void write_bit_extraction(NetWriter& net, BitExtractionForm form, const BitPaths& paths) {
    std::vector<Copy> copies;
    for (const int e : copies_of(form)) {
        copies.emplace_back();
        copies.back().e = e;
    }
    const double lowest_start = *std::min_element(paths.start.begin(), paths.start.end());
    write_piece_selection(net, copies, paths, lowest_start);
    for (std::int64_t j = 1; j <= paths.d; ++j)
        write_bit(net, copies, j, paths.d);

    // A path falls by at most q d below its start: with this added, ReLU lets every value through.
    const double span = paths.q * static_cast<double>(paths.d);
    if (form == BitExtractionForm::median) {
        write_median(net, copies, paths.q, span, lowest_start - span);
    } else {
        net.next_layer();
        net.neuron(path_value_terms(copies.front(), paths.q), lowest_start);
    }
}

} // namespace moe
