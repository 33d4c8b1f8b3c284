#include "manifold_rate/side_claims.hpp"

#include "charts/expert_forms.hpp"
#include "manifold_rate/scenes.hpp"
#include "manifold_rate/tables.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace manifold_rate {

namespace {

using moe::CellContext;
using moe::CellResult;
using moe::Manifold;

/// Sizes of the notes' example: D = 128, m = 64.
constexpr std::size_t form_ambient = 128;
constexpr std::int64_t line_cells = 64;
constexpr std::size_t form_points = 2000;
constexpr std::int64_t shared_cells = 64;
constexpr std::int64_t routed_cells = 32;

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
    double largest = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double difference = std::abs(a[i] - b[i]);
        if (!(difference <= largest)) largest = difference; // NaN stays
    }
    return largest;
}

/// The first points of the sample in R^D.
std::vector<double> embedded(const Scene& scene, const std::vector<double>& sample) {
    const std::size_t n = scene.atlas.own();
    const std::size_t D = scene.embedding.ambient();
    std::vector<double> x(form_points * D);
    for (std::size_t p = 0; p < form_points; ++p) {
        // Spread over the sample: that of a curve is in order of the angle.
        const std::size_t from = p * (sample.size() / n) / form_points;
        scene.embedding.embed(std::span(sample).subspan(from * n, n),
                              std::span(x).subspan(p * D, D));
    }
    return x;
}

void add(CellResult& result, const std::string& name, double value, double expected,
         std::int64_t cases) {
    result.add("identities",
               row({.name = name, .value = value, .expected = expected, .cases = cases}));
}

double real(std::size_t count) {
    return static_cast<double>(count);
}

/// One manifold: difference, rank and counts of the two forms of expert 0.
void compare_first_maps(CellResult& result, std::uint64_t seed, Manifold manifold,
                        std::int64_t cells) {
    const Scene scene(seed, manifold, moe::smooth_target(manifold), form_ambient, curved);
    const std::string name(moe::to_string(manifold));
    const moe::ChartGrid grid = moe::chart_grid(scene.atlas, cells);
    const std::vector<double> values = moe::chart_values(scene.atlas, scene.target, 0, grid);
    const std::vector<double> encoder = scene.embedding.lift(scene.atlas.encoder(0));
    const moe::FactoredExpert factored(grid, encoder, values);
    const moe::MoeLayer merged = moe::merged_expert(grid, encoder, values);
    const std::vector<double> x = embedded(scene, sample_of(seed, manifold));
    std::vector<double> y_factored(form_points);
    std::vector<double> y_merged(form_points);
    factored.evaluate_batch(x, y_factored);
    merged.evaluate_batch(x, y_merged, {});
    add(result, "factored." + name + ".difference", largest_difference(y_factored, y_merged), 0.0,
        form_points);
    add(result, "factored." + name + ".rank", real(moe::rank_of_first_map(merged)),
        real(scene.atlas.intrinsic()), 1);
    // The first map alone: m_1 D + m_1 against d D + m_1 d + m_1, biases included.
    const std::size_t d = scene.atlas.intrinsic();
    const std::size_t first = merged.expert().layer(0).outputs;
    add(result, "factored." + name + ".saved",
        real(merged.count().total) - real(factored.parameters()),
        real(first * form_ambient) - real(first * d + d * form_ambient), 1);
    if (manifold != Manifold::circle) return;
    const double m = real(grid.expert_width());
    add(result, "factored.circle.merged-parameters", real(merged.count().total),
        m * real(form_ambient) + 2.0 * m + 1.0, 1);
    add(result, "factored.circle.factored-parameters", real(factored.parameters()),
        real(form_ambient) + 3.0 * m + 1.0, 1);
}

void compare_shared(CellResult& result, std::uint64_t seed) {
    const Scene scene(seed, Manifold::circle, moe::smooth_target(Manifold::circle), form_ambient,
                      curved);
    const moe::SharedRouted forms =
        moe::shared_and_routed(scene.embedding, shared_cells, routed_cells);
    const std::vector<double> x = embedded(scene, sample_of(seed, Manifold::circle));
    std::vector<double> alone(form_points);
    std::vector<double> shared(form_points);
    std::vector<double> routed(form_points);
    forms.routed_only.evaluate_batch(x, alone, {});
    forms.shared.evaluate_batch(x, shared, {});
    forms.routed.evaluate_batch(x, routed, {});
    for (std::size_t p = 0; p < form_points; ++p)
        routed[p] += shared[p];
    const auto m_0 = static_cast<double>(shared_cells);
    const auto m_s = static_cast<double>(routed_cells);
    const double E = real(scene.atlas.charts());
    add(result, "shared.difference", largest_difference(alone, routed), 0.0, form_points);
    add(result, "shared.units-routed-only", real(forms.units_routed_only()), E * (m_0 + m_s), 1);
    add(result, "shared.units", real(forms.units_shared()), m_0 + E * m_s, 1);
}

/// Uniform points of [-1,1]^D, as many as for a manifold of that dimension.
std::vector<double> cube_points(const CellContext& context, std::size_t D) {
    constexpr std::size_t counts[] = {20001, 20000, 8000};
    moe::RandomStream random = context.stream(0);
    std::vector<double> points(counts[D - 1] * D);
    std::generate(points.begin(), points.end(), [&] { return 2.0 * random.uniform() - 1.0; });
    return points;
}

} // namespace

CellResult measure_cube(const CellContext& context, std::size_t D,
                        const std::vector<std::int64_t>& cells) {
    const moe::ScalarField f = moe::cube_target();
    const std::vector<double> points = cube_points(context, D);
    std::vector<double> identity(D * D, 0.0);
    for (std::size_t j = 0; j < D; ++j)
        identity[j * D + j] = 1.0;
    CellResult result;
    for (const std::int64_t N : cells) {
        context.leave_if_stopped();
        const moe::ChartGrid grid(D, N, 1.0);
        const moe::MoeLayer net = moe::merged_expert(grid, identity, grid.values(f));
        std::vector<double> y(points.size() / D);
        net.evaluate_batch(points, y, {});
        std::vector<double> truth;
        truth.reserve(y.size());
        for (std::size_t p = 0; p < y.size(); ++p)
            truth.push_back(f(std::span(points).subspan(p * D, D)));
        result.add("cube", row({.D = static_cast<std::int64_t>(D),
                                .cells = N,
                                .width = static_cast<std::int64_t>(grid.expert_width()),
                                .sup = largest_difference(y, truth)}));
    }
    return result;
}

CellResult measure_expert_forms(const CellContext& context) {
    CellResult result;
    compare_first_maps(result, context.seed(), Manifold::circle, line_cells);
    context.leave_if_stopped();
    compare_first_maps(result, context.seed(), Manifold::sphere2, 8);
    context.leave_if_stopped();
    compare_first_maps(result, context.seed(), Manifold::sphere3, 4);
    compare_shared(result, context.seed());
    return result;
}

} // namespace manifold_rate
