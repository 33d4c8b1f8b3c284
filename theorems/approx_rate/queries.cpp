#include "queries.hpp"

#include "constructions/bit_extraction.hpp"
#include "constructions/kuhn.hpp"
#include "constructions/plan.hpp"
#include "forward/evaluate.hpp"
#include "routing/grid_tree.hpp"
#include "targets/lipschitz.hpp"
#include "theory/dense_bound.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace approx_rate {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t largest_size = std::int64_t{1} << 61U;
constexpr moe::RealRange unit_interval{.low = 0.0, .high = 1.0};
constexpr moe::RealRange positive{.low = 0.0, .high = 1e300, .low_open = true};

int dimension(moe::Query& query) {
    return static_cast<int>(query.integer("n", 1, 8));
}

moe::GridTree grid(moe::Query& query) {
    return moe::GridTree(query.integers("K", {.low = 1, .high = largest_size}));
}

/// family with its parameter: bump N, cones Q, ridge omega, adv N; seed.
moe::LipschitzFunction target(moe::Query& query, int n) {
    const std::string family = query.text("family", {"bump", "cones", "ridge", "adv"});
    if (family == "adv") {
        // The worst case has no random part; its seed may be given and does nothing.
        static_cast<void>(query.seed("seed", 0));
        return moe::LipschitzFunction::adv(n, query.integer("N", 1, largest_size));
    }
    const std::uint64_t seed = query.seed("seed");
    if (family == "bump") {
        return moe::LipschitzFunction::bump(n, query.integer("N", 1, largest_size), seed);
    }
    if (family == "cones") {
        return moe::LipschitzFunction::cones(n, query.integer("Q", 1, 1000000, 9), seed);
    }
    return moe::LipschitzFunction::ridge(n, query.real("omega", positive), seed);
}

/// Values of an expert and of its target at the points of a query.
void add_values(Json& answer, const moe::Architecture& architecture,
                std::span<const double> parameters, const moe::LipschitzFunction& f,
                const std::vector<std::vector<double>>& points) {
    answer["y"] = Json::array();
    answer["fx"] = Json::array();
    for (const std::vector<double>& x : points) {
        double y = 0.0;
        moe::evaluate<double>(architecture, parameters, x, {&y, 1});
        answer["y"].push_back(y);
        answer["fx"].push_back(f(x));
    }
}

Json route(moe::Query& query) {
    const moe::GridTree tree = grid(query);
    const auto points =
        query.points("x", static_cast<std::size_t>(tree.dimension()), unit_interval);
    if (points.size() != 1) query.refuse("x", "one point");
    const moe::Route route = tree.route(points.front());
    return {{"cell", tree.cell(route.leaf)}, {"depth", route.depth}};
}

Json height(moe::Query& query) {
    return {{"height", grid(query).height()}};
}

Json describe_plan(const moe::MixturePlan& plan) {
    return {{"params", plan.params},
            {"L", plan.leaves},
            {"E", plan.error},
            {"height", plan.height},
            {"route_params", plan.route_params}};
}

Json plan(moe::Query& query) {
    const int n = dimension(query);
    const std::int64_t M = query.integer("M", 1, largest_size);
    const std::int64_t K = query.integer("K", 1, largest_size);
    return describe_plan(moe::plan_of(n, M, K, query.real("lambda", positive, 1.0)));
}

Json plan_for_error(moe::Query& query) {
    const int n = dimension(query);
    const double r = query.real("r", {.low = 0.0, .high = static_cast<double>(n)});
    const double eps = query.real("eps", positive);
    const moe::MixturePlan plan =
        moe::plan_for_error(n, r, eps, query.real("lambda", positive, 1.0));
    Json answer{{"N", plan.N}, {"M", plan.M}, {"K", plan.K}};
    answer.update(describe_plan(plan));
    return answer;
}

