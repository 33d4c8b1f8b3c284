#pragma once
// Tables of the check "fashion" and the rows that a fit leaves in them.

#include "em_vs_gradient/fashion_fits.hpp"

#include "basics/table.hpp"
#include "program/cell.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace em_vs_gradient {

/// Iterations after which F is compared early.
inline constexpr moe::Index early_iterations = 5;

[[nodiscard]] std::vector<moe::TableSchema> fashion_schemas();

/// Whose fit it is.
struct FashionRun {
    std::int64_t repetition; ///< 1, 2, ...
    std::string geometry;    ///< raw or white
    double lambda;
    std::string method;
};

/// A row of fashion_runs, and of fashion_traces one for each iteration whose accuracy was measured
/// (for methods with iterates).
void add_rows(const FashionRun& run, const FashionFit& fit, moe::CellResult& result);

/// Rows of fashion_images: the first 3 inverted and the first 3 other test images as the methods
/// see them, and the posterior probabilities of the expert that holds the inverted ones.
void add_images(std::int64_t repetition, const moe::ImageData& images,
                const moe::InvertedImages& data, const moe::Vector& responsibilities,
                moe::CellResult& result);

} // namespace em_vs_gradient
