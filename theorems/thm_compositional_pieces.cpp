// thm_compositional_pieces: depth-2L mixtures of experts represent functions of E^L pieces with
// L E experts.
//
// Paper     Wang, E, "On the Expressive Power of Mixture-of-Experts for Structured Complex Tasks",
//           arXiv:2505.24205, NeurIPS 2025, abstract and Theorem 5.2: O(L) layers with E experts
//           each handle f(x) = f_out(f_{1,i_1}(x_1), .., f_{L,i_L}(x_L)), E^L pieces.
// Built     The state (x_1..x_L, S) passes L pairs of layers. The dense odd layer appends
//           rho_e = 2 y_e x_l - y_e^2, y_e the centre of the expert's interval; the even layer
//           routes to the largest rho and adds f_{l,i_l}(x_l) to S. Real layers with top-1 gates.
// Measured  pieces     on every box (i_1..i_L): routing, |net - target|, gradients by central
//                      differences, and how many of them differ;
//           charts     charts of two intervals: rho = max of two affine functions, and what linear
//                      gates without the odd layer misroute;
//           maximum    f_out = max;
//           one-layer  a layer with n = L E experts (h hidden layers of width m) is affine on
//                      T = n s^h convex cells, s = sum_{j<=min(L,m)} C(m,j), and misses
//                      Phi_q = sum_l phi_q(x_l) (q pieces a coordinate, |phi_q - t^2| <= 1/(8q^2))
//                      by  LB = (T V_L)^(-2/L)/2 - L/(8q^2);  layers that try must stay above;
//           smooth     C^2 sub-functions, experts that interpolate: error over all boxes against
//                      sum_l max_i max|f''| / (8 E^2 (m+1)^2);
//           trained    experiment II: nine boxes learnt by two gated layers of three experts (2-3)
//                      and by one layer of six (1-6) or nine (1-9).
// Judged    0 misrouted, error <= 1e-12, E^L different gradients, LB > deep error, no contender
//           below 0.98 LB (their largest error is over a sample), slopes -2 and -2/L. Trained: 2-3
//           has less than half the error of 1-6 for m >= 32, and for m = 32, 64 no larger error
//           than 1-6 at twice the width; a run that fails refutes.
// Refuted   by one misrouted box, one gradient less, a contender below the bound, another slope.
// Not said  that dense nets cannot do it: a wide one represents Phi_q; the bound compares experts
//           of equal width. And not every function of E^L pieces is hard: parity is not.
//
// Sample runs (2 cores):
//   thm_compositional_pieces                            quick preset, some seconds
//   thm_compositional_pieces --preset full              262144 pieces and more; 4 minutes
//   thm_compositional_pieces --only pieces --experts 8 --dimensions 6 --boxes 262144
//   thm_compositional_pieces --query '{"q":"train","model":"2-3","m":32,"steps":6000,"seeds":4}'
//   thm_compositional_pieces --query '{"q":"exhaustive","E":8,"L":4,"family":"rand"}'

#include "compositional_pieces/constructions.hpp"
#include "compositional_pieces/judgement.hpp"
#include "compositional_pieces/one_layer.hpp"
#include "compositional_pieces/queries.hpp"
#include "compositional_pieces/trained.hpp"

#include "basics/error.hpp"
#include "basics/integer_power.hpp"
#include "program/program.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace compositional_pieces;
using moe::CellContext;
using moe::Options;

using Sizes = std::vector<std::pair<std::int64_t, std::int64_t>>; // (E, L)

std::string suffix(std::int64_t E, std::int64_t L) {
    return ".E" + std::to_string(E) + ".L" + std::to_string(L);
}

std::uint32_t small(std::int64_t value) {
    return static_cast<std::uint32_t>(value);
}

