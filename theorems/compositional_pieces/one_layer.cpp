#include "compositional_pieces/one_layer.hpp"

#include "compositional_pieces/constructions.hpp"

#include "basics/integer_power.hpp"
#include "pieces/gate_descent.hpp"
#include "pieces/one_layer.hpp"
#include "pieces/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <utility>

namespace compositional_pieces {

namespace {

/// Rounds of the smallest-error fit of experts.
constexpr int lawson_rounds = 15;
/// Random contenders are fitted to so many of the points: there are many of them.
constexpr std::size_t random_fit_points = 4000;

std::uint32_t small(std::int64_t value) {
    return static_cast<std::uint32_t>(value);
}

std::size_t experts_of(const Comparison& sizes) {
    return static_cast<std::size_t>(sizes.E * sizes.L);
}

/// What a contender works with: points to fit, fresh points to be judged on.
struct Contest {
    moe::CubePoints fit;
    moe::CubePoints judged;
    std::vector<double> fit_values;
    std::vector<double> judged_values;

    Contest(const moe::CellContext& context, const moe::Options& options, const Comparison& sizes,
            const moe::CubeFunction& f) {
        const auto count = [&](const char* option) {
            return static_cast<std::size_t>(options.integer(option));
        };
        moe::RandomStream to_fit = context.stream(0);
        moe::RandomStream to_judge = context.stream(1);
        fit = moe::cube_sample_and_corners(small(sizes.L), count("fit-points"), to_fit);
        judged = moe::cube_sample_and_corners(small(sizes.L), count("judged-points"), to_judge);
        fit_values = moe::values_at(fit, f);
        judged_values = moe::values_at(judged, f);
    }

