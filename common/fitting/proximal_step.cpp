#include "fitting/proximal_step.hpp"

#include <cstddef>
#include <stdexcept>
#include <vector>

namespace moe {

namespace {

/// The objective, as the sum of a mean over the samples (the divergence, and the linear term in
/// natural coordinates), a linear function of theta and the ridge.
class ProximalProblem {
  public:
    ProximalProblem(const PlainLikelihood& likelihood, const Vector& theta_t,
                    const ProximalSettings& settings)
        : likelihood_(likelihood)
        , settings_(settings)
        , theta_t_(theta_t)
        , joints_(likelihood.joints(theta_t))
        , slope_(Vector::Zero(theta_t.size())) {
        if (settings.form == ProximalForm::lifted) {
            linearise_in_natural_parameters();
            return;
        }
        slope_ = likelihood.gradient(theta_t);
        if (settings.form == ProximalForm::weighted) {
            if (settings.swapped)
                throw std::invalid_argument("the weighted divergence has no swapped form");
            posterior_ = likelihood.posterior(theta_t);
            // D_h(theta, theta^t) = h(theta) - h(theta^t) - <grad h(theta^t), theta - theta^t>.
            Vector map_slope;
            constant_ = -weight() *
                        likelihood.mean_and_gradient(
                            theta_t,
                            [this](const auto& here, std::size_t i) { return mirror_map(here, i); },
                            map_slope);
            slope_ -= weight() * map_slope;
        }
    }

    [[nodiscard]] double value(const Vector& theta) const {
        return likelihood_.mean(entries(theta), [this](const auto& here, std::size_t i) {
            return term(here, i);
        }) + outside_the_mean(theta);
    }

    double value_and_gradient(const Vector& theta, Vector& gradient) const {
        const double mean = likelihood_.mean_and_gradient(
            theta, [this](const auto& here, std::size_t i) { return term(here, i); }, gradient);
        gradient += slope_ + likelihood_.model().lambda * theta;
        return mean + outside_the_mean(theta);
    }

  private:
    [[nodiscard]] double weight() const { return 1.0 / settings_.step; }

    [[nodiscard]] double outside_the_mean(const Vector& theta) const {
        return constant_ + slope_.dot(theta - theta_t_) +
               0.5 * likelihood_.model().lambda * theta.squaredNorm();
    }

    template<class T>
    T term(const JointAt<T>& here, std::size_t i) const {
        if (settings_.form == ProximalForm::weighted) return mirror_map(here, i) * weight();
        T sum = (settings_.swapped ? here.joint_divergence(joints_[i])
                                   : joints_[i].joint_divergence(here)) *
                weight();
        if (settings_.form == ProximalForm::lifted) sum += lifted_linear(here, i);
        return sum;
    }

    /// Sample i's part of h_t: lse_k w_k.x_i + sum_k r_ik a(beta_k, x_i).
    template<class T>
    T mirror_map(const JointAt<T>& here, std::size_t i) const {
        T sum = here.gate_partition();
        for (std::size_t k = 0; k < likelihood_.model().K; ++k)
            sum += here.partition(k) * posterior_(static_cast<Index>(i), static_cast<Index>(k));
        return sum;
    }

    /// Sample i's part of <grad_eta L(eta^t), eta(theta) - eta^t>.
    template<class T>
    T lifted_linear(const JointAt<T>& here, std::size_t i) const {
        std::vector<T> eta;
        eta.reserve(coordinates_);
        here.natural_parameters(eta);
        T sum(0.0);
        for (std::size_t j = 0; j < coordinates_; ++j)
            sum += (eta[j] - eta_t_[i * coordinates_ + j]) * eta_slope_[i * coordinates_ + j];
        return sum;
    }

    /// eta(theta^t) and the derivatives of each sample's -log p(y | x) there.
    void linearise_in_natural_parameters() {
        std::vector<double> eta;
        Vector gradient;
        for (std::size_t i = 0; i < joints_.size(); ++i) {
            eta.clear();
            joints_[i].natural_parameters(eta);
            const auto negative_log_density = [&]<class T>(const std::vector<T>& point) {
                return -lifted_log_density<T>(likelihood_.model(), point, likelihood_.y(i));
            };
            differentiate(negative_log_density,
                          Eigen::Map<const Vector>(eta.data(), static_cast<Index>(eta.size())),
                          gradient);
            eta_t_.insert(eta_t_.end(), eta.begin(), eta.end());
            eta_slope_.insert(eta_slope_.end(), gradient.begin(), gradient.end());
        }
        coordinates_ = eta.size();
    }

    const PlainLikelihood& likelihood_;
    ProximalSettings settings_;
    const Vector& theta_t_;
    std::vector<JointAt<double>> joints_; ///< at theta^t
    Vector slope_;                        ///< of the linear function of theta
    double constant_ = 0.0;
    Matrix posterior_;            ///< r^t
    std::size_t coordinates_ = 0; ///< natural parameters of a sample
    std::vector<double> eta_t_;   ///< natural parameters at theta^t, sample by sample
    std::vector<double> eta_slope_;
};

} // namespace

Minimum proximal_step(const PlainLikelihood& likelihood, const Vector& theta_t, const Vector& start,
                      const ProximalSettings& settings) {
    const ProximalProblem problem(likelihood, theta_t, settings);
    return minimise({.value = [&](const Vector& theta) { return problem.value(theta); },
                     .value_and_gradient =
                         [&](const Vector& theta, Vector& gradient) {
                             return problem.value_and_gradient(theta, gradient);
                         }},
                    start);
}

Vector proximal_start(const Vector& theta_t, const ProximalSettings& settings) {
    constexpr double distance = 0.1;
    if (settings.swapped) return theta_t;
    if (settings.form == ProximalForm::lifted) return theta_t.array() + distance;
    return Vector::Constant(theta_t.size(), distance);
}

} // namespace moe
