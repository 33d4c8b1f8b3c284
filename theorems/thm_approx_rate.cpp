// thm_approx_rate: a mixture of MLPs approximates every Lipschitz function to error eps while an
// input loads only O(1/eps) parameters.
//
// Paper     Kratsios, Saez de Ocariz Borde, Furuya, Law, arXiv:2402.03460, v1 and v2 (abstracts).
// Claims    A1  For every eps > 0 and every lambda-Lipschitz f on [0,1]^n there is an MoMLP with
//               sup|f - MoMLP| <= eps whose loaded networks have O(eps^-1) parameters.
//           A2  O(eps^-1 log(1/eps)) parameters over a forward pass, routing included.
//           A3  Dense ReLU MLPs need O(eps^{-n/2}) parameters.
// Tested    For every r in [0, n] and every eps the explicit plan (constructions/plan.hpp) has
//               P     <= 12n 2^n (lambda sqrt(n)/eps)^r + n^2 + 5n     loaded parameters,
//               route <= 2n^2 ceil(log2 K)                             prototype reals read,
//               sup|f - net| <= E = lambda sqrt(n)/(2 K M) <= eps,
//           with L ~ eps^-(n-r) experts; r = 1 is A1 and A2. Bit-extraction experts reach P ~
//           eps^-r with only L ~ eps^-(n-2r) experts for r = 1/2, 1. No dense ReLU net has fewer
//           than P_dense(eps) ~ eps^{-n/2} / sqrt(log 1/eps) parameters (theory/dense_bound.hpp).
// Measured  P, L, bytes and prototype reads of models that are written to disk and loaded through a
//           store that can hold one expert; their error on four families of targets; P_dense.
//           With --device cuda the same models in float32 on a GPU, in the bytes of one expert.
// Refuted   if a fitted exponent misses r by more than 0.06 (n - r by more than 0.01), if the lower
//           end of the 95 % interval of an exponent of r = 1 exceeds 1, if a plan breaks its
//           inequality, a certificate fails, a sampled error exceeds E, a counter differs from its
//           formula, or the total at r = 0 never falls below P_dense.
//
// Sample runs (2 cores):
//   thm_approx_rate                                     quick preset, some 5 seconds
//   thm_approx_rate --preset full                       about 2 minutes
//   thm_approx_rate --only kuhn --dimensions 2          one check, one dimension
//   thm_approx_rate --device cuda                       the same, and every model on the GPU
//   thm_approx_rate --query '{"q":"plan_eps","n":2,"r":1,"eps":0.01}'

#include "approx_rate/bounds.hpp"
#include "approx_rate/device.hpp"
#include "approx_rate/judgement.hpp"
#include "approx_rate/measurement.hpp"
#include "approx_rate/queries.hpp"
#include "approx_rate/tables.hpp"

#include "basics/error.hpp"
#include "certification/certificate.hpp"
#include "certification/stored_model.hpp"
#include "constructions/bit_extraction.hpp"
#include "constructions/kuhn.hpp"
#include "constructions/plan.hpp"
#include "program/program.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace approx_rate;
using moe::KuhnForm;

// ---------------------------------------------------------------------------------------------
// 1. The experiment: ladders of sizes along which one exponent is fitted.

struct Ladder {
    KuhnForm form;
    int n;
    double r;
    std::string exponent;            ///< r as it is written
    std::vector<std::int64_t> sizes; ///< M with N = M^{n/r}; N for r = 0

    [[nodiscard]] std::string check() const { return form == KuhnForm::wide ? "kuhn" : "narrow"; }
    [[nodiscard]] std::string id() const { return ladder_id(check(), exponent, n); }
    [[nodiscard]] moe::MixturePlan plan(std::int64_t size, double lambda) const {
        return r == 0.0 ? moe::constant_plan(n, size, lambda, form)
                        : moe::exact_plan(n, r, size, lambda, form);
    }
};

