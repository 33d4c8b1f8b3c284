#include "mixtures/gated_m_step.hpp"

#include "basics/numbers.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>

namespace moe {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double gradient_tolerance = 1e-14;
constexpr int pass_limit = 200;

/// Whether sum_i weight_i x_i x_i' is singular to rounding, its diagonal scaled to 1.
bool singular_gram(const Matrix& x, const Vector& weights) {
    const Matrix gram = x.transpose() * (weights.asDiagonal() * x);
    const Vector size = gram.diagonal().cwiseMax(0.0).cwiseSqrt();
    if (!(size.minCoeff() > 0.0)) return true;
    const Vector inverse = size.cwiseInverse();
    const Matrix scaled = inverse.asDiagonal() * gram * inverse.asDiagonal();
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(scaled, Eigen::EigenvaluesOnly);
    return !(eigen.eigenvalues()[0] > 100 * epsilon * static_cast<double>(x.cols()));
}

} // namespace

GatedMStep::GatedMStep(const GatedShape& shape, const GatedSettings& settings, const Samples& data,
                       const TiledSamples& tiles, const GatedKernels& kernels,
                       const KnownGate& known)
    : shape_(shape)
    , settings_(settings)
    , data_(data)
    , tiles_(tiles)
    , kernels_(kernels)
    , row_(tile_array(1))
    , mean_(tile_array(1))
    , slope_(tile_array(1))
    , weighted_x_(tile_array(shape.p))
    , gram_(shape.p)
    , factor_(shape.p)
    , gradient_(shape.p)
    , step_(shape.p) {
    if (shape.K > 1) {
        gate_.emplace(tiles, shape.K, settings.lambda, kernels, known);
        gate_newton_.emplace(shape.gate_parameters());
        gate_point_.resize(shape.gate_parameters());
    }
    if (shape.family == ExpertFamily::multinomial) {
        const Index size = shape.p * forms_per_expert(shape);
        classes_.emplace(tiles, shape.C, settings.lambda, kernels);
        class_newton_.reserve(static_cast<std::size_t>(shape.K));
        for (Index k = 0; k < shape.K; ++k)
            class_newton_.emplace_back(size, Hessians::kept);
        class_point_.resize(size);
    }
}

std::string GatedMStep::expert_name(Index k) const {
    return "expert " + std::to_string(k) + " (of 0.." + std::to_string(shape_.K - 1) + ")";
}

void GatedMStep::explain(NewtonOutcome outcome, const Vector& weights,
                         const std::string& part) const {
    const std::string start = "no M-step for the " + part + ": ";
    if (settings_.lambda == 0.0) {
        if (singular_gram(data_.x, Vector::Ones(data_.x.rows())))
            throw FitError(FitFailure::collinear, start + "the features are collinear");
        if (singular_gram(data_.x, weights))
            throw FitError(FitFailure::collinear,
                           start + "the features are collinear on its samples");
        if (outcome != NewtonOutcome::not_converged)
            throw FitError(FitFailure::separable,
                           start + "no finite maximiser, its labels are separable (lambda = 0)");
    }
    throw FitError(FitFailure::not_converged,
                   start + "Newton's method did not converge in 200 steps");
}

void GatedMStep::check_masses(const Matrix& r) {
    // A ridge makes the M-step well posed whatever an expert holds.
    if (settings_.lambda > 0.0) return;
    for (Index k = 0; k < shape_.K; ++k) {
        LaneSums sums;
        for (Index tile = 0; tile < tiles_.tiles(); ++tile)
            kernels_.add(tile_rows(tiles_, r, k, 1, tile, row_.data()).data, tiles_.padded(tile),
                         sums);
        if (!(sums.total() >= static_cast<double>(shape_.p + 1)))
            throw FitError(FitFailure::empty_expert,
                           "no M-step for " + expert_name(k) + ": it holds " +
                               rounded(sums.total(), 4) +
                               " effective samples, expected at least p + 1 = " +
                               std::to_string(shape_.p + 1));
    }
}

void GatedMStep::fit_gate(const Matrix& r, GatedParameters& parameters) {
    gate_->set(r);
    gate_point_ = parameters.gate.reshaped();
    const NewtonOutcome outcome = gate_newton_->minimise(*gate_, gate_point_);
    if (outcome != NewtonOutcome::converged) explain(outcome, r.rowwise().sum(), "gate");
    parameters.gate.reshaped() = gate_point_;
}

void GatedMStep::fit_classes(const Matrix& r, Index k, GatedParameters& parameters) {
    const Index forms = forms_per_expert(shape_);
    auto own = parameters.experts.middleCols(k * forms, forms);
    classes_->set(r, k);
    class_point_ = own.reshaped();
    const NewtonOutcome outcome =
        class_newton_[static_cast<std::size_t>(k)].minimise(*classes_, class_point_);
    if (outcome != NewtonOutcome::converged) explain(outcome, r.col(k), expert_name(k));
    own.reshaped() = class_point_;
}

