#include "pieces/lower_bounds.hpp"

#include "basics/error.hpp"
#include "theory/growth.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace moe {

namespace {

constexpr std::uint32_t most_neurons = std::uint32_t{1} << 22U;

} // namespace

double log2_cells(const OneLayerClass& layer) {
    if (layer.dimension == 0 || layer.experts == 0)
        throw InputError("one layer: dimension " + std::to_string(layer.dimension) + ", experts " +
                         std::to_string(layer.experts) + "; both must be at least 1");
    if (layer.width > most_neurons)
        throw InputError("one layer: width " + std::to_string(layer.width) + "; at most " +
                         std::to_string(most_neurons) + " is allowed");
    const double gate = std::log2(static_cast<double>(layer.experts));
    if (layer.width == 0 || layer.hidden == 0) return gate;
    return gate + layer.hidden * log2_binomial_sum(layer.width, layer.dimension);
}

std::optional<std::uint64_t> exact_cells(const OneLayerClass& layer) {
    constexpr double largest = 62.0;
    if (log2_cells(layer) > largest - 0.5) return std::nullopt;
    std::uint64_t cells = layer.experts;
    if (layer.width == 0) return cells;
    const auto split = static_cast<std::uint64_t>(binomial_sum(layer.width, layer.dimension));
    for (std::uint32_t h = 0; h < layer.hidden; ++h)
        cells *= split;
    return cells;
}

double log_ball_volume(std::uint32_t dimension) {
    // V_0 = 1, V_1 = 2, V_L = 2 pi / L V_{L-2}.
    double result = dimension % 2 == 0 ? 0.0 : std::numbers::ln2;
    for (std::uint32_t L = 2 + dimension % 2; L <= dimension; L += 2)
        result += std::log(2.0 * std::numbers::pi / L);
    return result;
}

double square_norm_bound(std::uint32_t dimension, double log2_of_cells) {
    const double log_volume = log2_of_cells * std::numbers::ln2 + log_ball_volume(dimension);
    return 0.5 * std::exp(-2.0 / dimension * log_volume);
}

double square_norm_bound(const OneLayerClass& layer) {
    return square_norm_bound(layer.dimension, log2_cells(layer));
}

double square_norm_gap(std::uint32_t dimension, double pieces) {
    if (!(pieces >= 1.0)) throw std::invalid_argument("square_norm_gap: fewer than one piece");
    return dimension / (8.0 * pieces * pieces);
}

double piecewise_bound(std::uint32_t dimension, double log2_of_cells, double pieces) {
    return square_norm_bound(dimension, log2_of_cells) - square_norm_gap(dimension, pieces);
}

double piecewise_bound(const OneLayerClass& layer, double pieces) {
    return piecewise_bound(layer.dimension, log2_cells(layer), pieces);
}

} // namespace moe
