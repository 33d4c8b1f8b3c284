#pragma once
// exp, log, sine and cosine of many numbers at once. Branch-free, several times faster than the
// standard library's; the same bits on every instruction set.

#include "basics/multiversion.hpp"

#include <span>

namespace moe {

/// result[i] = exp(x[i]), within 1.1 ulp (below the smallest normal number: within the smallest
/// denormal number); overflow gives infinity, exp(-inf) = 0, NaN stays NaN. `result` may be x
/// itself. Throws std::invalid_argument for different sizes.
void exp_all(std::span<const double> x, std::span<double> result);

/// result[i] = log(x[i]), within 1 ulp; log(0) = -inf, log(inf) = inf, NaN below 0. As exp_all.
void log_all(std::span<const double> x, std::span<double> result);

/// sine[i] = sin(x[i]) and cosine[i] = cos(x[i]), within 1 ulp; above 2^19 in magnitude, for
/// infinity and NaN what the standard library gives. sin(-0) may be +0. `sine` or `cosine` may be x
/// itself. Throws std::invalid_argument for different sizes.
void sin_cos_all(std::span<const double> x, std::span<double> sine, std::span<double> cosine);

/// The same by a given instruction set, which must be available: for tests.
void exp_all(InstructionSet set, std::span<const double> x, std::span<double> result);
void log_all(InstructionSet set, std::span<const double> x, std::span<double> result);
void sin_cos_all(InstructionSet set, std::span<const double> x, std::span<double> sine,
                 std::span<double> cosine);

} // namespace moe
