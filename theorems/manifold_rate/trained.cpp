#include "manifold_rate/trained.hpp"

#include "basics/parallel.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace manifold_rate {

namespace {

const char* const paper = "arXiv:2505.24205";
const char* const experiment = "experiment I as reported; our setting, notes 2.9; no theorem";

/// The runs of one kind: how a task differs from the mixture of experts on the circle.
struct Series {
    std::string name;
    CircleTask task;
};

std::vector<Series> series(const moe::Options& options) {
    std::vector<Series> all;
    CircleTask plain;
    plain.steps = static_cast<std::uint64_t>(options.integer("trained-steps"));
    moe::require_different("trained-ambient", options.integers("trained-ambient"));
    for (const std::int64_t D : options.integers("trained-ambient")) {
        CircleTask moe = plain;
        moe.ambient = static_cast<std::size_t>(D);
        CircleTask padded = moe;
        padded.initialisation = moe::Initialisation::fan_in;
        padded.rotated = false;
        all.push_back({"moe", moe});
        all.push_back({"moe-fan-in", padded});
        all.push_back({"dense-active", dense(moe, dense_width_of_active(moe))});
        all.push_back({"dense-total", dense(moe, dense_width_of_total(moe))});
        all.push_back({"dense-total-fan-in", dense(padded, dense_width_of_total(moe))});
    }
    moe::require_different("trained-circles", options.integers("trained-circles"));
    for (const std::int64_t circles : options.integers("trained-circles")) {
        CircleTask control = plain;
        control.ambient = static_cast<std::size_t>(control_dimension);
        control.circles = static_cast<std::size_t>(circles);
        control.rotated = false;
        all.push_back({"circles", control});
    }
    if (options.sabotage() == "dim") {
        for (Series& each : all)
            each.task.circles = 4;
    }
    return all;
}

moe::CellResult measure(const moe::CellContext& context, const Series& of, std::int64_t run) {
    const CircleTask& task = of.task;
    const shared::TrainedRun trained = train_on_circle(task, context.seed(), context.cell_key(),
                                                       [&] { context.leave_if_stopped(); });
    const moe::StackShape shape = circle_shape(task);
    const auto integer = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    moe::CellResult result;
    result.add("trained",
               {of.name, integer(task.ambient), integer(task.circles), integer(task.experts),
                integer(task.width), run, static_cast<std::int64_t>(task.steps),
                integer(shape.parameters()), integer(shape.active_parameters()), trained.mse,
                trained.max_error, shared::loads_text(trained), trained.failure});
    return result;
}

nlohmann::ordered_json train(moe::Query& query) {
    CircleTask task;
    task.circles = static_cast<std::size_t>(query.integer("circles", 1, 1024, 1));
    task.ambient = static_cast<std::size_t>(
        query.integer("D", 2 * static_cast<std::int64_t>(task.circles), 4096));
    task.experts = static_cast<std::size_t>(query.integer("experts", 1, 1024, 4));
    task.width = static_cast<std::size_t>(query.integer("m", 1, 4096, 10));
    task.steps = static_cast<std::uint64_t>(query.integer("steps", 1, shared::largest_steps));
    const auto seeds = static_cast<std::size_t>(query.integer("seeds", 1, 1000));
    task.rate = query.real("lr", {.low = 0.0, .high = 10.0, .low_open = true}, task.rate);
    if (query.text("init", {"data", "fan-in"}, "data") == "fan-in")
        task.initialisation = moe::Initialisation::fan_in;
    task.rotated = query.text("embedding", {"rotated", "padded"}, "rotated") == "rotated";
    std::vector<double> errors(seeds);
    moe::parallel_for(seeds, moe::available_cores(), [&](std::size_t seed) {
        errors[seed] = train_on_circle(task, seed, moe::cell_key("query.train")).mse;
    });
    return shared::errors_answer(errors);
}

} // namespace

