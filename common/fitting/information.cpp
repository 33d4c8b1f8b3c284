#include "fitting/information.hpp"

#include "basics/numbers.hpp"
#include "fitting/em.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace moe {
namespace {

constexpr double em_step = 1e-9;
constexpr double gradient_tolerance = 1e-14;
constexpr int newton_steps = 50;

struct Matrices {
    Matrix complete; ///< with the ridge
    Matrix missing;
};

Matrices matrices(LatentModel& model, const Vector& theta) {
    Matrix r;
    model.posterior(theta, r);
    Matrices result;
    model.complete_information(r, theta, result.complete);
    result.complete.diagonal().array() += model.lambda();
    model.missing_information(theta, result.missing);
    return result;
}

/// EM until its step is below 1e-9.
void approach(LatentModel& model, Vector& theta, Index iterations) {
    const Iteration iteration = em(model);
    Vector before = theta;
    for (Index t = 0; t < iterations; ++t) {
        before = theta;
        iteration(theta);
        if ((theta - before).norm() < em_step) return;
    }
    throw FitError(FitFailure::not_converged,
                   "EM did not converge: its step is " + rounded((theta - before).norm(), 3) +
                       " after " + std::to_string(iterations) + " iterations, wanted 1e-9");
}

/// grad F, a difference of terms of size I_c theta, knows no smaller numbers than their rounding.
double attainable_gradient(const Matrix& complete, const Vector& theta) {
    const double noise = 4.0 * std::numeric_limits<double>::epsilon() *
                         complete.cwiseAbs().maxCoeff() * theta.lpNorm<Eigen::Infinity>();
    return std::max(gradient_tolerance, noise);
}

} // namespace

Vector stationary_point(LatentModel& model, Vector theta, Index em_iterations) {
    approach(model, theta, em_iterations);
    Vector gradient;
    double size = 0.0;
    for (int step = 0; step < newton_steps; ++step) {
        const Matrices at = matrices(model, theta);
        const Eigen::LLT<Matrix> observed(at.complete - at.missing);
        if (observed.info() != Eigen::Success) {
            throw FitError(FitFailure::not_converged,
                           "EM arrived where the observed information is not positive definite: no "
                           "isolated minimum");
        }
        model.loss_gradient(theta, gradient);
        gradient += model.lambda() * theta;
        size = gradient.lpNorm<Eigen::Infinity>();
        if (size <= attainable_gradient(at.complete, theta)) return theta;
        theta -= observed.solve(gradient);
    }
    throw FitError(FitFailure::not_converged,
                   "Newton's method did not converge: |grad F| = " + rounded(size, 3) + " after " +
                       std::to_string(newton_steps) + " steps, wanted 1e-14");
}

Information information(LatentModel& model, const Vector& theta) {
    Matrices at = matrices(model, theta);
    if (Eigen::LLT<Matrix>(at.complete).info() != Eigen::Success) {
        throw FitError(FitFailure::collinear,
                       "the complete information is not positive definite: collinear features or "
                       "an empty expert");
    }
    const Eigen::GeneralizedSelfAdjointEigenSolver<Matrix> eigen(at.missing, at.complete);
    return {std::move(at.complete), std::move(at.missing), eigen.eigenvalues().reverse(),
            eigen.eigenvectors().rowwise().reverse()};
}

} // namespace moe
