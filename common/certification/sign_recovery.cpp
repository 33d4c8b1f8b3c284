#include "certification/sign_recovery.hpp"

#include "basics/error.hpp"
#include "theory/dense_bound.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>

namespace moe {

namespace {

constexpr std::uint64_t max_points = 10'000'000;

} // namespace

SignRecovery sign_recovery(const KuhnExperts& experts, std::uint64_t seed, double lambda,
                           const MixtureEvaluator& evaluate) {
    const int n = experts.dimension();
    SignRecovery result;
    result.error_bound = experts.error_bound(lambda);
    result.bump_lattice = bump_lattice(result.error_bound, lambda);
    result.points = sign_points(n, result.error_bound, lambda);
    if (result.bump_lattice < 1)
        throw InputError("K M = " + std::to_string(experts.lattice()) +
                         ": too coarse, no bump is higher than the error bound");
    if (result.points > max_points)
        throw InputError("K M = " + std::to_string(experts.lattice()) + ": G = " +
                         std::to_string(result.points) + " signs; at most 10^7 are checked");
    const auto N_b = static_cast<double>(result.bump_lattice);
    result.bump_height = lambda / (2.0 * N_b);

    const auto axes = static_cast<std::size_t>(n);
    const auto count = static_cast<std::size_t>(result.points);
    std::vector<double> points(count * axes);
    std::vector<double> signs(count);
    std::vector<std::int64_t> j(axes, 0);
    for (std::size_t i = 0; i < count; ++i) {
        signs[i] = bump_sign(result.bump_lattice, seed, j);
        for (std::size_t axis = 0; axis < axes; ++axis)
            points[i * axes + axis] = static_cast<double>(j[axis]) / N_b;
        // The next lattice point, last axis fastest.
        for (std::size_t axis = axes; axis-- > 0 && ++j[axis] > result.bump_lattice;)
            j[axis] = 0;
    }
    result.positive = static_cast<std::uint64_t>(std::count(signs.begin(), signs.end(), 1.0));

    const auto target = LipschitzFunction::bump(n, result.bump_lattice, seed, lambda);
    const std::vector<double> outputs = evaluate(target, points);
    if (outputs.size() != count)
        throw std::invalid_argument("sign_recovery: the evaluator returned " +
                                    std::to_string(outputs.size()) + " values for " +
                                    std::to_string(count) + " points");
    result.smallest_margin = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < count; ++i) {
        const double signed_output = signs[i] * outputs[i];
        const double margin =
            std::isnan(signed_output) ? -std::numeric_limits<double>::infinity() : signed_output;
        if (margin > 0.0) ++result.recovered;
        result.smallest_margin = std::min(result.smallest_margin, margin);
    }
    return result;
}

} // namespace moe