std::vector<moe::OptionSpec> trained_options() {
    return {moe::integers_option("trained-ambient", "ambient dimensions D of the trained networks",
                                 {8, 1024}, {16, 64}, {16, 32, 64, 128}, "", {1, 40}),
            moe::integers_option("trained-circles",
                                 "circles of the control in R^16: 2 nd own coordinates", {2, 8},
                                 {4}, {2, 4, 8}, "circles", {1, 7}),
            moe::integer_option("trained-seeds", "training runs of each network", {2, 1000}, 5, 12,
                                "runs"),
            moe::integer_option("trained-steps", "steps of a training run, batches of 256",
                                {1, shared::largest_steps}, 6000, 12000, "steps"),
            moe::real_option("trained-margin",
                             "change of log10 error for a doubled D that counts as none",
                             {.low = 0.0, .high = 10.0, .low_open = true}, 0.35, 0.2, "decades")};
}

moe::TableSchema trained_schema() {
    using moe::ColumnType;
    return {"trained",
            "trained networks on circles in R^D, tested on 8192 points",
            {{"network", ColumnType::text,
              "moe: four experts, data-scaled start, rotated circle; moe-fan-in: padded circle; "
              "dense-active, dense-total: as many active or total parameters; circles: control"},
             {"D", ColumnType::integer, "ambient dimension"},
             {"circles", ColumnType::integer, "intrinsic dimension"},
             {"experts", ColumnType::integer, "1: dense network without gate"},
             {"m", ColumnType::integer, "width of an expert's hidden layer"},
             {"run", ColumnType::integer, "number of the run"},
             {"steps", ColumnType::integer, "of Adam, batches of 256"},
             {"total_parameters", ColumnType::integer, "gates included"},
             {"active_parameters", ColumnType::integer, "of one evaluation, gates included"},
             {"mse", ColumnType::real, "mean squared error; the target's variance is 1.131"},
             {"max_error", ColumnType::real, "largest error"},
             {"loads", ColumnType::text, "fraction of the points by expert"},
             {"failure", ColumnType::text, "what ended the training, if anything"}}};
}

std::vector<moe::ClaimInfo> trained_claims() {
    return {
        {"trained.error", "trained", paper, experiment,
         "four trained experts of width 10 on a circle in R^D: geometric mean error at most "
         "3e-3 at every D (the target's variance is 1.131)"},
        {"trained.dimension", "trained", paper, experiment,
         "a doubled D changes their error by less than a margin, by a test of equivalence: the "
         "slope of log10 error on log2 D and its whole 95 % interval lie within 0.2 decades per "
         "doubling in full, 0.35 in quick (data-scaled start)"},
        {"trained.control", "trained", paper, experiment,
         "the experiment can see a dimension: four circles in R^16 have more than 5 times the "
         "error of one"},
        {"trained.power", "trained", paper, experiment,
         "so can the test, a gross one: where the number of circles stands for D, the whole "
         "interval of the slope lies beyond the margin of trained.dimension"},
        {"trained.dense", "trained", paper, experiment,
         "comparison of geometric means over runs: the experts' error is below that of one "
         "dense network with as many active parameters at every D; nothing is said against "
         "dense networks"}};
}

moe::SabotageInfo trained_sabotage() {
    return {"dim",
            "trains on four circles where one is due",
            "trained",
            {"--only", "trained", "--trained-ambient", "16", "--trained-steps", "500",
             "--trained-seeds", "2"}};
}

void add_trained_cells(const moe::Options& options, moe::Plan& cells) {
    for (const Series& each : series(options)) {
        const std::string of =
            "trained." + each.name + ".D" + std::to_string(each.task.ambient) +
            (each.name == "circles" ? ".c" + std::to_string(each.task.circles) : std::string());
        const auto work =
            static_cast<double>(each.task.steps * (500 + circle_shape(each.task).parameters()));
        for (std::int64_t run = 0; run < options.integer("trained-seeds"); ++run)
            cells.push_back({of + ".r" + std::to_string(run), "trained", work,
                             [each, run](const moe::CellContext& context) {
                                 return measure(context, each, run);
                             }});
    }
}

moe::QueryInfo train_query() {
    return {"train",
            "D, steps, seeds [, experts, m, circles, init (data, fan-in), embedding (rotated, "
            "padded), lr] -> mse[], gmean, sd_log10",
            train};
}

} // namespace manifold_rate
