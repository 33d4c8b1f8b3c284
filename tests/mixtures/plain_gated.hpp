#pragma once
// Gated mixtures written out sample by sample from their definition, for double and for complex
// numbers (whose imaginary part carries a derivative: the complex-step method). Shares nothing with
// common/mixtures but the shape and the order of the parameters that its header promises.

#include "datasets/synthetic.hpp"
#include "mixtures/gated_mixture.hpp"

#include <complex>
#include <numbers>
#include <string>
#include <vector>

namespace plain {

using moe::ExpertFamily;
using moe::GatedShape;
using moe::Index;
using moe::Matrix;
using moe::Samples;
using moe::Vector;

template<class T>
using Parameters = std::vector<T>;

/// x.v with coefficient j of v at parameters[begin + j step].
template<class T>
T form(const Matrix& x, Index i, const Parameters<T>& parameters, Index begin, Index step) {
    T sum = 0.0;
    for (Index j = 0; j < x.cols(); ++j)
        sum += x(i, j) * parameters[static_cast<std::size_t>(begin + j * step)];
    return sum;
}

/// log softmax of (logits, 0).
template<class T>
std::vector<T> log_softmax(std::vector<T> logits) {
    using std::exp;
    using std::log;
    logits.push_back(0.0);
    T sum = 0.0;
    for (const T& logit : logits)
        sum += exp(logit);
    for (T& logit : logits)
        logit -= log(sum);
    return logits;
}

/// log pi_k(x_i), k = 0..K-1.
template<class T>
std::vector<T> log_gate(const GatedShape& shape, const Matrix& x, Index i,
                        const Parameters<T>& theta) {
    std::vector<T> logits;
    for (Index k = 0; k + 1 < shape.K; ++k)
        logits.push_back(form(x, i, theta, k, shape.K - 1));
    return log_softmax(logits);
}

/// log p_k(c | x_i), c = 0..C-1.
template<class T>
std::vector<T> log_classes(const GatedShape& shape, const Matrix& x, Index i, Index k,
                           const Parameters<T>& theta) {
    const Index begin = shape.p * (shape.K - 1) + k * shape.p * (shape.C - 1);
    std::vector<T> logits;
    for (Index c = 0; c + 1 < shape.C; ++c)
        logits.push_back(form(x, i, theta, begin + c, shape.C - 1));
    return log_softmax(logits);
}

/// Mean and precision of a Gaussian expert.
template<class T>
struct Normal {
    T mean;
    T tau;
};

template<class T>
Normal<T> normal(const GatedShape& shape, double sigma, const Matrix& x, Index i, Index k,
                 const Parameters<T>& theta) {
    const T value = form(x, i, theta, shape.p * (shape.K - 1) + k, shape.K);
    if (shape.family == ExpertFamily::linear) return {value, 1.0 / (sigma * sigma)};
    const T tau = theta[static_cast<std::size_t>(shape.p * (2 * shape.K - 1) + k)];
    return {value / tau, tau};
}

/// log p(y_i, z = k | x_i), k = 0..K-1.
template<class T>
std::vector<T> log_joint(const GatedShape& shape, double sigma, const Samples& data, Index i,
                         const Parameters<T>& theta) {
    using std::log;
    std::vector<T> result = log_gate(shape, data.x, i, theta);
    for (Index k = 0; k < shape.K; ++k) {
        T& joint = result[static_cast<std::size_t>(k)];
        if (shape.family == ExpertFamily::multinomial) {
            joint += log_classes(shape, data.x, i, k, theta)[static_cast<std::size_t>(data.y[i])];
        } else {
            const Normal<T> expert = normal(shape, sigma, data.x, i, k, theta);
            const T error = data.y[i] - expert.mean;
            joint +=
                0.5 * log(expert.tau / (2 * std::numbers::pi)) - 0.5 * expert.tau * error * error;
        }
    }
    return result;
}

/// L(theta).
template<class T>
T loss(const GatedShape& shape, double sigma, const Samples& data, const Parameters<T>& theta) {
    using std::exp;
    using std::log;
    T sum = 0.0;
    for (Index i = 0; i < data.x.rows(); ++i) {
        T density = 0.0;
        for (const T& joint : log_joint(shape, sigma, data, i, theta))
            density += exp(joint);
        sum -= log(density);
    }
    return sum / static_cast<double>(data.x.rows());
}

/// -(1/n) sum_ik r_ik log p(y_i, z = k | x_i).
template<class T>
T surrogate(const GatedShape& shape, double sigma, const Samples& data, const Matrix& r,
            const Parameters<T>& theta) {
    T sum = 0.0;
    for (Index i = 0; i < data.x.rows(); ++i) {
        const std::vector<T> joint = log_joint(shape, sigma, data, i, theta);
        for (Index k = 0; k < shape.K; ++k)
            sum -= r(i, k) * joint[static_cast<std::size_t>(k)];
    }
    return sum / static_cast<double>(data.x.rows());
}

/// Gradient of a function of complex parameters by complex steps: no cancellation.
template<class Function>
Vector gradient(const Vector& theta, Function function) {
    Parameters<std::complex<double>> point(theta.begin(), theta.end());
    Vector result(theta.size());
    for (Index j = 0; j < theta.size(); ++j) {
        auto& entry = point[static_cast<std::size_t>(j)];
        entry += std::complex<double>(0.0, 1e-100);
        result[j] = function(point).imag() / 1e-100;
        entry = theta[j];
    }
    return result;
}

/// Jacobian of a vector function by central differences of step h and 2h (error h^4).
template<class Function>
Matrix jacobian(const Vector& theta, Function function, double h = 1e-3) {
    Matrix result;
    for (Index j = 0; j < theta.size(); ++j) {
        const auto at = [&](double shift) -> Vector {
            Vector point = theta;
            point[j] += shift;
            return function(point);
        };
        const Vector column = (8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h);
        if (j == 0) result.resize(column.size(), theta.size());
        result.col(j) = column;
    }
    return result;
}

inline Parameters<double> values(const Vector& theta) {
    return {theta.begin(), theta.end()};
}

/// A model on synthetic data with a point to look at.
struct Case {
    std::string name;
    GatedShape shape;
    moe::GatedSettings settings;
    moe::SyntheticData data;
    [[nodiscard]] std::unique_ptr<moe::LatentModel> model() const {
        return make_gated_mixture(shape, settings, data.samples);
    }
};

inline Case make_case(std::string name, const GatedShape& shape, double lambda, Index n,
                      std::uint64_t seed) {
    const double sigma = shape.family == ExpertFamily::multinomial ? 1.0 : 0.7;
    moe::GatedRecipe recipe;
    recipe.shape = shape;
    recipe.sigma = sigma;
    recipe.n = n;
    return {std::move(name), shape, {sigma, lambda}, gated_data(recipe, moe::FixtureSource(seed))};
}

/// All families; numbers of samples that fill no whole pack or tile, more than a tile, and one
/// more than two tiles.
inline std::vector<Case> cases() {
    using enum ExpertFamily;
    std::vector<Case> result;
    result.push_back(make_case("linear K=2", {linear, 3, 2, 1}, 0.0, 301, 11));
    result.push_back(make_case("linear K=3 ridge", {linear, 2, 3, 1}, 0.01, 513, 12));
    result.push_back(make_case("linear K=5", {linear, 6, 5, 1}, 0.01, 700, 13));
    result.push_back(make_case("linear K=1", {linear, 4, 1, 1}, 0.0, 100, 14));
    result.push_back(make_case("free variance K=2", {free_variance, 3, 2, 1}, 0.0, 400, 15));
    result.push_back(make_case("free variance K=3", {free_variance, 2, 3, 1}, 0.0, 605, 16));
    result.push_back(make_case("binary K=2", {multinomial, 3, 2, 2}, 0.01, 300, 17));
    result.push_back(make_case("three classes K=2", {multinomial, 3, 2, 3}, 0.01, 517, 18));
    result.push_back(make_case("four classes K=3", {multinomial, 2, 3, 4}, 0.02, 640, 19));
    result.push_back(make_case("one softmax", {multinomial, 5, 1, 3}, 0.0, 256, 20));
    return result;
}

} // namespace plain
