#pragma once
// The building block of Kullback-Leibler divergences that do not cancel.

#include <cmath>

namespace moe {

/// exp(d) - 1 - d, with small relative error also where d is small.
[[nodiscard]] inline double exp_remainder(double d) {
    if (std::abs(d) > 0.5) return std::expm1(d) - d;
    double sum = 1.0;
    for (int order = 16; order > 2; --order)
        sum = 1.0 + d / order * sum;
    return 0.5 * d * d * sum;
}

} // namespace moe
