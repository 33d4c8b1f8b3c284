#include "measurement.hpp"

#include "basics/integer_power.hpp"
#include "certification/certificate.hpp"
#include "forward/evaluate.hpp"
#include "routing/grid_tree.hpp"
#include "theory/dense_bound.hpp"

#include <algorithm>

namespace approx_rate {

namespace {

/// Uniform inputs rarely meet a step zone (measure about 1/32 of a step), so zones get their own.
constexpr std::size_t points_per_zone = 16;

/// What the counters of the store and of the router say after the forward pass.
void read_counters(const moe::StoredModel& model, ModelRow& row) {
    const moe::StoreCounters counters = model.store().counters();
    row.parameters_loaded = static_cast<std::int64_t>(counters.peak_resident_parameters);
    row.resident_bytes = static_cast<std::int64_t>(counters.peak_resident_bytes);
    row.bytes_per_load =
        static_cast<double>(counters.expert_bytes_read) / static_cast<double>(counters.loads);
    row.pattern_bytes = static_cast<std::int64_t>(model.store().pattern_bytes());
    row.file_bytes = static_cast<std::int64_t>(model.store().file_bytes());
    row.materialised = model.store().materialised();
    row.depth = static_cast<std::int64_t>(model.store().architecture().depth());
    row.experts_counted = static_cast<std::int64_t>(model.grid().count_leaves());
    row.route_reals_read = model.report().route_reals_max;
    row.route_depth = model.report().route_depth_max;
    row.touched_experts = static_cast<std::int64_t>(model.report().touched_experts);
}

} // namespace

std::vector<moe::LipschitzFunction>
targets(const moe::CellContext& context, const moe::Options& options, int n, std::int64_t lattice) {
    const double given = options.real("target-lambda");
    const double lambda = given > 0.0 ? given : options.real("lambda");
    moe::RandomStream random = context.stream(0);
    const std::uint64_t bump_seed = random.bits();
    const std::uint64_t cones_seed = random.bits();
    const std::uint64_t ridge_seed = random.bits();
    // The hash of a bump's sign needs (N + 1)^n < 2^62; finer lattices take the finest such bumps.
    std::int64_t bump_lattice = lattice;
    while (!moe::power_below_limit(static_cast<std::uint64_t>(bump_lattice) + 1, n)) {
        bump_lattice /= 2;
    }
    return {moe::LipschitzFunction::adv(n, lattice, lambda),
            moe::LipschitzFunction::bump(n, bump_lattice, bump_seed, lambda),
            moe::LipschitzFunction::cones(n, 9, cones_seed, lambda),
            moe::LipschitzFunction::ridge(n, 12.0, ridge_seed, lambda)};
}

std::vector<double> Inputs::all() const {
    std::vector<double> joined = uniform;
    joined.insert(joined.end(), special.begin(), special.end());
    return joined;
}

std::vector<double> without_step_zones(const moe::BitExtractionExperts& experts,
                                       std::span<const double> points) {
    const auto n = static_cast<std::size_t>(experts.dimension());
    std::vector<double> kept;
    for (std::size_t i = 0; i < points.size(); i += n) {
        const auto x = points.subspan(i, n);
        if (!experts.in_step_zone(x, 1e-9)) kept.insert(kept.end(), x.begin(), x.end());
    }
    return kept;
}

Inputs bit_extraction_inputs(const moe::BitExtractionExperts& experts, std::size_t samples,
                             moe::RandomStream stream) {
    Inputs inputs;
    inputs.uniform = moe::uniform_points(experts.dimension(), samples, stream);
    const moe::GridTree grid(experts.grid());
    std::vector<std::uint64_t> leaves{0, grid.leaves() / 2, grid.leaves() - 1};
    leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());
    for (const std::uint64_t leaf : leaves) {
        const std::vector<double> points = experts.zone_points(grid.cell(leaf), points_per_zone);
        inputs.special.insert(inputs.special.end(), points.begin(), points.end());
    }
    return inputs;
}

void promise(const moe::ModelSize& plan, int n, double lambda, ModelRow& row) {
    row.n = n;
    row.certified_error = plan.error;
    row.parameters_formula = static_cast<std::int64_t>(plan.params);
    row.experts_formula = static_cast<std::int64_t>(plan.leaves);
    row.route_reals_formula = static_cast<std::int64_t>(plan.route_params);
    const std::uint64_t signs = moe::sign_points(n, plan.error, lambda);
    row.sign_points = static_cast<std::int64_t>(signs);
    row.dense_minimum = static_cast<std::int64_t>(moe::dense_parameter_bound(signs, n));
}

void load_and_sample(moe::StoredModel& model, const Inputs& inputs,
                     const moe::LipschitzFunction& target, ModelRow& row) {
    const int n = target.dimension();
    const std::vector<double> x = inputs.all();
    const std::vector<double> y = model.evaluate(x);
    const std::span<const double> special_outputs =
        std::span(y).last(inputs.special.size() / static_cast<std::size_t>(n));
    row.target = target.name();
    row.family = row.target.substr(0, row.target.find('('));
    row.sampled_error = moe::largest_deviation(n, x, y, target).largest;
    row.special_error = moe::largest_deviation(n, inputs.special, special_outputs, target).largest;
    read_counters(model, row);
}

std::size_t points_per_expert(const moe::StoredModel& model) {
    return std::max<std::size_t>(8, 512 / model.touched().size());
}

double expert_deviation(const moe::StoredModel& model, std::span<const double> parameters,
                        std::span<const double> points, const moe::ScalarField& reference) {
    const int n = model.grid().dimension();
    std::vector<double> outputs(points.size() / static_cast<std::size_t>(n));
    moe::evaluate_batch<double>(model.store().architecture(), parameters, points, outputs);
    return moe::largest_deviation(n, points, outputs, reference).largest;
}

} // namespace approx_rate
