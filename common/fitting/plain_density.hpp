#pragma once
// The mixtures written down once more, as plainly as their formulas and for any scalar type: the
// joint distribution of (z, y) at one x. It checks the fast models of mixtures/, with which it
// shares the layout of theta and nothing else. Formulas: theorems/notes_2411.06056.md, section 1.

#include "fitting/dual.hpp"
#include "mixtures/gated_mixture.hpp"
#include "mixtures/symmetric_mixture.hpp"

#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

namespace moe {

enum class PlainKind {
    symmetric_linear,
    symmetric_logistic,
    linear,
    free_variance,
    multinomial,
};

/// A number of which the density at x depends, linear in theta: sum_j theta[first + j stride] x_j,
/// or theta[first] itself.
struct Predictor {
    std::size_t first;
    std::size_t stride;
    bool constant = false;
};

/// What the plain formulas must know of a model.
struct PlainModel {
    PlainKind kind = PlainKind::linear;
    std::size_t p = 1;   ///< features
    std::size_t K = 2;   ///< experts
    std::size_t C = 1;   ///< classes of a response; 1 for a real one
    double sigma = 1.0;  ///< known standard deviation of real responses
    double lambda = 0.0; ///< ridge

    [[nodiscard]] bool symmetric() const noexcept {
        return kind == PlainKind::symmetric_linear || kind == PlainKind::symmetric_logistic;
    }
    [[nodiscard]] bool real_response() const noexcept { return C == 1; }
    /// Entries of theta that belong to the gate of a mixture that is not symmetric: the first ones.
    [[nodiscard]] std::size_t gate_parameters() const noexcept { return p * (K - 1); }
    /// beta.x and w.x of symmetric models. Others: w_k.x for k < K, then the experts' beta_k.x;
    /// a_k.x and all tau_k; or b_kc.x for c < C, expert by expert.
    [[nodiscard]] std::vector<Predictor> predictors() const;
    /// Index of a response among the C classes.
    [[nodiscard]] std::size_t class_of(double y) const noexcept {
        if (kind == PlainKind::symmetric_logistic) return y > 0.0 ? 0 : 1;
        return static_cast<std::size_t>(y);
    }
};

[[nodiscard]] PlainModel plain_model(SymmetricKind kind, Index p);
[[nodiscard]] PlainModel plain_model(const GatedShape& shape, const GatedSettings& settings);

template<class T>
[[nodiscard]] T value_of(const Predictor& predictor, std::span<const T> theta,
                         std::span<const double> x) {
    if (predictor.constant) return theta[predictor.first];
    T sum(0.0);
    for (std::size_t j = 0; j < x.size(); ++j)
        sum += theta[predictor.first + j * predictor.stride] * x[j];
    return sum;
}

/// Probabilities exp(score) / sum of exp(score), in place of the scores their logarithms; returns
/// the logarithm of the sum. The largest score is taken out.
template<class T>
T normalise(std::span<T> scores, std::span<T> probabilities) {
    using std::exp;
    using std::log;
    double largest = real_part(scores[0]);
    for (const T& score : scores)
        largest = std::max(largest, real_part(score));
    T sum(0.0);
    for (std::size_t k = 0; k < scores.size(); ++k) {
        probabilities[k] = exp(scores[k] - largest);
        sum += probabilities[k];
    }
    const T logarithm = log(sum) + largest;
    for (std::size_t k = 0; k < scores.size(); ++k) {
        probabilities[k] /= sum;
        scores[k] -= logarithm;
    }
    return logarithm;
}

template<class T>
[[nodiscard]] T log_sum_exp(std::span<const T> values) {
    using std::exp;
    using std::log;
    double largest = real_part(values[0]);
    for (const T& value : values)
        largest = std::max(largest, real_part(value));
    T sum(0.0);
    for (const T& value : values)
        sum += exp(value - largest);
    return log(sum) + largest;
}

/// p(y, z | x; theta) at one x: gate and experts.
template<class T>
class JointAt {
  public:
    explicit JointAt(const PlainModel& model)
        : model_(model)
        , score_(model.K)
        , log_gate_(model.K)
        , gate_(model.K)
        , mean_(model.K)
        , precision_(model.K, T(1.0 / (model.sigma * model.sigma)))
        , log_precision_(model.K, T(-2.0 * std::log(model.sigma)))
        , partition_(model.K)
        , log_class_(model.K * model.C)
        , class_(model.K * model.C) {}