std::vector<std::int64_t> powers(std::int64_t base, int first, int last) {
    std::vector<std::int64_t> sizes;
    for (int exponent = first; exponent <= last; ++exponent) {
        sizes.push_back(static_cast<std::int64_t>(std::llround(std::pow(base, exponent))));
    }
    return sizes;
}

/// r = 0, 1/2, 1, n/2, n for n = 1..4; exponents that coincide stand once. Sizes are such that
/// N = M^{n/r} and K = N/M are integers, so that the slopes carry no rounding noise.
std::vector<Ladder> kuhn_ladders(bool full) {
    using Sizes = std::vector<std::int64_t>;
    const auto pick = [full](Sizes quick_sizes, Sizes full_sizes) {
        return full ? std::move(full_sizes) : std::move(quick_sizes);
    };
    const KuhnForm wide = KuhnForm::wide;
    const KuhnForm narrow = KuhnForm::narrow;
    return {
        {wide, 1, 0.0, "0", powers(4, 1, full ? 8 : 6)},
        {wide, 2, 0.0, "0", powers(2, 2, full ? 10 : 8)},
        {wide, 3, 0.0, "0", powers(2, 2, full ? 7 : 5)},
        {wide, 4, 0.0, "0", powers(2, 1, full ? 6 : 4)},
        {wide, 1, 0.5, "1/2", powers(2, 1, 6)},
        {wide, 2, 0.5, "1/2", {2, 3, 4, 5, 6}},
        {wide, 3, 0.5, "1/2", {2, 3, 4}},
        {wide, 4, 0.5, "1/2", {2, 3, 4}},
        {wide, 1, 1.0, "1", powers(2, 1, 6)},
        {wide, 2, 1.0, "1", pick({2, 3, 4, 6, 8}, {2, 3, 4, 6, 8, 12, 16})},
        {wide, 3, 1.0, "1", pick({2, 3, 4}, {2, 3, 4, 5, 6})},
        {wide, 4, 1.0, "1", {2, 3, 4}},
        {wide, 3, 1.5, "n/2", pick({2, 3, 4}, {2, 3, 4, 5, 6})},
        {wide, 4, 2.0, "n/2", pick({2, 3, 4}, {2, 3, 4, 5})},
        {wide, 2, 2.0, "n", powers(2, 1, 6)},
        {wide, 3, 3.0, "n", powers(2, 1, 4)},
        {wide, 4, 4.0, "n", {2, 3, 4, 6}},
        {narrow, 1, 1.0, "1", powers(2, 1, 6)},
        {narrow, 2, 1.0, "1", {2, 3, 4, 6, 8}},
        {narrow, 3, 1.0, "1", {2, 3, 4}},
    };
}

struct Slabs {
    int k; ///< axes that the expert handles, r = k/2
    int n;

    [[nodiscard]] std::string exponent() const { return k == 1 ? "1/2" : "1"; }
    [[nodiscard]] std::string id() const { return ladder_id("bit-extraction", exponent(), n); }
};

std::vector<Slabs> bit_extraction_ladders(bool full) {
    std::vector<Slabs> ladders{{1, 1}, {1, 2}, {2, 2}, {2, 3}};
    if (full) ladders.insert(ladders.end(), {{1, 3}, {1, 4}, {2, 4}});
    return ladders;
}

// ---------------------------------------------------------------------------------------------
// 2. Measurement: write the model, load it expert by expert, count, certify.

moe::StoredModel store_model(const moe::CellContext& context, const moe::Options& options,
                             const moe::ModelRecipe& recipe, const Inputs& inputs) {
    return {context.scratch() / "model.safetensors",
            recipe,
            inputs.all(),
            {.parameters = options.real("materialise-parameters")}};
}

/// With --device cuda the model runs there too, after everything else was counted.
void add_device_row(const moe::Options& options, const ModelRow& row, moe::StoredModel& model,
                    const Inputs& inputs, moe::CellResult& result) {
    if (options.device() != "cuda") return;
    result.add("device", device_row(row, model, inputs.all(), moe::forward_on_device));
}

