#include "mixtures/gated_parameters.hpp"

#include "basics/numbers.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace moe {

Index forms_per_expert(const GatedShape& shape) noexcept {
    return shape.family == ExpertFamily::multinomial ? shape.C - 1 : 1;
}

Index GatedShape::expert_parameters() const noexcept {
    const Index precisions = family == ExpertFamily::free_variance ? K : 0;
    return p * K * forms_per_expert(*this) + precisions;
}

Index gate_index(const GatedShape& shape, Index j, Index f) noexcept {
    return j * (shape.K - 1) + f;
}

Index expert_index(const GatedShape& shape, Index j, Index f) noexcept {
    if (shape.family != ExpertFamily::multinomial) return shape.gate_parameters() + j * shape.K + f;
    const Index forms = shape.C - 1;
    const Index k = f / forms;
    return shape.gate_parameters() + (k * shape.p + j) * forms + f % forms;
}

void unpack(const GatedShape& shape, double sigma, const Vector& theta,
            GatedParameters& parameters) {
    const Index forms = shape.K * forms_per_expert(shape);
    parameters.gate.resize(shape.p, shape.K - 1);
    parameters.experts.resize(shape.p, forms);
    parameters.tau.setConstant(shape.K, 1.0);
    for (Index f = 0; f < shape.K - 1; ++f) {
        for (Index j = 0; j < shape.p; ++j)
            parameters.gate(j, f) = theta[gate_index(shape, j, f)];
    }
    for (Index f = 0; f < forms; ++f) {
        for (Index j = 0; j < shape.p; ++j)
            parameters.experts(j, f) = theta[expert_index(shape, j, f)];
    }
    if (shape.family == ExpertFamily::linear) {
        parameters.tau.setConstant(1.0 / (sigma * sigma));
    } else if (shape.family == ExpertFamily::free_variance) {
        parameters.tau = theta.tail(shape.K);
        for (Index k = 0; k < shape.K; ++k)
            parameters.experts.col(k) /= parameters.tau[k];
    }
}

void scatter(const GatedShape& shape, const GatedParameters& numbers, Vector& theta) {
    theta.resize(shape.parameters());
    for (Index f = 0; f < shape.K - 1; ++f) {
        for (Index j = 0; j < shape.p; ++j)
            theta[gate_index(shape, j, f)] = numbers.gate(j, f);
    }
    for (Index f = 0; f < numbers.experts.cols(); ++f) {
        for (Index j = 0; j < shape.p; ++j)
            theta[expert_index(shape, j, f)] = numbers.experts(j, f);
    }
    if (shape.family == ExpertFamily::free_variance) theta.tail(shape.K) = numbers.tau;
}

void pack(const GatedShape& shape, const GatedParameters& parameters, Vector& theta) {
    scatter(shape, parameters, theta);
    if (shape.family != ExpertFamily::free_variance) return;
    for (Index k = 0; k < shape.K; ++k) {
        for (Index j = 0; j < shape.p; ++j)
            theta[expert_index(shape, j, k)] *= parameters.tau[k];
    }
}

void log_softmax(const Matrix& x, const Eigen::Ref<const Matrix>& coefficients, Matrix& result) {
    const Index last = coefficients.cols();
    result.resize(x.rows(), last + 1);
    result.leftCols(last).noalias() = x * coefficients;
    result.col(last).setZero();
    for (Index i = 0; i < x.rows(); ++i) {
        const double top = result.row(i).maxCoeff();
        result.row(i).array() -= top + std::log((result.row(i).array() - top).exp().sum());
    }
}

void check_shape(const GatedShape& shape, const GatedSettings& settings) {
    const auto refuse = [](const std::string& what, const std::string& value,
                           const std::string& allowed) {
        throw InputError("mixture of experts: " + what + " = " + value + ", expected " + allowed);
    };
    if (shape.p < 1) refuse("p", std::to_string(shape.p), "at least 1 feature");
    if (shape.K < 1) refuse("K", std::to_string(shape.K), "at least 1 expert");
    const bool multinomial = shape.family == ExpertFamily::multinomial;
    if (multinomial && shape.C < 2) refuse("C", std::to_string(shape.C), "at least 2 classes");
    if (shape.family == ExpertFamily::linear &&
        !(settings.sigma > 0.0 && std::isfinite(settings.sigma)))
        refuse("sigma", shortest(settings.sigma), "a positive number");
    if (!(settings.lambda >= 0.0 && std::isfinite(settings.lambda)))
        refuse("lambda", shortest(settings.lambda), "a number >= 0");
    if (shape.family == ExpertFamily::free_variance && settings.lambda > 0.0)
        refuse("lambda", shortest(settings.lambda), "0 where variances are free");
}

