#include "vc_bound/queries.hpp"

#include "shattering/dichotomies.hpp"
#include "shattering/verify_shattering.hpp"
#include "theory/growth.hpp"
#include "theory/vc_bound.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace vc_bound {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t largest_count = std::int64_t{1} << 20U;

/// A count as a JSON number where it fits, else as a decimal string.
Json count_of(const moe::BigInteger& value) {
    if (value <= moe::BigInteger(std::int64_t{1} << 62U)) return static_cast<std::int64_t>(value);
    return value.str();
}

Json cover(moe::Query& query) {
    const auto m = static_cast<std::uint64_t>(query.integer("m", 1, 1000000));
    const auto n = static_cast<std::uint64_t>(query.integer("n", 1, 1000));
    return {{"count", count_of(moe::cover(m, n))}};
}

Json upper_bound(moe::Query& query) {
    moe::MoeShape shape;
    shape.L = static_cast<std::uint64_t>(query.integer("L", 1, largest_count));
    shape.n = static_cast<std::uint64_t>(query.integer("n", 1, largest_count));
    shape.routing = query.text("router", {"tree", "flat"}) == "tree" ? moe::RoutingRule::tree
                                                                     : moe::RoutingRule::flat;
    const std::string expert = query.text("expert", {"const", "linear", "mlp"});
    shape.expert = expert == "const"    ? moe::ExpertKind::constant
                   : expert == "linear" ? moe::ExpertKind::linear
                                        : moe::ExpertKind::mlp;
    if (expert == "mlp" || query.has("widths")) {
        for (const std::int64_t width :
             query.integers("widths", {.low = 1, .high = largest_count}, expert == "mlp" ? 1 : 0))
            shape.hidden.push_back(static_cast<std::uint32_t>(width));
    }
    if (query.boolean("prelu", false)) shape.activation = moe::DenseActivation::prelu;
    return {{"ub", moe::vc_upper_bound(shape)}};
}

Json labelings(moe::Query& query) {
    std::vector<moe::PlanePoint> points;
    const double limit = static_cast<double>(moe::max_plane_coordinate);
    for (const std::vector<double>& point :
         query.points("points", 2, {.low = -limit, .high = limit})) {
        const moe::PlanePoint whole{static_cast<std::int64_t>(point[0]),
                                    static_cast<std::int64_t>(point[1])};
        if (static_cast<double>(whole.x) != point[0] || static_cast<double>(whole.y) != point[1])
            query.refuse("points", "integer coordinates");
        points.push_back(whole);
    }
    const moe::LabelingCounts counts = moe::count_labelings(points);
    return {{"dichotomies", counts.dichotomies},
            {"two_linear", counts.two_linear},
            {"three_const", counts.three_const}};
}

Json moment(moe::Query& query) {
    const std::int64_t L = query.integer("L", 1, largest_count);
    const std::int64_t n = query.integer("n", 1, 8);
    const std::int64_t groups = query.integer("groups", 1, largest_count);
    const moe::MomentAnswer answer = moe::answer_moment(L, n, groups, query.text("labels"));
    return {{"shattered", answer.shattered},
            {"m", answer.m},
            {"expert0_first_unit_w", answer.expert0_first_unit_w},
            {"expert0_first_unit_b", answer.expert0_first_unit_b}};
}

Json narrow(moe::Query& query) {
    const std::int64_t m = query.integer("m", 1, largest_count);
    const std::int64_t d = query.integer("d", 1, 126);
    const moe::NarrowAnswer answer = moe::answer_narrow(m, d, query.text("labels"));
    return {{"shattered", answer.shattered}, {"depth", answer.depth}, {"points", answer.points}};
}

} // namespace

std::vector<moe::QueryInfo> queries() {
    return {{"cover", "m, n -> count", cover},
            {"ub", "L, n, expert, router [, widths, prelu] -> ub", upper_bound},
            {"labelings", "points -> dichotomies, two_linear, three_const", labelings},
            {"moment",
             "L, n, groups, labels -> shattered, m, expert0_first_unit_w, expert0_first_unit_b",
             moment},
            {"narrow", "m, d, labels -> shattered, depth, points", narrow}};
}

} // namespace vc_bound
