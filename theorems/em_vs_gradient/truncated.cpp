#include "em_vs_gradient/truncated.hpp"

#include "basics/numbers.hpp"
#include "datasets/synthetic.hpp"
#include "em_vs_gradient/refused.hpp"
#include "fitting/truncation.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace em_vs_gradient {

using moe::ColumnType;
using moe::Index;
using moe::Rows;
using moe::Table;

namespace {

constexpr Index experts = 4;
constexpr double ridge = 1e-3; // one-hot labels make the gate separable: lambda must be positive
constexpr double rounding = 1e-12;

struct Rule {
    std::string name;
    moe::EStep e_step;
};

std::vector<Rule> rules(const moe::Options& options) {
    std::vector<Rule> all;
    for (const Index k : {experts, Index{2}, Index{1}})
        all.push_back({"top-" + std::to_string(k), moe::top_k_posterior(k)});
    if (options.sabotage() == "gate-as-top-1") all.back().e_step = moe::gate_routing();
    all.push_back({"gate", moe::gate_routing()});
    return all;
}

moe::CellResult measure(const moe::CellContext& context, const moe::Options& options,
                        std::int64_t repetition) {
    const moe::GatedShape shape{.family = moe::ExpertFamily::linear, .p = 5, .K = experts, .C = 1};
    const moe::SyntheticData data = moe::gated_data(
        {.shape = shape, .n = 2000}, moe::PhiloxSource(context.seed(), context.cell_key()));
    const auto model =
        moe::make_gated_mixture(shape, {.sigma = 1.0, .lambda = ridge}, data.samples);
    moe::CellResult result;
    for (const Rule& rule : rules(options)) {
        context.leave_if_stopped();
        const moe::RoutedTrace trace = moe::run_routed(*model, rule.e_step, data.start,
                                                       options.integer("truncated-iterations"));
        for (std::size_t t = 0; t < trace.free_energies.size(); ++t) {
            const bool fixed = trace.fixed_at && static_cast<Index>(t) >= *trace.fixed_at;
            const double rise = t == 0 ? 0.0 : trace.free_energies[t] - trace.free_energies[t - 1];
            result.add("truncated",
                       {repetition, rule.name, static_cast<std::int64_t>(t), trace.free_energies[t],
                        rise, trace.objectives[t], fixed, trace.failure});
        }
    }
    return result;
}

/// Rows whose rule is one of the truncations, or the gate's.
Rows rows_of(const Table& table, bool gate) {
    return {table, [=](const Table& t, std::size_t row) {
                return (t.text(row, "rule") == "gate") == gate;
            }};
}

/// Where each repetition's last row of a rule says that nothing moves any more.
std::string fixed_text(const Table& table) {
    std::map<std::int64_t, std::int64_t> first;
    std::map<std::int64_t, bool> repetitions;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (table.text(row, "rule") != "top-1") continue;
        const std::int64_t repetition = table.integer(row, "repetition");
        repetitions[repetition] = true;
        if (table.boolean(row, "fixed")) first.emplace(repetition, table.integer(row, "iteration"));
    }
    std::int64_t last = 0;
    for (const auto& [repetition, iteration] : first)
        last = std::max(last, iteration);
    return "k = 1 stands still in " + std::to_string(first.size()) + " of " +
           std::to_string(repetitions.size()) + " data sets" +
           (first.empty() ? "" : ", at iteration " + std::to_string(last) + " at the latest");
}

/// Data sets with a row for which `holds` holds.
template<class Property>
std::int64_t data_sets(const Rows& rows, const Property& holds) {
    std::set<std::int64_t> repetitions;
    for (const std::size_t row : rows.indices())
        if (holds(rows.table(), row)) repetitions.insert(rows.table().integer(row, "repetition"));
    return static_cast<std::int64_t>(repetitions.size());
}

bool ended_early(const Table& table, std::size_t row) {
    return !table.text(row, "failure").empty();
}

