#pragma once
// The layers of a bit-extraction expert, neuron by neuron (the project's notes, 3.3(iii)).

#include "constructions/bit_extraction.hpp"
#include "constructions/net_writer.hpp"

namespace moe {

/// Shift between copies and width of a step, in units of the stretched axis: powers of two, so that
/// float64 keeps everything exact outside the steps.
inline constexpr double copy_shift = 1.0 / 16.0; ///< delta
inline constexpr double step_width = 1.0 / 32.0; ///< eta

/// The copies e that a form has, in the order of their neurons.
[[nodiscard]] std::span<const int> copies_of(BitExtractionForm form) noexcept;

/// Writes the expert of `paths` (m = paths.code.size() pieces of paths.d bits).
void write_bit_extraction(NetWriter& net, BitExtractionForm form, const BitPaths& paths);

} // namespace moe
