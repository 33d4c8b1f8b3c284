#pragma once
// One expert on one input or on a batch, without routing.

#include "models/architecture.hpp"

#include <span>

namespace moe {

/// The reference: one input, plain loops over the layers, all arithmetic in float64 whatever the
/// parameters' type T (double or float). A unit's sum starts at its bias (0 where none is listed)
/// and adds weight times input in the listed order. parameters [P], x [n], y [m]; throws
/// std::invalid_argument naming the sizes that differ. NaN propagates.
template<class T>
void evaluate(const Architecture& architecture, std::span<const T> parameters,
              std::span<const double> x, std::span<double> y);

/// One expert on a batch: inputs [B][n], outputs [B][m] (no overlap), arithmetic in T, vectorised
/// over samples, on up to `threads` threads. For T = double each sample's sums run in the order of
/// the reference, so it gives the reference's bits for every B, cutting and number of threads.
/// Throws std::invalid_argument naming the sizes that differ.
template<class T>
void evaluate_batch(const Architecture& architecture, std::span<const T> parameters,
                    std::span<const double> inputs, std::span<T> outputs, unsigned threads = 1);

extern template void evaluate<double>(const Architecture&, std::span<const double>,
                                      std::span<const double>, std::span<double>);
extern template void evaluate<float>(const Architecture&, std::span<const float>,
                                     std::span<const double>, std::span<double>);
extern template void evaluate_batch<double>(const Architecture&, std::span<const double>,
                                            std::span<const double>, std::span<double>, unsigned);
extern template void evaluate_batch<float>(const Architecture&, std::span<const float>,
                                           std::span<const double>, std::span<float>, unsigned);

} // namespace moe