moe::CellResult measure_kuhn(const moe::CellContext& context, const moe::Options& options,
                             const Ladder& ladder, std::int64_t size) {
    const double lambda = options.real("lambda");
    const std::string& sabotage = options.sabotage();
    const moe::MixturePlan plan = ladder.plan(size, lambda);
    const std::int64_t built_K =
        sabotage == "half-cells" ? std::max<std::int64_t>(1, plan.K / 2) : plan.K;
    const moe::KuhnExperts experts(plan.n, built_K, plan.M, plan.form);

    const auto samples = static_cast<std::size_t>(options.integer("samples"));
    moe::RandomStream point_stream = context.stream(1);
    Inputs inputs;
    inputs.uniform = moe::uniform_points(plan.n, samples, point_stream);
    inputs.special = moe::lattice_corners(plan.n, experts.lattice(), samples, point_stream);

    moe::CellResult result;
    for (const moe::LipschitzFunction& target :
         targets(context, options, plan.n, experts.lattice())) {
        context.leave_if_stopped();
        ModelRow row;
        row.ladder = ladder.id();
        row.construction = ladder.check();
        row.exponent = ladder.exponent;
        row.r = ladder.r;
        row.size = size;
        row.lattice = plan.K * plan.M;
        row.cells_per_axis = plan.K;
        promise(plan, plan.n, lambda, row);

        const auto fill = [&](std::span<const std::int64_t> cell, std::span<double> parameters) {
            std::vector<double> values = experts.node_values(cell, target);
            if (sabotage == "wrong-node") values.front() += 2.0 * plan.error;
            experts.fill_from_values(cell, values, parameters);
        };
        moe::StoredModel model =
            store_model(context, options, {experts.grid(), experts.architecture(), fill}, inputs);
        load_and_sample(model, inputs, target, row);
        if (sabotage == "dense-wide") {
            row.parameters_loaded =
                static_cast<std::int64_t>(experts.architecture().dense_parameters());
        }

        // Certificate. The net equals f at its nodes, then E is proved; and it equals the direct
        // interpolation everywhere else.
        moe::RandomStream certificate_stream = context.stream(2);
        for (const std::uint64_t leaf : model.touched()) {
            const std::vector<std::int64_t> cell = model.grid().cell(leaf);
            const auto expert = model.acquire(leaf);
            const auto nodes = moe::node_points(experts, cell, certificate_stream);
            const auto points = moe::cell_points(experts.grid(), cell, points_per_expert(model),
                                                 certificate_stream);
            row.node_deviation = std::max(
                row.node_deviation, expert_deviation(model, expert.parameters(), nodes, target));
            row.reference_deviation =
                std::max(row.reference_deviation,
                         expert_deviation(model, expert.parameters(), points,
                                          moe::kuhn_reference(experts, cell, target)));
        }
        result.add("models", approx_rate::row(row));
        add_device_row(options, row, model, inputs, result);
    }
    return result;
}

