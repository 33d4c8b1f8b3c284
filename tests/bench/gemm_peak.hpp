#pragma once
// What this machine's best matrix product reaches: the yardstick of the forward pass.

#include <vector>

namespace moe::bench {

/// The order of the product that is the yardstick.
inline constexpr int gemm_order = 1024;
inline constexpr double gemm_gflop = 2e-9 * gemm_order * gemm_order * gemm_order;

/// C = A B by OpenBLAS on one thread, matrices of that order. Does nothing in a build without
/// OpenBLAS. T = double or float.
template<class T>
void gemm(const std::vector<T>& a, const std::vector<T>& b, std::vector<T>& c);

/// GFLOP/s of the best of 20 such products in processor time, measured at the first call; 0 in a
/// build without OpenBLAS.
template<class T>
[[nodiscard]] double gemm_peak();

/// For which processor the kernels are that OpenBLAS has chosen ("Cooperlake"); empty in a build
/// without it. OPENBLAS_CORETYPE in the environment overrules it, and slows it down where it is
/// wrong.
[[nodiscard]] const char* gemm_kernels();

} // namespace moe::bench