void GatedMStep::linear_moments(const Matrix& r, Index k, const GatedParameters& at, double scale) {
    const Index p = shape_.p;
    std::fill_n(gram_.data(), gram_.stride() * p, 0.0);
    gradient_.setZero();
    LaneSums squares;
    LaneSums masses;
    for (Index tile = 0; tile < tiles_.tiles(); ++tile) {
        const Index count = tiles_.padded(tile);
        const double* const x = tiles_.x(tile);
        const double* const weight = tile_rows(tiles_, r, k, 1, tile, row_.data()).data;
        kernels_.linear_forms(x, p, at.experts.col(k).data(), 1, count, mean_.data());
        kernels_.normal_slopes(mean_.data(), tiles_.y(tile), weight, scale, count, slope_.data(),
                               squares, masses);
        kernels_.products(x, p, slope_.data(), 1, count, false, gradient_.data(), p);
        kernels_.scale(x, weight, p, count, weighted_x_.data());
        kernels_.products(weighted_x_.data(), p, x, p, count, true, gram_.data(), gram_.stride());
    }
    const auto n = static_cast<double>(tiles_.samples());
    gradient_ = gradient_ / n + settings_.lambda * at.experts.col(k);
    for (Index j = 0; j < p; ++j) {
        for (Index i = j; i < p; ++i)
            gram_(i, j) *= scale / n;
        gram_(j, j) += settings_.lambda;
    }
    squares_ = squares.total();
    mass_ = masses.total();
}

/// Weighted least squares as Newton steps from the incoming coefficients: what rounding leaves of
/// the gradient after a long step is removed by a short one.
void GatedMStep::fit_linear(const Matrix& r, Index k, GatedParameters& parameters) {
    const auto n = static_cast<double>(tiles_.samples());
    const bool natural = shape_.family == ExpertFamily::free_variance;
    const double scale = natural ? 1.0 : parameters.tau[k];
    auto beta = parameters.experts.col(k);
    double previous = std::numeric_limits<double>::infinity();
    for (int pass = 0; pass < pass_limit; ++pass) {
        linear_moments(r, k, parameters, scale);
        const double size = gradient_.lpNorm<Eigen::Infinity>();
        const double noise =
            4 * epsilon * tiles_.feature_scales().maxCoeff() * scale *
            (std::sqrt(squares_ / n) + tiles_.feature_scales().dot(beta.cwiseAbs()));
        const bool arrived = size <= gradient_tolerance || (size <= noise && size > 0.5 * previous);
        previous = size;
        double rounding = 0.0;
        double decrease = 0.0;
        if (!arrived) {
            std::copy_n(gram_.data(), gram_.stride() * gram_.size(), factor_.data());
            if (!cholesky_factor(factor_))
                explain(NewtonOutcome::singular, r.col(k), expert_name(k));
            step_ = -gradient_;
            cholesky_solve(factor_, step_.data());
            decrease = -n * gradient_.dot(step_);
            beta += step_;
            rounding = 4 * epsilon * gram_(0, 0);
            for (Index j = 0; j < shape_.p; ++j)
                rounding = std::max(rounding, 4 * epsilon * gram_(j, j));
            rounding *= step_.lpNorm<1>();
        }
        // The squares fell by n g'G^{-1}g = decrease / scale; where most of them went, that
        // difference is inaccurate.
        const bool accurate = !natural || decrease <= 0.5 * squares_;
        if (rounding <= 0.25 * gradient_tolerance && accurate) {
            squares_ -= decrease / scale;
            break;
        }
        if (pass + 1 == pass_limit) explain(NewtonOutcome::not_converged, r.col(k), expert_name(k));
    }
    if (!natural) return;
    const double largest = data_.y.lpNorm<Eigen::Infinity>();
    if (!(squares_ > mass_ * (16 * epsilon * largest) * (16 * epsilon * largest)))
        throw FitError(FitFailure::separable,
                       "no M-step for " + expert_name(k) +
                           ": no finite maximiser, its responses lie on a plane (variance 0)");
    parameters.tau[k] = mass_ / squares_;
}

void GatedMStep::run(const Matrix& r, GatedParameters& parameters) {
    check_masses(r);
    if (shape_.K > 1) fit_gate(r, parameters);
    for (Index k = 0; k < shape_.K; ++k) {
        if (shape_.family == ExpertFamily::multinomial)
            fit_classes(r, k, parameters);
        else
            fit_linear(r, k, parameters);
    }
}

} // namespace moe