moe::CellResult measure_bit_extraction(const moe::CellContext& context, const moe::Options& options,
                                       const Slabs& slabs, std::int64_t size) {
    const double lambda = options.real("lambda");
    const moe::BitExtractionPlan plan =
        moe::bit_extraction_plan(slabs.n, slabs.k, size, size, lambda);
    const moe::BitExtractionExperts experts(slabs.n, slabs.k, plan.m, plan.d, plan.slabs_per_axis,
                                            options.sabotage() == "single-copy"
                                                ? moe::BitExtractionForm::single_copy
                                                : moe::BitExtractionForm::median);
    const Inputs inputs = bit_extraction_inputs(
        experts, static_cast<std::size_t>(options.integer("samples")), context.stream(1));
    const std::int64_t lattice = slabs.k == 1 ? plan.m * plan.d : plan.d;

    moe::CellResult result;
    for (const moe::LipschitzFunction& target : targets(context, options, slabs.n, lattice)) {
        context.leave_if_stopped();
        ModelRow row;
        row.exponent = slabs.exponent();
        row.ladder = slabs.id();
        row.construction = "bit-extraction";
        row.r = 0.5 * slabs.k;
        row.size = size;
        row.lattice = lattice;
        row.cells_per_axis = plan.slabs_per_axis;
        promise(plan, slabs.n, lambda, row);

        const auto fill = [&](std::span<const std::int64_t> cell, std::span<double> parameters) {
            experts.fill(cell, target, lambda, parameters);
        };
        moe::StoredModel model =
            store_model(context, options, {experts.grid(), experts.architecture(), fill}, inputs);
        load_and_sample(model, inputs, target, row);

        // Certificate. |f - v| <= q at all nodes of the paths, codes that round-trip, and, outside
        // step zones, a net that equals the median of the path values.
        moe::RandomStream certificate_stream = context.stream(2);
        row.start_deviation = 0.0;
        for (const std::uint64_t leaf : model.touched()) {
            const std::vector<std::int64_t> cell = model.grid().cell(leaf);
            const auto expert = model.acquire(leaf);
            const moe::PathCertificate paths =
                moe::certify_paths(experts, cell, target, lambda, expert.parameters());
            row.node_deviation = std::max(row.node_deviation, paths.largest_node_ratio);
            row.start_deviation = std::max(row.start_deviation, paths.largest_start_error);
            row.codes_round_trip = row.codes_round_trip && paths.codes_round_trip;

            const auto points = without_step_zones(
                experts, moe::cell_points(experts.grid(), cell, points_per_expert(model),
                                          certificate_stream));
            row.reference_deviation = std::max(
                row.reference_deviation,
                expert_deviation(model, expert.parameters(), points,
                                 moe::bit_extraction_reference(experts, cell, target, lambda)));
        }
        result.add("models", approx_rate::row(row));
        add_device_row(options, row, model, inputs, result);
    }
    return result;
}

// ---------------------------------------------------------------------------------------------
// 3. The plan of cells. The judgement stands in approx_rate/judgement.cpp.

bool is_chosen(const moe::Options& options, int n) {
    const std::vector<std::int64_t>& dimensions = options.integers("dimensions");
    return std::find(dimensions.begin(), dimensions.end(), n) != dimensions.end();
}

std::vector<moe::Cell> plan(const moe::Options& options) {
    moe::require_different("dimensions", options.integers("dimensions"));
    const bool full = options.preset() == moe::Preset::full;
    std::vector<moe::Cell> cells;
    for (const Ladder& ladder : kuhn_ladders(full)) {
        if (!is_chosen(options, ladder.n)) continue;
        for (const std::int64_t size : ladder.sizes) {
            const auto parameters =
                static_cast<double>(ladder.plan(size, options.real("lambda")).params);
            cells.push_back({ladder.id() + ".size" + std::to_string(size), ladder.check(),
                             parameters, [=](const moe::CellContext& context) {
                                 return measure_kuhn(context, options, ladder, size);
                             }});
        }
    }
    for (const Slabs& slabs : bit_extraction_ladders(full)) {
        if (!is_chosen(options, slabs.n)) continue;
        for (const std::int64_t size : {4, 8, 16, 32}) {
            cells.push_back({slabs.id() + ".size" + std::to_string(size), "bit-extraction",
                             100.0 * static_cast<double>(size),
                             [=](const moe::CellContext& context) {
                                 return measure_bit_extraction(context, options, slabs, size);
                             }});
        }
    }
    for (const int n : {1, 2, 3, 4}) {
        if (!is_chosen(options, n)) continue;
        for (const Exponent& exponent : exponents(n)) {
            cells.push_back(
                {"plans.r" + exponent.written + ".n" + std::to_string(n), "plans", 1.0,
                 [=](const moe::CellContext&) { return plans_for_error(options, n, exponent); }});
        }
        cells.push_back({"dense.n" + std::to_string(n), "dense", 1.0,
                         [=](const moe::CellContext&) { return dense_bounds(options, n); }});
    }
    for (const SignGrid& grid :
         std::vector<SignGrid>{{1, 64, 1}, {2, 16, 1}, {2, 8, 2}, {3, 8, 2}, {4, 8, 1}}) {
        if (!is_chosen(options, grid.n)) continue;
        cells.push_back({"signs.n" + std::to_string(grid.n) + ".K" + std::to_string(grid.K) + ".M" +
                             std::to_string(grid.M),
                         "signs", 1.0, [=](const moe::CellContext& context) {
                             return recover_signs(context, options, grid);
                         }});
    }
    return cells;
}

