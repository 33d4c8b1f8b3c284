#pragma once
// Losses, gradients and divergences of the mixtures from the plain formulas of plain_density.hpp:
// what the identities of EM as mirror descent are measured with, so that neither the M-step nor the
// models of mixtures/ judge themselves.

#include "fitting/plain_density.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace moe {

/// Adds to the gradient in theta what a slope in one predictor contributes.
inline void add_chain(const Predictor& predictor, double slope, std::span<const double> x,
                      Vector& gradient) {
    if (predictor.constant) {
        gradient[static_cast<Index>(predictor.first)] += slope;
        return;
    }
    for (std::size_t j = 0; j < x.size(); ++j)
        gradient[static_cast<Index>(predictor.first + j * predictor.stride)] += slope * x[j];
}

/// A model on its samples. Vectors theta have the layout of mixtures/gated_mixture.hpp and
/// mixtures/symmetric_mixture.hpp. Thread-safe.
class PlainLikelihood {
  public:
    PlainLikelihood(const PlainModel& model, const Samples& samples);

    [[nodiscard]] const PlainModel& model() const noexcept { return model_; }
    [[nodiscard]] std::size_t samples() const noexcept { return y_.size(); }
    /// Features and response of sample i.
    [[nodiscard]] std::span<const double> x(std::size_t i) const {
        return {x_.data() + i * model_.p, model_.p};
    }
    [[nodiscard]] double y(std::size_t i) const { return y_[i]; }

    /// The joint distribution of (z, y) at every sample.
    [[nodiscard]] std::vector<JointAt<double>> joints(const Vector& theta) const;

    /// (1/n) sum_i term(joint at sample i, i), for any scalar type.
    template<class T, class Term>
    [[nodiscard]] T mean(std::span<const T> theta, const Term& term) const {
        JointAt<T> here(model_);
        std::vector<T> values(predictors_.size());
        T sum(0.0);
        for (std::size_t i = 0; i < samples(); ++i) {
            for (std::size_t m = 0; m < predictors_.size(); ++m)
                values[m] = value_of(predictors_[m], theta, x(i));
            here.set(values);
            sum += term(here, i);
        }
        return sum * (1.0 / static_cast<double>(samples()));
    }
    /// The same with its gradient: dual numbers for the derivatives by each sample's predictors,
    /// then the chain rule.
    template<class Term>
    double mean_and_gradient(const Vector& theta, const Term& term, Vector& gradient) const;

    [[nodiscard]] double loss(const Vector& theta) const;
    /// F = L + (lambda/2) |theta|^2.
    [[nodiscard]] double objective(const Vector& theta) const;
    /// L through the free natural parameters of every sample: the same number by another formula.
    [[nodiscard]] double lifted_loss(const Vector& theta) const;
    /// grad L by complex steps of 1e-100 (Squire and Trapp, SIAM Review 40, 1998): exact to
    /// rounding.
    [[nodiscard]] Vector gradient(const Vector& theta) const;
    /// r_ik, n x K.
    [[nodiscard]] Matrix posterior(const Vector& theta) const;

    /// KL_joint(from || to): mean over the samples, (z, y) summed out.
    [[nodiscard]] double joint_divergence(const Vector& from, const Vector& to) const;
    /// (1/n) sum_i [KL(gate from || gate to) + sum_k r_ik KL(expert k from || expert k to)].
    [[nodiscard]] double weighted_divergence(const Matrix& r, const Vector& from,
                                             const Vector& to) const;
    /// KL_lat(from || to): mean divergence of the posteriors of z.
    [[nodiscard]] double latent_divergence(const Vector& from, const Vector& to) const;

  private:
    PlainModel model_;
    std::vector<Predictor> predictors_;
    std::vector<double> x_; ///< row-major
    std::vector<double> y_;
};

/// The entries of a vector as the plain formulas take them.
[[nodiscard]] inline std::span<const double> entries(const Vector& theta) {
    return {theta.data(), static_cast<std::size_t>(theta.size())};
}

template<class Term>
double PlainLikelihood::mean_and_gradient(const Vector& theta, const Term& term,
                                          Vector& gradient) const {
    constexpr std::size_t width = 8;
    using Number = Dual<width>;
    JointAt<Number> here(model_);
    std::vector<Number> values(predictors_.size());
    const double weight = 1.0 / static_cast<double>(samples());
    double sum = 0.0;
    gradient.setZero(theta.size());
    for (std::size_t i = 0; i < samples(); ++i) {
        for (std::size_t m = 0; m < values.size(); ++m)
            values[m] = Number(value_of(predictors_[m], entries(theta), x(i)));
        for (std::size_t first = 0; first < values.size(); first += width) {
            const std::size_t end = std::min(first + width, values.size());
            for (std::size_t m = first; m < end; ++m)
                values[m].slope[m - first] = 1.0;
            here.set(values);
            const Number result = term(here, i);
            if (first == 0) sum += result.value;
            for (std::size_t m = first; m < end; ++m) {
                add_chain(predictors_[m], result.slope[m - first] * weight, x(i), gradient);
                values[m].slope[m - first] = 0.0;
            }
        }
    }
    return sum * weight;
}

} // namespace moe