void check_parameters(const GatedShape& shape, const Vector& theta) {
    if (theta.size() != shape.parameters())
        throw std::invalid_argument("mixture of experts: theta has " +
                                    std::to_string(theta.size()) + " entries, expected " +
                                    std::to_string(shape.parameters()));
}

LinearExperts linear_experts(const GatedShape& shape, const GatedSettings& settings,
                             const Vector& theta) {
    if (shape.family == ExpertFamily::multinomial)
        throw std::invalid_argument("linear_experts: the experts are multinomial");
    check_parameters(shape, theta);
    GatedParameters parameters;
    unpack(shape, settings.sigma, theta, parameters);
    const Vector sigma = shape.family == ExpertFamily::linear
                             ? Vector(Vector::Constant(shape.K, settings.sigma))
                             : Vector(parameters.tau.array().rsqrt());
    return {parameters.experts, sigma};
}

namespace {

Matrix softmax(const Matrix& x, const Eigen::Ref<const Matrix>& coefficients) {
    Matrix result;
    log_softmax(x, coefficients, result);
    return result.array().exp();
}

GatedParameters parameters_for(const GatedShape& shape, const Vector& theta, const Matrix& x) {
    check_parameters(shape, theta);
    if (x.cols() != shape.p)
        throw std::invalid_argument("mixture of experts: x has " + std::to_string(x.cols()) +
                                    " features, expected " + std::to_string(shape.p));
    GatedParameters parameters;
    unpack(shape, 1.0, theta, parameters);
    return parameters;
}

} // namespace

Matrix gate_probabilities(const GatedShape& shape, const Vector& theta, const Matrix& x) {
    return softmax(x, parameters_for(shape, theta, x).gate);
}

Matrix class_probabilities(const GatedShape& shape, const Vector& theta, const Matrix& x) {
    if (shape.family != ExpertFamily::multinomial)
        throw std::invalid_argument("class_probabilities: the experts are not multinomial");
    const GatedParameters parameters = parameters_for(shape, theta, x);
    const Matrix pi = softmax(x, parameters.gate);
    const Index forms = shape.C - 1;
    Matrix result = Matrix::Zero(x.rows(), shape.C);
    for (Index k = 0; k < shape.K; ++k)
        result +=
            pi.col(k).asDiagonal() * softmax(x, parameters.experts.middleCols(k * forms, forms));
    return result;
}

Vector reorder_experts(const GatedShape& shape, const Vector& theta,
                       const std::vector<Index>& order) {
    check_parameters(shape, theta);
    std::vector<bool> seen(static_cast<std::size_t>(shape.K), false);
    for (const Index k : order) {
        if (k < 0 || k >= shape.K || seen[static_cast<std::size_t>(k)])
            throw std::invalid_argument("reorder_experts: not a permutation of the experts");
        seen[static_cast<std::size_t>(k)] = true;
    }
    if (std::ssize(order) != shape.K)
        throw std::invalid_argument("reorder_experts: not a permutation of the experts");

    const Index forms = forms_per_expert(shape);
    const auto weight = [&](Index j, Index k) {
        return k + 1 < shape.K ? theta[gate_index(shape, j, k)] : 0.0;
    };
    Vector result(theta.size());
    for (Index k = 0; k < shape.K; ++k) {
        const Index from = order[static_cast<std::size_t>(k)];
        for (Index j = 0; j < shape.p; ++j) {
            if (k + 1 < shape.K)
                result[gate_index(shape, j, k)] = weight(j, from) - weight(j, order.back());
            for (Index c = 0; c < forms; ++c)
                result[expert_index(shape, j, k * forms + c)] =
                    theta[expert_index(shape, j, from * forms + c)];
        }
        if (shape.family == ExpertFamily::free_variance)
            result[theta.size() - shape.K + k] = theta[theta.size() - shape.K + from];
    }
    return result;
}

} // namespace moe
