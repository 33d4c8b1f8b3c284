#pragma once
// Can a linear gate route the charts of a curve? (The project's notes on arXiv:2505.24205, 2.6.)
// Charts are arcs of the parameter circle: U_i = {|th - 2 pi i/E| < beta}. A core point lies in
// exactly one U_i and must go to chart i; in an overlap either chart is right.

#include "basics/random.hpp"
#include "layers/linear_gate.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace moe {

/// E arcs of half-width beta that cover the circle.
struct ArcCover {
    std::size_t charts;
    double half_width;
};

/// The chart of a core angle; nothing where the angle lies in several arcs.
struct CorePoint {
    double angle;
    std::size_t chart;
};
/// The core points among the angles 2 pi p/count. Throws InputError for no chart, a
/// half-width that is not above pi/E (the arcs would not cover the circle) or not below pi.
[[nodiscard]] std::vector<CorePoint> core_points(const ArcCover& cover, std::size_t count);

/// A closed curve th -> R^n, into the span.
struct Curve {
    std::size_t own; ///< n
    std::function<void(double, std::span<double>)> point;
};
[[nodiscard]] Curve circle_curve();
[[nodiscard]] Curve winding_curve();

/// Core points that the gate does not send to their chart, as a fraction of all `count` angles that
/// core_points was asked for.
[[nodiscard]] double misrouted_fraction(const LinearGate& gate, const Curve& curve,
                                        std::span<const CorePoint> core, std::size_t count);

/// XOR certificate of the winding curve: with p = pi/6, cos 3p = 0, so for every c
/// u(c+p) + u(c-p) = u(c+pi+p) + u(c+pi-p). Largest entry of the difference over `count` angles c
/// in [-pi, pi).
[[nodiscard]] double xor_residual(std::size_t count);
/// Least misrouted fraction of any linear gate on the winding curve with four charts of half-width
/// beta: for |c - c_i| <= pi/12 - (beta - pi/4), c_i the four chart centres, one of four core
/// points goes wrong, so 4 (pi/3 - beta)/(2 pi); 0.103 for beta = pi/4 + 0.1.
[[nodiscard]] double misrouted_bound(double half_width);

/// W, b standard normal.
[[nodiscard]] LinearGate random_gate(std::size_t experts, std::size_t inputs, RandomStream& random);
/// Multinomial logistic regression of the charts on the core points by gradient descent with
/// momentum: normal start of random size, random step size in [0.1, 1], `steps` steps.
[[nodiscard]] LinearGate logistic_gate(const Curve& curve, const ArcCover& cover,
                                       std::span<const CorePoint> core, std::size_t steps,
                                       RandomStream& random);

/// The linear program max delta with (w_i - w_j)'u + b_i - b_j >= delta at every core point u of
/// chart i, for all j != i, all weights and biases in [-1, 1]: positive iff a linear gate routes
/// the core points. Solved by GLPK's simplex; EnvironmentError if it finds no optimum.
struct MarginGate {
    LinearGate gate;
    double margin;
};
[[nodiscard]] MarginGate largest_margin(const Curve& curve, const ArcCover& cover,
                                        std::span<const CorePoint> core);

} // namespace moe