    [[nodiscard]] double error(const moe::MoeLayer& layer) const {
        return moe::largest_error(layer, judged, judged_values);
    }
};

/// The best of the experts that a gate can have: affine ones and, where there is a width, ReLU
/// experts. NaN stays and is judged.
double best_fit(const Contest& contest, const moe::LinearGate& gate, const moe::CubePoints& points,
                std::span<const double> values, const moe::ExpertFit& fit,
                moe::RandomStream& random) {
    const auto error_of = [&](std::uint32_t width) {
        return contest.error(
            moe::fit_experts(gate, points, values, {.width = width, .lawson = fit.lawson}, random));
    };
    const double affine = error_of(0);
    if (fit.width == 0 || std::isnan(affine)) return affine;
    const double bent = error_of(fit.width);
    return std::isnan(bent) ? bent : std::min(affine, bent);
}

/// The best of random gates, with experts by least squares on some of the points.
double random_error(const Contest& contest, const Comparison& sizes, std::int64_t layers,
                    moe::RandomStream& random, const std::function<void()>& poll) {
    moe::CubePoints some = contest.fit;
    const std::size_t count = std::min(random_fit_points, some.count());
    some.x.resize(count * some.dimension);
    double best = std::numeric_limits<double>::infinity();
    for (std::int64_t number = 0; number < layers; ++number) {
        poll();
        const moe::LinearGate gate = moe::random_contender_gate(
            small(sizes.L), experts_of(sizes), static_cast<std::uint64_t>(number), random);
        const double error =
            best_fit(contest, gate, some, std::span(contest.fit_values).first(count),
                     {.width = expert_width(sizes)}, random);
        if (std::isnan(error) || error < best) best = error;
    }
    return best;
}

} // namespace

std::vector<Comparison> comparisons(std::int64_t most_experts) {
    std::vector<Comparison> all{{3, 2, 0}, {4, 2, 0},  {8, 2, 0},  {4, 3, 0},
                                {8, 3, 0}, {4, 4, 0},  {8, 4, 0},  {16, 4, 0},
                                {8, 6, 0}, {32, 2, 1}, {32, 2, 2}, {16, 3, 2},
                                {8, 4, 2}, {16, 4, 2}, {16, 4, 4}, {8, 6, 2}};
    std::erase_if(all, [=](const Comparison& c) { return c.E * c.L > most_experts; });
    return all;
}

bool counting_only(const Comparison& sizes) {
    return sizes.E == 3 && sizes.L == 2 && sizes.m == 0;
}

std::uint32_t expert_width(const Comparison& sizes) {
    return sizes.m == 0 ? 0 : small(sizes.m + 2 * (sizes.L + 1));
}

moe::OneLayerClass one_layer_class(const Comparison& sizes, const std::string& sabotage) {
    return {.dimension = small(sizes.L),
            .experts = sabotage == "cells" ? 1 : experts_of(sizes),
            .width = expert_width(sizes),
            .hidden = sizes.m == 0 ? 0U : 1U};
}

double pieces_per_coordinate(const Comparison& sizes) {
    return static_cast<double>(sizes.E * (sizes.m + 1));
}

moe::CellResult measure_bound(const moe::CellContext& context, const moe::Options& options,
                              const Comparison& sizes) {
    moe::RandomStream random = context.stream(0);
    const std::uint32_t E = small(sizes.E);
    const std::uint32_t L = small(sizes.L);
    const bool affine = sizes.m == 0;
    const Construction built = construct(
        {moe::RegionSystem(E), moe::quadratic_family(E, L, small(sizes.m))},
        affine ? moe::PieceExperts::affine : moe::PieceExperts::relu, random, options.sabotage());
    moe::PointCheck check;
    if (affine) {
        const moe::SweepResult sweep = moe::sweep_boxes(
            built.net, built.plan, built.target,
            moe::BoxSelection(E, L, std::numeric_limits<std::uint64_t>::max()),
            {.gradients = false, .seed = context.seed(), .cell = context.cell_key(), .poll = [&] {
                 context.leave_if_stopped();
             }});
        check = sweep.inside;
        check += sweep.centres;
    } else {
        moe::RandomStream positions = context.stream(1);
        const auto count = static_cast<std::size_t>(options.integer("fair-points"));
        const moe::CubePoints points = moe::cube_sample(L, count, positions);
        check = moe::check_points(built.net, built.plan, built.target, points.x);
    }
    const moe::OneLayerClass one = one_layer_class(sizes, options.sabotage());
    const double q = pieces_per_coordinate(sizes);
    const auto pieces = moe::power_below_limit(static_cast<std::uint64_t>(sizes.E * (sizes.m + 1)),
                                               static_cast<int>(L));
    const auto cells = moe::exact_cells(one);
    if (!pieces || !cells)
        throw std::logic_error("a comparison has more than 2^61 pieces or cells");
    moe::CellResult result;
    result.add("one_layer",
               row(BoundRow{.sizes = sizes,
                            .experts = task_experts(built.net),
                            .width = one.width,
                            .hidden = one.hidden,
                            .pieces = static_cast<std::int64_t>(*pieces),
                            .cells = static_cast<std::int64_t>(*cells),
                            .points = static_cast<std::int64_t>(check.points),
                            .active = static_cast<std::int64_t>(built.net.count().active),
                            .deep_error = check.largest_error,
                            .bound = moe::piecewise_bound(one, q),
                            .deep_norm_error = check.largest_square_norm_error,
                            .norm_bound = moe::square_norm_bound(one)}));
    return result;
}

moe::CellResult measure_contender(const moe::CellContext& context, const moe::Options& options,
                                  const Comparison& sizes, const std::string& kind,
                                  const std::string& function) {
    const double q = pieces_per_coordinate(sizes);
    const bool pieces = function == "pieces";
    const Contest contest(context, options, sizes, [=](std::span<const double> x) {
        return pieces ? moe::square_norm_pieces(x, q) : moe::square_norm(x);
    });
    const std::uint32_t L = small(sizes.L);
    const std::size_t n = experts_of(sizes);
    const std::uint32_t width = expert_width(sizes);
    const moe::ExpertFit careful{.width = width, .lawson = lawson_rounds};
    const auto iterations = static_cast<int>(options.integer("lloyd-iterations"));
    const auto poll = [&] { context.leave_if_stopped(); };
    moe::RandomStream random = context.stream(2);
    ContenderRow found{.sizes = sizes, .contender = kind, .function = function};
    const auto centres = [&] {
        return moe::lloyd_centres(contest.fit, n, iterations, random, poll);
    };
    const auto fitted = [&](const moe::LinearGate& gate) {
        return best_fit(contest, gate, contest.fit, contest.fit_values, careful, random);
    };
    if (kind == "lloyd" && !pieces && width == 0) {
        const std::vector<double> lloyd = centres();
        found.error = contest.error(
            moe::tangent_plane_moe(lloyd, L, moe::covering_radius_squared(lloyd, contest.fit)));
    } else if (kind == "lloyd") {
        found.error = fitted(moe::nearest_centre_gate(centres(), L));
    } else if (kind == "grid") {
        found.error = contest.error(moe::grid_moe(moe::best_grid(L, n, width)));
    } else if (kind == "random") {
        found.layers = options.integer("random-layers");
        found.error = random_error(contest, sizes, found.layers, random, poll);
    } else {
        // Descent from Lloyd's centres would forget them with a soft gate.
        const bool refined = kind == "refined";
        moe::GateDescent descent{.steps = static_cast<int>(options.integer("contender-steps"))};
        if (refined) descent.first_sharpness = 0.3 * descent.last_sharpness;
        const std::vector<double> start = refined ? centres() : moe::cube_sample(L, n, random).x;
        found.error = fitted(
            moe::trained_gate(contest.fit, contest.fit_values, start, descent, random, poll));
    }
    const moe::OneLayerClass one = one_layer_class(sizes, options.sabotage());
    found.bound = pieces ? moe::piecewise_bound(one, q) : moe::square_norm_bound(one);
    moe::CellResult result;
    result.add("contenders", row(found));
    return result;
}

moe::CellResult measure_scaling(const moe::CellContext& context, const moe::Options& options,
                                std::uint32_t L) {
    moe::CellResult result;
    for (const std::uint32_t E : {2U, 4U, 8U, 16U, 32U}) {
        moe::RandomStream random = context.stream(E);
        const Construction built = construct_family("quad", E, L, random, options.sabotage());
        const moe::SweepResult sweep = moe::sweep_boxes(
            built.net, built.plan, built.target,
            moe::BoxSelection(E, L, std::numeric_limits<std::uint64_t>::max()),
            {.gradients = false, .seed = context.seed(), .cell = context.cell_key(), .poll = [&] {
                 context.leave_if_stopped();
             }});
        const Comparison sizes{.E = E, .L = L};
        result.add("scaling",
                   row(ScalingRow{.L = L,
                                  .E = E,
                                  .deep_norm_error = sweep.centres.largest_square_norm_error,
                                  .norm_bound = moe::square_norm_bound(
                                      one_layer_class(sizes, options.sabotage()))}));
    }
    return result;
}

moe::CellResult measure_easy(const moe::CellContext& context) {
    moe::CellResult result;
    // Parity of i_1 + ... + i_L at the centres of all boxes.
    for (const auto& [E, L] : {std::pair{4U, 4U}, {8U, 4U}}) {
        const moe::BoxSelection boxes(E, L, std::numeric_limits<std::uint64_t>::max());
        const moe::RegionSystem regions(E);
        moe::RandomStream none = context.stream(0); // all boxes: nothing is drawn
        moe::CubePoints centres{.dimension = L};
        std::vector<double> parities;
        std::vector<std::uint32_t> intervals(L);
        for (std::uint64_t box = 0; box < boxes.visited(); ++box) {
            boxes.intervals_of(box, none, intervals);
            std::uint32_t sum = 0;
            for (const std::uint32_t interval : intervals) {
                centres.x.push_back(regions.point(interval, 0.5));
                sum += interval;
            }
            parities.push_back(sum % 2);
        }
        const moe::MoeLayer strips = moe::parity_moe(E, L);
        result.add("easy", row(EasyRow{.model = "parity",
                                       .E = E,
                                       .L = L,
                                       .experts = static_cast<std::int64_t>(strips.experts()),
                                       .points = static_cast<std::int64_t>(parities.size()),
                                       .error = moe::largest_error(strips, centres, parities)}));
    }
    // Phi_E: one wide dense net; and two by two pieces with four experts.
    moe::RandomStream random = context.stream(1);
    const auto on_pieces = [&](const char* model, std::uint32_t E, std::uint32_t L,
                               const moe::GridShape& shape, std::int64_t width) {
        const moe::CubePoints points = moe::cube_sample_and_corners(L, 20000, random);
        const std::vector<double> values = moe::values_at(
            points, [=](std::span<const double> x) { return moe::square_norm_pieces(x, E); });
        const moe::MoeLayer layer = moe::grid_moe(shape);
        result.add("easy", row(EasyRow{.model = model,
                                       .E = E,
                                       .L = L,
                                       .experts = static_cast<std::int64_t>(layer.experts()),
                                       .width = width,
                                       .points = static_cast<std::int64_t>(points.count()),
                                       .error = moe::largest_error(layer, points, values)}));
    };
    const auto dense = [&](std::uint32_t E, std::uint32_t L) {
        on_pieces("dense", E, L,
                  {.intervals = std::vector<std::uint32_t>(L, 1),
                   .pieces = std::vector<std::uint32_t>(L, E)},
                  std::int64_t{L} * (E - 1) + 1);
    };
    dense(4, 4);
    dense(8, 4);
    dense(8, 6);
    on_pieces("two-by-two", 2, 2, {.intervals = {2, 2}, .pieces = {1, 1}}, 0);
    return result;
}

} // namespace compositional_pieces