/// (E, L) of the sweeps, each once. Refuses sizes whose boxes no counter holds.
Sizes sweep_sizes(const Options& options) {
    moe::require_different("experts", options.integers("experts"));
    moe::require_different("dimensions", options.integers("dimensions"));
    Sizes sizes;
    const auto add = [&](std::int64_t E, std::int64_t L) {
        if (!moe::power_below_limit(static_cast<std::uint64_t>(E), static_cast<int>(L)))
            throw moe::InputError("--experts " + std::to_string(E) + " with dimension " +
                                  std::to_string(L) + ": E^L must be below 2^62");
        if (std::find(sizes.begin(), sizes.end(), std::pair(E, L)) == sizes.end())
            sizes.emplace_back(E, L);
    };
    for (const std::int64_t E : options.integers("experts")) {
        for (const std::int64_t L : options.integers("dimensions"))
            add(E, L);
    }
    const auto& more = options.integers("more-experts");
    const auto& dimensions = options.integers("more-dimensions");
    if (more.size() != dimensions.size())
        throw moe::InputError("--more-experts has " + std::to_string(more.size()) +
                              " entries, --more-dimensions " + std::to_string(dimensions.size()) +
                              "; they must be as many");
    for (std::size_t i = 0; i < more.size(); ++i)
        add(more[i], dimensions[i]);
    return sizes;
}

/// Evaluations of one layer in a sweep.
double sweep_cost(const Options& options, std::int64_t E, std::int64_t L) {
    const double boxes = std::min(std::pow(static_cast<double>(E), static_cast<double>(L)),
                                  static_cast<double>(options.integer("boxes")));
    return boxes * static_cast<double>((2 * L + 2) * 2 * L);
}

std::vector<moe::Cell> plan(const Options& options) {
    std::vector<moe::Cell> cells;
    const auto add = [&](std::string name, const char* check, double cost, auto run) {
        cells.push_back({std::move(name), check, cost, std::move(run)});
    };
    for (const auto& [E, L] : sweep_sizes(options)) {
        for (const std::string family : {"quad", "dyadic", "relu", "rand"}) {
            // Only with E a power of two is everything dyadic.
            if (family == "dyadic" && (E & (E - 1)) != 0) continue;
            add("pieces" + suffix(E, L) + "." + family, "pieces", sweep_cost(options, E, L),
                [options, family, E = E, L = L](const CellContext& context) {
                    return measure_sweep(context, options, family, small(E), small(L));
                });
        }
    }
    for (const auto& [E, L] : Sizes{{2, 3}, {3, 3}, {4, 4}, {5, 3}}) {
        add("charts" + suffix(E, L), "charts", 1e6,
            [options, E = E, L = L](const CellContext& context) {
                return measure_charts(context, options, small(E), small(L));
            });
    }
    for (const auto& [E, L] : Sizes{{1, 2}, {2, 6}, {3, 4}, {4, 4}, {8, 3}, {8, 4}}) {
        add("maximum" + suffix(E, L), "maximum", 1e5,
            [options, E = E, L = L](const CellContext& context) {
                return measure_maximum(context, options, small(E), small(L));
            });
    }
    for (const Comparison& sizes : comparisons(options.integer("most-experts"))) {
        const std::string of = suffix(sizes.E, sizes.L) + ".m" + std::to_string(sizes.m);
        add("one-layer" + of, "one-layer", 1e6, [options, sizes](const CellContext& context) {
            return measure_bound(context, options, sizes);
        });
        if (counting_only(sizes)) continue;
        for (const std::string function : contender_functions) {
            for (const std::string kind : contender_kinds) {
                add("one-layer" + of + "." + kind + "." + function, "one-layer",
                    1e5 * static_cast<double>(sizes.E * sizes.L),
                    [options, sizes, kind, function](const CellContext& context) {
                        return measure_contender(context, options, sizes, kind, function);
                    });
            }
        }
    }
    moe::require_different("scaling-dimensions", options.integers("scaling-dimensions"));
    for (const std::int64_t L : options.integers("scaling-dimensions")) {
        add("scaling.L" + std::to_string(L), "one-layer", std::pow(32.0, static_cast<double>(L)),
            [options, L](const CellContext& context) {
                return measure_scaling(context, options, small(L));
            });
    }
    add("easy", "one-layer", 1e5, [](const CellContext& context) { return measure_easy(context); });
    moe::require_different("knots", options.integers("knots"));
    for (const auto& [E, L] : Sizes{{4, 1}, {4, 2}, {4, 3}, {4, 4}, {8, 4}, {3, 2}, {1, 2}}) {
        add("smooth" + suffix(E, L), "smooth", 1e5,
            [options, E = E, L = L](const CellContext& context) {
                return measure_smooth(context, options, small(E), small(L));
            });
    }
    add_trained_cells(options, cells);
    return cells;
}

} // namespace

int main(int argc, char** argv) {
    moe::Program program = declaration();
    program.plan = plan;
    program.judge = judge;
    program.queries = queries();
    return moe::run(program, argc, argv);
}
