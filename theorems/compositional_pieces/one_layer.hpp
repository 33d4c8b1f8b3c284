#pragma once
// Check one-layer of thm_compositional_pieces: the deep model against what one mixture-of-experts
// layer with as many experts of the same width cannot do, and against layers that try.

#include "compositional_pieces/tables.hpp"

#include "pieces/lower_bounds.hpp"
#include "program/program.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace compositional_pieces {

/// The rows of the notes, section 4.3, with at most `most_experts` experts: affine experts (m = 0)
/// and fair widths.
[[nodiscard]] std::vector<Comparison> comparisons(std::int64_t most_experts);

/// (3, 2) with affine experts: nine pieces, six cells, so no exact representation, but LB is
/// negative. No contenders are tried there.
[[nodiscard]] bool counting_only(const Comparison& sizes);

/// Width of the deep model's experts: m + 2(L + 1), or 0 if they are affine.
[[nodiscard]] std::uint32_t expert_width(const Comparison& sizes);

/// One layer with as many experts of that width; the sabotage `cells` counts one expert only.
[[nodiscard]] moe::OneLayerClass one_layer_class(const Comparison& sizes,
                                                 const std::string& sabotage);

/// q = E (m + 1), pieces a coordinate.
[[nodiscard]] double pieces_per_coordinate(const Comparison& sizes);

/// Kinds of contenders and functions, as they stand in the table.
inline constexpr const char* contender_kinds[] = {"lloyd", "grid", "random", "trained", "refined"};
inline constexpr const char* contender_functions[] = {"square-norm", "pieces"};

// One cell each. A row of bounds; the best contender of a kind; a ladder of E; easy functions.
[[nodiscard]] moe::CellResult measure_bound(const moe::CellContext& context,
                                            const moe::Options& options, const Comparison& sizes);
[[nodiscard]] moe::CellResult measure_contender(const moe::CellContext& context,
                                                const moe::Options& options,
                                                const Comparison& sizes, const std::string& kind,
                                                const std::string& function);
[[nodiscard]] moe::CellResult measure_scaling(const moe::CellContext& context,
                                              const moe::Options& options, std::uint32_t L);
[[nodiscard]] moe::CellResult measure_easy(const moe::CellContext& context);

} // namespace compositional_pieces