    /// From the values of the model's predictors.
    void set(std::span<const T> predictors);

    /// log normaliser of the gate: lse_k of the scores w_k.x.
    [[nodiscard]] const T& gate_partition() const { return gate_partition_; }
    /// a(beta_k, x) of the notes: the log normaliser of expert k.
    [[nodiscard]] const T& partition(std::size_t k) const { return partition_[k]; }

    /// log p(y, z = k | x).
    [[nodiscard]] T log_density(double y, std::size_t k) const;
    /// log p(y | x).
    [[nodiscard]] T log_density(double y) const;

    /// KL(gate here || gate of other), KL(expert k here || expert k of other) and
    /// KL_joint(here || other), summed over all (z, y); normal densities by their closed form.
    template<class U>
    [[nodiscard]] auto gate_divergence(const JointAt<U>& other) const;
    template<class U>
    [[nodiscard]] auto expert_divergence(const JointAt<U>& other, std::size_t k) const;
    template<class U>
    [[nodiscard]] auto joint_divergence(const JointAt<U>& other) const;

    /// Natural parameters of (z, y) at this x as a member of its exponential family: for real
    /// responses those of 1[z=k], y 1[z=k] and, with free variances, y^2 1[z=k]; otherwise those of
    /// 1[z=k, y=c]. Mixtures of linear experts have global ones, (w_k, a_k, B_k) of the notes, of
    /// which these are linear functions. Appended to `eta`.
    void natural_parameters(std::vector<T>& eta) const;

  private:
    template<class U>
    friend class JointAt;

    void set_symmetric(std::span<const T> predictors);
    void set_gated(std::span<const T> predictors);