Json kuhn(moe::Query& query) {
    const int n = dimension(query);
    const std::int64_t M = query.integer("M", 1, largest_size);
    const std::int64_t K = query.integer("K", 1, largest_size);
    const bool narrow = query.text("form", {"wide", "narrow"}, "wide") == "narrow";
    const moe::KuhnExperts experts(n, K, M, narrow ? moe::KuhnForm::narrow : moe::KuhnForm::wide);
    const auto cell = query.integers("cell", {.low = 0, .high = K - 1});
    if (cell.size() != static_cast<std::size_t>(n)) query.refuse("cell", "n integers");
    const moe::LipschitzFunction f = target(query, n);
    const auto points = query.points("x", static_cast<std::size_t>(n), unit_interval);

    std::vector<double> parameters(experts.architecture().parameters());
    experts.fill(cell, f, parameters);
    Json answer{{"params", parameters.size()},
                {"layers", experts.architecture().depth()},
                {"bound", experts.error_bound(f.lipschitz())}};
    add_values(answer, experts.architecture(), parameters, f, points);
    return answer;
}

Json bit_extraction(moe::Query& query) {
    const int n = dimension(query);
    const int k = static_cast<int>(query.integer("k", 1, std::min(n, 2)));
    const std::int64_t m = query.integer("m", 1, largest_size);
    const std::int64_t d = query.integer("d", 2, 52);
    const moe::BitExtractionExperts experts(n, k, m, d, 1);
    std::vector<double> centre(static_cast<std::size_t>(n), 0.5);
    if (n > k || query.has("center")) {
        const auto given = query.reals("center", unit_interval, 0);
        if (given.size() != static_cast<std::size_t>(n - k)) {
            query.refuse("center", "n - k reals, the slab's centre on the axes after the first k");
        }
        std::copy(given.begin(), given.end(), centre.begin() + k);
    }
    const moe::LipschitzFunction f = target(query, n);
    const auto points = query.points("x", static_cast<std::size_t>(n), unit_interval);

    const moe::BitPaths paths = experts.paths(centre, f, f.lipschitz());
    std::vector<double> parameters(experts.architecture().parameters());
    experts.fill_from_paths(paths, parameters);
    Json codes = Json::array();
    for (std::size_t i = 0; i < std::min<std::size_t>(4, paths.code.size()); ++i) {
        codes.push_back(std::to_string(paths.code[i]));
    }
    Json answer{{"params", parameters.size()},
                {"layers", experts.architecture().depth()},
                {"bound", moe::bit_extraction_bound(k, m, d, f.lipschitz())},
                {"codes", codes},
                {"V0", paths.start.front()}};
    add_values(answer, experts.architecture(), parameters, f, points);
    return answer;
}

Json dense(moe::Query& query) {
    const int n = dimension(query);
    const std::uint64_t G =
        moe::sign_points(n, query.real("eps", positive), query.real("lambda", positive, 1.0));
    return {{"G", G}, {"pmin", moe::dense_parameter_bound(G, n)}};
}

} // namespace

std::vector<moe::QueryInfo> queries() {
    return {{"route", "K, x -> cell, depth", route},
            {"height", "K -> height", height},
            {"plan", "n, M, K [, lambda] -> params, L, E, height, route_params", plan},
            {"plan_eps", "n, r, eps [, lambda] -> N, M, K, params, L, E, height, route_params",
             plan_for_error},
            {"kuhn",
             "n, M, K, cell, family, N|Q|omega, seed (not needed for adv), x [, form] -> params, "
             "layers, bound, y, fx",
             kuhn},
            {"be",
             "k, n, m, d, center (n - k reals, none for n = k), family, N|Q|omega, seed (not "
             "needed for "
             "adv), x (on the slab centre; elsewhere the bound lacks the slab term) -> params, "
             "layers, bound, codes, V0, y, fx",
             bit_extraction},
            {"dense", "n, eps [, lambda] -> G, pmin", dense}};
}

} // namespace approx_rate
