#pragma once
// A minimiser for smooth functions of few variables that knows only values and gradients: BFGS
// (Nocedal and Wright, Numerical Optimization, ch. 6) until the gradient is small, then Newton's
// method with the gradient differenced, which goes on to rounding noise.

#include "mixtures/latent_model.hpp"

#include <functional>

namespace moe {

struct SmoothFunction {
    std::function<double(const Vector&)> value; ///< NaN or infinity outside the domain
    std::function<double(const Vector&, Vector& gradient)> value_and_gradient;
};

struct Minimum {
    Vector point;
    double gradient; ///< largest entry in absolute value
    bool converged;  ///< the last Newton step was below 1e-10 max(1, |point|) in every entry
};

/// A local minimum reached from `start`, which must be in the domain (std::invalid_argument).
/// `converged` is false where there is none, e.g. if the function falls for ever.
[[nodiscard]] Minimum minimise(const SmoothFunction& function, Vector start);

} // namespace moe