bool not_finite(const Table& table, std::size_t row) {
    return !std::isfinite(table.real(row, "rise"));
}

} // namespace

std::vector<moe::OptionSpec> truncated_options() {
    return {moe::integer_option("truncated-repetitions", "data sets of the truncated E-step",
                                {1, 10000}, 6, 20),
            moe::integer_option("truncated-iterations", "iterations of the truncated E-step",
                                {1, 10000}, 40, 40)};
}

std::vector<moe::TableSchema> truncated_tables() {
    return {{"truncated",
             "E-steps that keep k of 4 experts, and routing by the gate alone",
             {{"repetition", ColumnType::integer, "data set"},
              {"rule", ColumnType::text, "top-k: k largest posteriors; gate: argmax of the gate"},
              {"iteration", ColumnType::integer, "t"},
              {"free_energy", ColumnType::real,
               "(1/n) sum r (l - log r) - (lambda/2) |theta|^2 after the E-step of theta^t"},
              {"rise", ColumnType::real, "free energy minus that of t - 1"},
              {"objective", ColumnType::real, "F(theta^t)"},
              {"fixed", ColumnType::boolean, "no responsibility differs from those of t - 1"},
              {"failure", ColumnType::text, "why the run ended early"}}}};
}

void plan_truncated(const moe::Options& options, moe::Plan& plan) {
    for (std::int64_t r = 0; r < options.integer("truncated-repetitions"); ++r) {
        plan.push_back({"truncated.r" + std::to_string(r), "truncated", 3.0,
                        [options, r](const moe::CellContext& context) {
                            return measure(context, options, r);
                        }});
    }
}

void judge_truncated(const moe::Options& options, const moe::Tables& tables,
                     moe::Judgement& judgement) {
    if (!options.selected("truncated")) return;
    const Table& table = tables.at("truncated");
    const std::int64_t tried = options.integer("truncated-repetitions");
    const auto add = [&](moe::Claim claim, std::int64_t refused) {
        account_for_refused(claim, refused, tried);
        judgement.claims.push_back(std::move(claim));
    };
    const auto fall = [](const Table& t, std::size_t row) { return -t.real(row, "rise"); };

    const Rows truncated = rows_of(table, false);
    add(decide_finite("C6.free-energy", {moe::Relation::at_most, 0.0, rounding},
                      truncated.largest(fall), truncated.size(),
                      "largest fall of the truncated free energy in one iteration, k = 1, 2, 4; " +
                          fixed_text(table)),
        data_sets(truncated, ended_early));

    const Rows full = moe::rows_with(table, "rule", "top-" + std::to_string(experts));
    add(decide_finite("C6.all-experts", {moe::Relation::at_most, 0.0, rounding},
                      full.largest([](const Table& t, std::size_t row) {
                          return std::abs(t.real(row, "free_energy") + t.real(row, "objective"));
                      }),
                      full.size(), "largest |free energy + F| with k = K, which is EM"),
        data_sets(full, ended_early));

    // An expert that runs empty ends gate routing: that is what it does, no refused data set.
    const Rows gate = rows_of(table, true);
    const Rows finite(table, [](const Table& t, std::size_t row) {
        return t.text(row, "rule") == "gate" && !not_finite(t, row);
    });
    const std::int64_t fell =
        data_sets(finite, [&](const Table& t, std::size_t row) { return fall(t, row) > rounding; });
    add(decide_finite("C6.gate-routing", {moe::Relation::at_least, 1.0, 0.0},
                      static_cast<double>(fell), finite.size(),
                      "data sets in which the free energy of gate routing fell, by up to " +
                          moe::rounded(std::max(0.0, finite.largest(fall)), 3) +
                          " in one iteration; an expert ran empty in " +
                          std::to_string(data_sets(gate, ended_early))),
        data_sets(gate, not_finite));
}

} // namespace em_vs_gradient
