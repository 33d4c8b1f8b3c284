// Figures of the benchmarks of the forward pass, the store and routing (data/bench): throughput
// against peers and the machine's own matrix product, memory and time under a residency budget,
// routing. Drawn from the committed results; no theorem program makes them.

#include "figure_program.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace {

using moe::BenchData;
using moe::Figure;
using moe::FigureWidth;
using moe::Panel;
using moe::PlotTable;
using moe::Scale;

using Labels = std::vector<std::pair<const char*, const char*>>;

bool has_text(const PlotTable& table, const std::string& column, const std::string& text) {
    const std::vector<std::string> texts = table.texts(column);
    return std::ranges::find(texts, text) != texts.end();
}

std::string with_blanks(std::string name) {
    std::ranges::replace(name, '_', ' ');
    return name;
}

/// A level from the least to the largest x.
void level(Panel& panel, const std::string& label, const std::vector<double>& x, double y) {
    const auto [least, most] = std::ranges::minmax(x);
    panel.theory(label, {least, most}, {y, y});
}

// ---- throughput against the number of experts, 8 inputs, two hidden layers of 32

constexpr double flop_per_input = 2 * (8 * 32 + 32 * 32 + 32 * 1);

PlotTable drawn_shapes(const PlotTable& table, const std::string& type) {
    return table.where("name2", type)
        .where("n", 8)
        .where("depth", 3)
        .where("width", 32)
        .where("batch", 65536);
}

void draw_throughput(Panel& panel, const PlotTable& forward, const std::string& type) {
    const Labels contestants{{"ours", "ours, routing included"},
                             {"eigen", "Eigen, routed"},
                             {"libxsmm", "libxsmm, routed"},
                             {"torch_loop", "LibTorch loop, routed"},
                             {"torch_padded", "LibTorch padded, routed"}};
    const PlotTable rows = drawn_shapes(forward, type).where("threads", 1);
    for (const auto& [name, label] : contestants) {
        if (!has_text(rows, "name1", name)) continue; // the peer was not installed
        const PlotTable series = rows.where("name1", name);
        panel.measured(label, {series.numbers("experts"), series.numbers("ns/input")});
    }
    const std::vector<double> experts = rows.where("name1", "ours").numbers("experts");
    if (has_text(forward, "name1", "gemm")) {
        const double gflops =
            forward.where("name1", "gemm").where("name2", type).numbers("GFLOP/s").at(0);
        level(panel, "arithmetic at the speed of OpenBLAS", experts, flop_per_input / gflops);
    }
}

Figure throughput(BenchData& data) {
    const PlotTable forward = data.table("bench_forward");
    Figure figure("forward_throughput", FigureWidth::double_column,
                  "Forward pass on one core: 8 inputs, two hidden layers of 32, batch 65536");
    for (const std::string type : {"float32", "float64"}) {
        Panel& panel = figure.panel(type)
                           .x_axis({.name = "experts L", .scale = Scale::log2})
                           .y_axis({.name = "time per input",
                                    .unit = "ns",
                                    .scale = Scale::log10,
                                    .low = 10.0,
                                    .high = 1100.0});
        draw_throughput(panel, forward, type);
        if (type == "float32" && data.has("bench_forward_cuda")) {
            const PlotTable rows = drawn_shapes(data.table("bench_forward_cuda"), type);
            for (const std::string& kernel : rows.distinct("name1")) {
                const PlotTable series = rows.where("name1", kernel);
                panel.measured("CUDA, " + with_blanks(kernel),
                               {series.numbers("experts"), series.numbers("ns/input")});
            }
        }
    }
    return figure;
}

// ---- memory and time under a residency budget

Figure residency(BenchData& data) {
    const PlotTable store = data.table("bench_residency");
    Figure figure("forward_residency", FigureWidth::double_column,
                  "Expert store: 4096 experts in a file, 8 inputs, two hidden layers of 32, "
                  "batch 65536, float32");
    Panel& memory = figure.panel("memory for experts, counted")
                        .x_axis({.name = "budget", .unit = "bytes", .scale = Scale::log10})
                        .y_axis({.name = "peak resident", .unit = "bytes", .scale = Scale::log10});
    Panel& time = figure.panel("time")
                      .x_axis({.name = "budget", .unit = "bytes", .scale = Scale::log10})
                      .y_axis({.name = "time per input", .unit = "ns", .scale = Scale::log10});
    const Labels inputs{{"uniform", "uniform inputs (4096 experts)"},
                        {"corner", "inputs in a corner (16 experts)"}};
    for (const auto& [kind, label] : inputs) {
        const PlotTable rows = store.where("inputs", kind);
        const PlotTable first = rows.where("name1", "first_pass");
        const std::vector<double> budget = first.numbers("budget_bytes");
        memory.measured(label, {budget, first.numbers("peak_resident_bytes")});
        const std::string short_label = kind == std::string("uniform") ? "uniform" : "corner";
        time.measured(short_label + ", first pass", {budget, first.numbers("ns/input")});
        const PlotTable next = rows.where("name1", "next_pass");
        time.measured(short_label + ", next pass",
                      {next.numbers("budget_bytes"), next.numbers("ns/input")});
        const PlotTable whole = rows.where("name1", "whole_model");
        if (short_label == "uniform") {
            level(memory, "whole model", budget, whole.numbers("peak_resident_bytes").at(0));
        }
        level(time, short_label + ", whole model in memory", budget,
              whole.numbers("ns/input").at(0));
    }
    return figure;
}

// ---- routing

Figure routing(BenchData& data) {
    const PlotTable rows = data.table("bench_routing").where("name3", 8); // <rule>/<way>/n/-/L/B
    Figure figure("forward_routing", FigureWidth::double_column,
                  "Routing alone on one core, 8 inputs");
    const Labels rules{{"grid", "grid"}, {"tree", "stored tree"}, {"flat", "random prototypes"}};
    const Labels ways{{"batch", "ours, a batch at once"},
                      {"single", "ours, input by input"},
                      {"nanoflann10", "nanoflann, leaves of 10"},
                      {"nanoflann32", "nanoflann, leaves of 32"},
                      {"faiss", "FAISS IndexFlatL2"},
                      {"eigen", "Eigen"}};
    for (const auto& [rule, title] : rules) {
        const PlotTable of_rule = rows.where("name1", rule);
        Panel& panel = figure.panel(title)
                           .x_axis({.name = "leaves L", .scale = Scale::log2})
                           .y_axis({.name = "time per input",
                                    .unit = "ns",
                                    .scale = Scale::log10,
                                    .low = 1.0,
                                    .high = 3e4});
        for (const auto& [way, label] : ways) {
            if (!has_text(of_rule, "name2", way)) continue; // the peer was not installed
            const PlotTable series = of_rule.where("name2", way);
            panel.measured(label, {series.numbers("name5"), series.numbers("ns/input")});
        }
    }
    return figure;
}

std::vector<Figure> draw(BenchData& data) {
    return {throughput(data), residency(data), routing(data)};
}

} // namespace

int main(int argc, char** argv) {
    return moe::figure_main(
        argc, argv,
        moe::BenchFigureProgram{"fig_forward",
                                "throughput of the forward pass, residency and routing", draw});
}
