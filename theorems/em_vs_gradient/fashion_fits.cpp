#include "em_vs_gradient/fashion_fits.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <limits>
#include <utility>

namespace em_vs_gradient {

namespace {

using moe::Index;
using moe::Matrix;
using moe::Vector;

constexpr Index classes = 10;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

moe::GatedShape shape_of(Index p, Index experts) {
    return {moe::ExpertFamily::multinomial, p, experts, classes};
}

/// Fraction of images whose largest class probability is at their label.
double accuracy_of(const Matrix& probabilities, const Vector& labels) {
    Index right = 0;
    for (Index i = 0; i < labels.size(); ++i) {
        Index best = 0;
        probabilities.row(i).maxCoeff(&best);
        if (static_cast<double>(best) == labels[i]) ++right;
    }
    return static_cast<double>(right) / static_cast<double>(labels.size());
}

/// Number of bits for which expert 0 has probability above 1/2 exactly if the image is inverted.
std::size_t agreement(const Matrix& probabilities, const std::vector<bool>& inverted) {
    std::size_t equal = 0;
    for (std::size_t i = 0; i < inverted.size(); ++i) {
        if ((probabilities(static_cast<Index>(i), 0) > 0.5) == inverted[i]) ++equal;
    }
    return equal;
}

/// Fraction of bits that agree, the experts swapped if that is better.
double recovered_bits(const Matrix& probabilities, const std::vector<bool>& inverted) {
    const std::size_t equal = agreement(probabilities, inverted);
    return static_cast<double>(std::max(equal, inverted.size() - equal)) /
           static_cast<double>(inverted.size());
}

} // namespace

Index fashion_parameters(Index d) {
    return shape_of(d + 1, 2).parameters();
}

FashionProblem::FashionProblem(const moe::InvertedImages& images, double lambda,
                               const moe::DeviateSource& source, std::function<void()> poll,
                               FashionFaults faults)
    : images_(images)
    , shape_(shape_of(images.train.x.cols(), 2))
    , settings_{1.0, lambda}
    , poll_(std::move(poll))
    , faults_(faults)
    , model_(moe::make_gated_mixture(shape_, settings_, images.train))
    , start_(shape_.parameters()) {
    const auto gate = source.stream(3);
    const auto experts = source.stream(4);
    for (Index i = 0; i < start_.size(); ++i) {
        start_[i] = i < shape_.gate_parameters() ? gate->normal() : 0.1 * experts->normal();
    }
    if (faults_.no_gate) start_.head(shape_.gate_parameters()).setZero();
}

FashionFit FashionProblem::single() {
    const moe::GatedShape shape = shape_of(shape_.p, 1);
    const auto model = moe::make_gated_mixture(shape, settings_, images_.train);
    Vector theta = Vector::Zero(shape.parameters());
    poll_();
    model->maximise(Matrix::Ones(model->samples(), 1), theta);
    const Matrix probabilities = moe::class_probabilities(shape, theta, images_.test.x);
    return {{model->objective(theta)},
            {0},
            {accuracy_of(probabilities, images_.test.y)},
            nothing,
            nothing,
            nothing,
            {}};
}

FashionFit FashionProblem::known_z() {
    Vector theta = Vector::Zero(shape_.parameters());
    poll_();
    model_->maximise(hidden_bits(), theta);
    if (faults_.no_gate) theta.head(shape_.gate_parameters()).setZero();
    return evaluated({theta}, {{model_->objective(theta)}, theta});
}

Matrix FashionProblem::hidden_bits() const {
    Matrix r(model_->samples(), 2);
    for (Index i = 0; i < r.rows(); ++i) {
        r(i, 0) = images_.train_inverted[static_cast<std::size_t>(i)] ? 1.0 : 0.0;
        r(i, 1) = 1.0 - r(i, 0);
    }
    return r;
}

FashionFit FashionProblem::em(Index iterations) {
    if (faults_.gd_as_em) return gradient_descent(iterations, {0, 0});
    Vector start = start_;
    if (faults_.leak_z) model_->maximise(hidden_bits(), start);
    return em_from(start, iterations);
}

FashionFit FashionProblem::em_on(const FashionFit& begun, Index iterations) {
    if (faults_.gd_as_em) return gradient_descent(iterations, {0, 0});
    const auto done = static_cast<Index>(begun.objectives.size()) - 1;
    if (iterations <= done) return begun;
    // EM has no memory but theta. The last iterate of the one is the first of the other.
    FashionFit fit = em_from(begun.theta, iterations - done);
    for (Index& t : fit.evaluated_at)
        t += done;
    fit.objectives.insert(fit.objectives.begin(), begun.objectives.begin(),
                          begun.objectives.end() - 1);
    fit.evaluated_at.insert(fit.evaluated_at.begin(), begun.evaluated_at.begin(),
                            begun.evaluated_at.end() - 1);
    fit.accuracies.insert(fit.accuracies.begin(), begun.accuracies.begin(),
                          begun.accuracies.end() - 1);
    return fit;
}

FashionFit FashionProblem::em_from(const Vector& start, Index iterations) {
    std::vector<Vector> path;
    moe::Trace trace = moe::run(*model_, guarded(moe::em(*model_)), start, iterations,
                                [&](Index, const Vector& theta) { path.push_back(theta); });
    return evaluated(path, std::move(trace));
}

FashionFit FashionProblem::gradient_em(Index iterations, StepGrid grid) {
    return tuned([this](double step) { return moe::gradient_em(*model_, gradient_em_steps, step); },
                 iterations, grid);
}

FashionFit FashionProblem::gradient_descent(Index iterations, StepGrid grid) {
    return tuned([this](double step) { return moe::gradient_descent(*model_, step); }, iterations,
                 grid);
}

FashionFit FashionProblem::tuned(const Method& method, Index iterations, StepGrid grid) {
    // Every candidate's iterates are kept, so that the chosen one need not run again.
    std::deque<std::vector<Vector>> paths;
    std::vector<double> steps;
    const auto recorded = [&](const moe::StepSizes& sizes) -> moe::Iteration {
        std::vector<Vector>& path = paths.emplace_back();
        steps.push_back(sizes.expert);
        return [&path, inner = guarded(method(sizes.expert))](Vector& theta) {
            path.push_back(theta);
            return inner(theta);
        };
    };
    const double lipschitz = model_->curvature_bound();
    moe::Tuned best = moe::tune(*model_, recorded, moe::step_grid(lipschitz, grid.low, grid.high),
                                start_, iterations);
    const auto chosen = std::find(steps.begin(), steps.end(), best.steps.expert) - steps.begin();
    std::vector<Vector>& path = paths[static_cast<std::size_t>(chosen)];
    path.push_back(best.trace.theta);
    FashionFit fit = evaluated(path, std::move(best.trace));
    fit.step_in_lip = best.steps.expert * lipschitz;
    return fit;
}

moe::Iteration FashionProblem::guarded(moe::Iteration iteration) const {
    return [this, inner = std::move(iteration)](Vector& theta) {
        poll_();
        const double objective = inner(theta);
        if (faults_.no_gate) theta.head(shape_.gate_parameters()).setZero();
        return objective;
    };
}

FashionFit FashionProblem::evaluated(const std::vector<Vector>& path, moe::Trace trace) {
    FashionFit fit;
    constexpr Index dense = 30;
    const auto last = static_cast<Index>(path.size()) - 1;
    for (Index t = 0;; t = std::min(last, t < dense ? t + 1 : t + t / 6)) {
        poll_();
        fit.evaluated_at.push_back(t);
        fit.accuracies.push_back(accuracy(path[static_cast<std::size_t>(t)]));
        if (t == last) break;
    }
    Matrix r;
    model_->posterior(trace.theta, r);
    fit.recovered = recovered_bits(r, images_.train_inverted);
    fit.gate_recovered = recovered_bits(
        moe::gate_probabilities(shape_, trace.theta, images_.test.x), images_.test_inverted);
    fit.step_in_lip = nothing;
    fit.objectives = std::move(trace.objectives);
    fit.theta = std::move(trace.theta);
    return fit;
}

double FashionProblem::accuracy(const Vector& theta) const {
    return accuracy_of(moe::class_probabilities(shape_, theta, images_.test.x), images_.test.y);
}

Vector FashionProblem::test_responsibilities(const FashionFit& fit) {
    Matrix r;
    model_->posterior(fit.theta, r);
    const bool swapped = 2 * agreement(r, images_.train_inverted) < images_.train_inverted.size();

    // pi_k(x) p_k(y|x), an expert's class probabilities being those of a mixture of itself alone.
    const moe::GatedShape one = shape_of(shape_.p, 1);
    r = moe::gate_probabilities(shape_, fit.theta, images_.test.x);
    for (Index k = 0; k < r.cols(); ++k) {
        const Vector expert =
            fit.theta.segment(shape_.gate_parameters() + k * one.parameters(), one.parameters());
        const Matrix probabilities = moe::class_probabilities(one, expert, images_.test.x);
        for (Index i = 0; i < r.rows(); ++i)
            r(i, k) *= probabilities(i, static_cast<Index>(images_.test.y[i]));
    }
    return r.col(swapped ? 1 : 0).cwiseQuotient(r.rowwise().sum());
}

} // namespace em_vs_gradient
