#pragma once
// The main of every figure program, so that plots/fig_<name>.cpp holds only what is drawn:
//
//     int main(int argc, char** argv) {
//         return moe::figure_main(argc, argv, {"fig_vc_bound", "thm_vc_bound", "bounds", draw});
//     }

#include "plots/bench_data.hpp"
#include "plots/run_data.hpp"
#include "plots/style.hpp"

#include <functional>
#include <string>
#include <vector>

namespace moe {

struct FigureProgram {
    std::string name;    ///< "fig_vc_bound"
    std::string program; ///< whose results it reads: "thm_vc_bound"
    std::string summary; ///< one line for --help
    std::function<std::vector<Figure>(RunData&)> draw;
};

/// Options --runs DIR (data/runs), --out DIR (<runs>/figures), --help. Reads DIR/<program>/, draws,
/// prints the files written. Returns 0, 2 (bad usage, missing or mixed data) or 4 (gnuplot, I/O),
/// each failure with one line on stderr.
int figure_main(int argc, const char* const* argv, const FigureProgram& program);

/// Figures of benchmarks, which no theorem program makes.
struct BenchFigureProgram {
    std::string name;    ///< "fig_forward"
    std::string summary; ///< one line for --help
    std::function<std::vector<Figure>(BenchData&)> draw;
};

/// The same with --bench DIR (data/bench) instead of --runs; --out is data/runs/figures.
int figure_main(int argc, const char* const* argv, const BenchFigureProgram& program);

} // namespace moe
