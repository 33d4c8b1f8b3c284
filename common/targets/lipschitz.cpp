#include "targets/lipschitz.hpp"

#include "basics/error.hpp"
#include "basics/integer_power.hpp"
#include "basics/numbers.hpp"
#include "targets/splitmix.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

constexpr int max_dimension = 8;
constexpr std::int64_t max_cones = 1'000'000;

void check_common(int n, double lambda) {
    if (n < 1 || n > max_dimension)
        throw InputError("n = " + std::to_string(n) + ": the dimension must be 1 to 8");
    if (!(lambda > 0.0) || !std::isfinite(lambda))
        throw InputError("lambda = " + shortest(lambda) +
                         ": the Lipschitz constant must be positive and finite");
}

void check_lattice(std::int64_t N) {
    if (N < 1 || static_cast<std::uint64_t>(N) >= count_limit)
        throw InputError("N = " + std::to_string(N) +
                         ": the lattice must have 1 to 2^62 - 1 cells");
}

/// floor(value) brought into {0..top}; whatever is no number becomes 0.
std::int64_t lattice_index(double value, std::int64_t top) noexcept {
    if (!(value > 0.0)) return 0;
    return value < static_cast<double>(top) ? static_cast<std::int64_t>(value) : top;
}

} // namespace

LipschitzFunction::LipschitzFunction(int n, double lambda, std::string name, Family family)
    : dimension_(n)
    , lambda_(lambda)
    , name_(std::move(name))
    , family_(std::move(family)) {}

LipschitzFunction LipschitzFunction::bump(int n, std::int64_t N, std::uint64_t seed,
                                          double lambda) {
    check_common(n, lambda);
    check_lattice(N);
    if (!power_below_limit(static_cast<std::uint64_t>(N) + 1, n))
        throw InputError("N = " + std::to_string(N) + ": (N+1)^n for n = " + std::to_string(n) +
                         " must stay below 2^62");
    return {n, lambda, "bump(N=" + std::to_string(N) + ",seed=" + std::to_string(seed) + ")",
            Bump{N, seed}};
}

LipschitzFunction LipschitzFunction::cones(int n, std::int64_t Q, std::uint64_t seed,
                                           double lambda) {
    check_common(n, lambda);
    if (Q < 1 || Q > max_cones)
        throw InputError("Q = " + std::to_string(Q) + ": the number of cones must be 1 to 1000000");
    SplitMix64 random(seed);
    const auto count = static_cast<std::size_t>(Q);
    Cones family{std::vector<double>(count * static_cast<std::size_t>(n)),
                 std::vector<double>(count)};
    for (double& coordinate : family.apexes)
        coordinate = random.uni();
    for (double& height : family.heights)
        height = lambda * random.uni();
    return {n, lambda, "cones(Q=" + std::to_string(Q) + ",seed=" + std::to_string(seed) + ")",
            std::move(family)};
}

LipschitzFunction LipschitzFunction::ridge(int n, double omega, std::uint64_t seed, double lambda) {
    check_common(n, lambda);
    if (!(omega > 0.0) || !std::isfinite(omega))
        throw InputError("omega = " + shortest(omega) +
                         ": the frequency must be positive and finite");
    SplitMix64 random(seed);
    Ridge family{omega, 0.0, std::vector<double>(static_cast<std::size_t>(n))};
    double square = 0.0;
    for (double& a : family.direction) {
        a = random.uni() - 0.5;
        square += a * a;
    }
    const double length = std::sqrt(square);
    for (double& a : family.direction)
        a /= length;
    family.phase = random.uni();
    return {n, lambda, "ridge(omega=" + shortest(omega) + ",seed=" + std::to_string(seed) + ")",
            std::move(family)};
}

LipschitzFunction LipschitzFunction::adv(int n, std::int64_t N, double lambda) {
    check_common(n, lambda);
    check_lattice(N);
    return {n, lambda, "adv(N=" + std::to_string(N) + ")", Adv{N}};
}

double LipschitzFunction::operator()(std::span<const double> x) const {
    if (x.size() != static_cast<std::size_t>(dimension_))
        throw std::invalid_argument(name_ + ": a point of dimension " + std::to_string(dimension_) +
                                    " is needed, not " + std::to_string(x.size()));
    return std::visit([&](const auto& family) { return value(family, x); }, family_);
}

double LipschitzFunction::value(const Bump& family, std::span<const double> x) const {
    const auto N = static_cast<double>(family.N);
    std::array<std::int64_t, max_dimension> nearest{};
    double square = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        nearest[i] = lattice_index(x[i] * N + 0.5, family.N);
        const double offset = x[i] - static_cast<double>(nearest[i]) / N;
        square += offset * offset;
    }
    const double height = lambda_ * (1.0 / (2.0 * N) - std::sqrt(square));
    if (height <= 0.0) return 0.0;
    return bump_sign(family.N, family.seed, std::span(nearest).first(x.size())) * height;
}

double LipschitzFunction::value(const Cones& family, std::span<const double> x) const {
    double lowest = std::numeric_limits<double>::infinity();
    const double* apex = family.apexes.data();
    for (const double height : family.heights) {
        double square = 0.0;
        for (const double coordinate : x) {
            const double offset = coordinate - *apex++;
            square += offset * offset;
        }
        lowest = std::min(lowest, height + lambda_ * std::sqrt(square));
    }
    return lowest;
}

double LipschitzFunction::value(const Ridge& family, std::span<const double> x) const {
    double along = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i)
        along += family.direction[i] * x[i];
    const double t = family.omega * along + family.phase;
    return lambda_ / family.omega * std::abs(t - 2.0 * std::floor(t / 2.0 + 0.5));
}

double LipschitzFunction::value(const Adv& family, std::span<const double> x) const {
    const auto N = static_cast<double>(family.N);
    double square = 0.0;
    for (const double coordinate : x) {
        const auto j = static_cast<double>(lattice_index(coordinate * N, family.N - 1));
        const double offset = coordinate - (j + 0.5) / N;
        square += offset * offset;
    }
    return lambda_ * std::sqrt(square);
}

double bump_sign(std::int64_t N, std::uint64_t seed, std::span<const std::int64_t> j) noexcept {
    std::uint64_t index = 0;
    for (const std::int64_t coordinate : j)
        index =
            index * (static_cast<std::uint64_t>(N) + 1) + static_cast<std::uint64_t>(coordinate);
    constexpr std::uint64_t index_multiplier = 0xD1342543DE82EF95U;
    return mix1(seed ^ (index * index_multiplier)) >> 63U == 0 ? 1.0 : -1.0;
}

} // namespace moe
