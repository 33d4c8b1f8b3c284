#include "compositional_pieces/queries.hpp"

#include "compositional_pieces/constructions.hpp"
#include "compositional_pieces/trained.hpp"

#include "basics/integer_power.hpp"
#include "basics/parallel.hpp"
#include "pieces/lower_bounds.hpp"
#include "pieces/smooth_pieces.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <string>

namespace compositional_pieces {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t most_charts = std::int64_t{1} << 20U;
constexpr std::int64_t most_dimensions = 60;
constexpr std::uint64_t most_boxes = 10000000;
constexpr std::uint64_t most_smooth_boxes = 1000000;

std::uint32_t small(std::int64_t value) {
    return static_cast<std::uint32_t>(value);
}

/// Reads E and L; refuses more boxes than can be visited one by one.
void read_boxes(moe::Query& query, std::uint64_t most, std::uint32_t& E, std::uint32_t& L) {
    E = small(query.integer("E", 1, most_charts));
    L = small(query.integer("L", 1, most_dimensions));
    const auto boxes = moe::power_below_limit(E, static_cast<int>(L));
    if (!boxes || *boxes > most)
        query.refuse("L", "a dimension with at most " + std::to_string(most) + " boxes E^L");
}

Json exhaustive(moe::Query& query) {
    std::uint32_t E = 1;
    std::uint32_t L = 1;
    read_boxes(query, most_boxes, E, L);
    const std::string family = query.text("family", {"quad", "rand"});
    const std::uint64_t cell = moe::cell_key("query.exhaustive");
    moe::RandomStream random(1, cell, 0);
    const Construction built = construct_family(family, E, L, random, {});
    const moe::SweepResult sweep =
        moe::sweep_boxes(built.net, built.plan, built.target, moe::BoxSelection(E, L, most_boxes),
                         {.seed = 1, .cell = cell, .threads = moe::available_cores()});
    return {{"pieces", sweep.pieces},
            {"experts", task_experts(built.net)},
            {"misrouted", sweep.inside.misrouted},
            {"distinct_gradients", sweep.distinct_gradients},
            {"max_error", sweep.inside.largest_error}};
}

Json lower_bound(moe::Query& query) {
    const std::int64_t E = query.integer("E", 1, most_charts);
    const std::int64_t L = query.integer("L", 1, most_charts);
    moe::OneLayerClass layer;
    layer.dimension = small(L);
    layer.experts = static_cast<std::uint64_t>(E * L);
    layer.width = small(query.integer("m", 0, std::int64_t{1} << 22U));
    layer.hidden = small(query.integer("h", 0, 1000));
    const double q = static_cast<double>(query.integer("pieces", 1, std::int64_t{1} << 40U));
    // A width needs a layer: m = 0 or h = 0 are affine experts.
    const double log2_cells = moe::log2_cells(layer);
    Json answer;
    if (const auto cells = moe::exact_cells(layer))
        answer["cells"] = *cells;
    else if (std::isfinite(std::exp2(log2_cells)))
        answer["cells"] = std::exp2(log2_cells);
    else
        answer["cells"] = nullptr;
    answer["LB"] = moe::piecewise_bound(layer, q);
    answer["log2_cells"] = log2_cells;
    answer["LB_square_norm"] = moe::square_norm_bound(layer);
    return answer;
}

Json smooth_pieces(moe::Query& query) {
    std::uint32_t E = 1;
    std::uint32_t L = 1;
    read_boxes(query, most_smooth_boxes, E, L);
    const std::uint32_t m = small(query.integer("m", 1, 10000));
    moe::RandomStream random(1, moe::cell_key("query.smooth_pieces"), 0);
    const moe::SmoothPieces found =
        moe::measure_smooth_pieces(E, L, m, moe::random_orders(E, L, random));
    return {{"sup", found.formula},
            {"bound", found.bound},
            {"measured", found.measured},
            {"boxes", found.boxes},
            {"misrouted", found.misrouted}};
}

} // namespace

std::vector<moe::QueryInfo> queries() {
    return {
        {"exhaustive",
         "E, L, family (E^L <= 10^7; 10^6 boxes at L = 6 take some 5 s, 10^7 a minute) -> pieces, "
         "experts, misrouted, distinct_gradients, max_error",
         exhaustive},
        {"lower_bound", "E, L, m, h, pieces -> cells, LB, log2_cells, LB_square_norm", lower_bound},
        {"smooth_pieces", "E, L, m -> sup, bound, measured, boxes, misrouted", smooth_pieces},
        train_query()};
}

} // namespace compositional_pieces