    PlainModel model_;
    std::vector<T> score_;
    std::vector<T> log_gate_;
    std::vector<T> gate_;
    T gate_partition_{0.0};
    std::vector<T> mean_;      ///< real responses
    std::vector<T> precision_; ///< real responses: 1 / sigma_k^2
    std::vector<T> log_precision_;
    std::vector<T> partition_;
    std::vector<T> log_class_; ///< K x C: logits, then log probabilities
    std::vector<T> class_;     ///< K x C: probabilities
};

template<class T>
void JointAt<T>::set_symmetric(std::span<const T> predictors) {
    for (const std::size_t k : {std::size_t{0}, std::size_t{1}}) {
        const double z = k == 0 ? 1.0 : -1.0;
        score_[k] = predictors[1] * (0.5 * z);
        if (model_.real_response()) {
            mean_[k] = predictors[0] * z;
        } else {
            log_class_[2 * k] = predictors[0] * (0.5 * z);
            log_class_[2 * k + 1] = predictors[0] * (-0.5 * z);
        }
    }
}

template<class T>
void JointAt<T>::set_gated(std::span<const T> predictors) {
    using std::log;
    const std::size_t K = model_.K;
    const std::size_t C = model_.C;
    const std::span<const T> experts = predictors.subspan(K - 1);
    for (std::size_t k = 0; k < K; ++k) {
        score_[k] = k + 1 < K ? predictors[k] : T(0.0);
        if (model_.kind == PlainKind::linear) {
            mean_[k] = experts[k];
        } else if (model_.kind == PlainKind::free_variance) {
            precision_[k] = experts[K + k];
            log_precision_[k] = log(precision_[k]);
            mean_[k] = experts[k] / precision_[k];
        } else {
            for (std::size_t c = 0; c < C; ++c)
                log_class_[k * C + c] = c + 1 < C ? experts[k * (C - 1) + c] : T(0.0);
        }
    }
}

template<class T>
void JointAt<T>::set(std::span<const T> predictors) {
    if (model_.symmetric())
        set_symmetric(predictors);
    else
        set_gated(predictors);
    log_gate_ = score_;
    gate_partition_ = normalise<T>(log_gate_, gate_);
    for (std::size_t k = 0; k < model_.K; ++k) {
        if (model_.real_response()) {
            partition_[k] = (mean_[k] * mean_[k] * precision_[k] - log_precision_[k]) * 0.5;
        } else {
            partition_[k] = normalise(std::span<T>(&log_class_[k * model_.C], model_.C),
                                      std::span<T>(&class_[k * model_.C], model_.C));
        }
    }
}

template<class T>
T JointAt<T>::log_density(double y, std::size_t k) const {
    if (!model_.real_response())
        return log_gate_[k] + log_class_[k * model_.C + model_.class_of(y)];
    const T residual = mean_[k] - y;
    return log_gate_[k] + (log_precision_[k] - precision_[k] * residual * residual) * 0.5 -
           0.5 * std::log(2.0 * std::numbers::pi);
}

template<class T>
T JointAt<T>::log_density(double y) const {
    std::vector<T> terms(model_.K);
    for (std::size_t k = 0; k < model_.K; ++k)
        terms[k] = log_density(y, k);
    return log_sum_exp<T>(terms);
}

template<class T>
template<class U>
auto JointAt<T>::gate_divergence(const JointAt<U>& other) const {
    using Result = decltype(T(0.0) * U(0.0));
    Result sum(0.0);
    for (std::size_t k = 0; k < model_.K; ++k)
        sum += gate_[k] * (log_gate_[k] - other.log_gate_[k]);
    return sum;
}

template<class T>
template<class U>
auto JointAt<T>::expert_divergence(const JointAt<U>& other, std::size_t k) const {
    using Result = decltype(T(0.0) * U(0.0));
    Result sum(0.0);
    if (model_.real_response()) {
        const Result distance = mean_[k] - other.mean_[k];
        sum = other.precision_[k] * distance * distance;
        // Equal variances have ratio 1 and nothing more to pay.
        if (model_.kind == PlainKind::free_variance)
            sum += other.precision_[k] / precision_[k] - 1.0 + log_precision_[k] -
                   other.log_precision_[k];
        return sum *= 0.5;
    }
    for (std::size_t c = k * model_.C; c < (k + 1) * model_.C; ++c)
        sum += class_[c] * (log_class_[c] - other.log_class_[c]);
    return sum;
}

template<class T>
template<class U>
auto JointAt<T>::joint_divergence(const JointAt<U>& other) const {
    auto sum = gate_divergence(other);
    for (std::size_t k = 0; k < model_.K; ++k)
        sum += gate_[k] * expert_divergence(other, k);
    return sum;
}

template<class T>
void JointAt<T>::natural_parameters(std::vector<T>& eta) const {
    for (std::size_t k = 0; k < model_.K; ++k) {
        if (!model_.real_response()) {
            for (std::size_t c = 0; c < model_.C; ++c)
                eta.push_back(score_[k] + log_class_[k * model_.C + c]);
            continue;
        }
        eta.push_back(score_[k] - partition_[k]);
        eta.push_back(precision_[k] * mean_[k]);
        if (model_.kind == PlainKind::free_variance) eta.push_back(precision_[k] * -0.5);
    }
}

/// log p(y | x) as a function of free natural parameters, in the order of natural_parameters().
template<class T>
[[nodiscard]] T lifted_log_density(const PlainModel& model, std::span<const T> eta, double y) {
    using std::log;
    std::vector<T> observed; // log p(y, z = k | x) without normaliser
    std::vector<T> all;      // the same, summed over y
    if (!model.real_response()) {
        for (std::size_t k = 0; k < model.K; ++k)
            observed.push_back(eta[k * model.C + model.class_of(y)]);
        return log_sum_exp<T>(observed) - log_sum_exp<T>(eta);
    }
    const bool free = model.kind == PlainKind::free_variance;
    const std::size_t width = free ? 3 : 2;
    for (std::size_t k = 0; k < model.K; ++k) {
        const T& weight = eta[width * k];
        const T& slope = eta[width * k + 1];
        const T precision = free ? eta[width * k + 2] * -2.0 : T(1.0 / (model.sigma * model.sigma));
        observed.push_back(weight + slope * y - precision * (0.5 * y * y));
        all.push_back(weight + (slope * slope / precision - log(precision)) * 0.5);
    }
    return log_sum_exp<T>(observed) - log_sum_exp<T>(all) - 0.5 * std::log(2.0 * std::numbers::pi);
}

} // namespace moe