moe::Program program() {
    const moe::RealRange constants{.low = 1e-6, .high = 1e6};
    return {
        .name = "thm_approx_rate",
        .papers = {"arXiv:2402.03460v1", "arXiv:2402.03460v2"},
        .summary =
            "A mixture of MLPs approximates every Lipschitz function on [0,1]^n to error eps "
            "while an input loads only O(1/eps) parameters (O(1/eps log 1/eps) with the "
            "routing). Models are built, stored, loaded expert by expert through a budget of "
            "one expert, certified and compared with what every dense ReLU net needs.",
        .example = "thm_approx_rate --preset quick --only kuhn --dimensions 1,2",
        .checks = {{"kuhn", "wide sparse Kuhn experts, r = 0, 1/2, 1, n/2, n: exponents, loading, "
                            "certificates, crossing with dense nets"},
                   {"narrow", "the same function as a dense net of constant width, r = 1"},
                   {"bit-extraction", "experts of P ~ error^{-2/k}: A1 with L ~ eps^-(n-2r)"},
                   {"plans", "the explicit inequality of A1 and A2 for given eps"},
                   {"dense", "lower bounds for dense nets and for stored bytes"},
                   {"signs", "signs of bump functions, the event that the lower bounds count"}},
        .presets = {{"quick", 5.0}, {"full", 120.0}},
        .options =
            {moe::integers_option("dimensions", "input dimensions n of the experiment", {1, 4},
                                  {1, 2, 3, 4}, {1, 2, 3, 4}, {}, {.least = 1, .most = 4}),
             moe::integer_option("samples", "uniform inputs per model, and as many lattice corners",
                                 {8, 1000000}, 400, 4000, "inputs"),
             moe::real_option("lambda", "Lipschitz constant that plans and certificates assume",
                              constants, 1.0, 1.0),
             moe::real_option("target-lambda",
                              "true Lipschitz constant of the targets; 0 means that of --lambda",
                              {.low = 0.0, .high = 1e6}, 0.0, 0.0),
             moe::integer_option("eps-values", "values of eps per (n, r) in the check of plans",
                                 {3, 100000}, 60, 300),
             moe::real_option("materialise-parameters",
                              "models up to this many parameters are written completely, larger "
                              "ones only with the experts that inputs touch",
                              {.low = 0.0, .high = 1e9}, 2e7, 2e7, "parameters")},
        .tables = schemas(),
        .figures = figures(),
        .claims = claims(),
        .sabotages = {{"dense-wide",
                       "counts the wide sparse experts as dense matrices",
                       "kuhn",
                       {"--only", "kuhn", "--dimensions", "1,2"}},
                      {"half-cells",
                       "builds K/2 cells per axis but certifies K",
                       "kuhn",
                       {"--only", "kuhn", "--dimensions", "2"}},
                      {"wrong-node",
                       "puts one node value of each expert off by 2E",
                       "kuhn",
                       {"--only", "kuhn", "--dimensions", "1"}},
                      {"single-copy",
                       "bit extraction without the median of three copies",
                       "bit-extraction",
                       {"--only", "bit-extraction", "--dimensions", "1"}}},
        .on_device = device_parts(),
        .plan = plan,
        .judge = judge,
        .queries = queries(),
    };
}

} // namespace

int main(int argc, char** argv) {
    return moe::run(program(), argc, argv);
}
