#include "fitting/plain_likelihood.hpp"

#include <complex>
#include <stdexcept>

namespace moe {

PlainLikelihood::PlainLikelihood(const PlainModel& model, const Samples& samples)
    : model_(model)
    , predictors_(model.predictors())
    , y_(samples.y.begin(), samples.y.end()) {
    if (samples.x.rows() != samples.y.size() || samples.x.cols() != static_cast<Index>(model.p))
        throw std::invalid_argument("samples do not have the sizes of the model");
    x_.reserve(static_cast<std::size_t>(samples.x.size()));
    for (Index i = 0; i < samples.x.rows(); ++i) {
        for (Index j = 0; j < samples.x.cols(); ++j)
            x_.push_back(samples.x(i, j));
    }
}

std::vector<JointAt<double>> PlainLikelihood::joints(const Vector& theta) const {
    std::vector<JointAt<double>> result;
    result.reserve(samples());
    (void)mean(entries(theta), [&](const JointAt<double>& here, std::size_t) {
        result.push_back(here);
        return 0.0;
    });
    return result;
}

double PlainLikelihood::loss(const Vector& theta) const {
    return mean(entries(theta), [this](const JointAt<double>& here, std::size_t i) {
        return -here.log_density(y(i));
    });
}

double PlainLikelihood::objective(const Vector& theta) const {
    return loss(theta) + 0.5 * model_.lambda * theta.squaredNorm();
}

double PlainLikelihood::lifted_loss(const Vector& theta) const {
    std::vector<double> eta;
    return mean(entries(theta), [&](const JointAt<double>& here, std::size_t i) {
        eta.clear();
        here.natural_parameters(eta);
        return -lifted_log_density<double>(model_, eta, y(i));
    });
}

Vector PlainLikelihood::gradient(const Vector& theta) const {
    using Complex = std::complex<double>;
    constexpr double h = 1e-100;
    std::vector<Complex> point(theta.begin(), theta.end());
    const auto loss = [this](const JointAt<Complex>& here, std::size_t i) {
        return -here.log_density(y(i));
    };
    Vector result(theta.size());
    for (std::size_t j = 0; j < point.size(); ++j) {
        const Complex here = point[j];
        point[j] += Complex(0.0, h);
        result[static_cast<Index>(j)] = mean(std::span<const Complex>(point), loss).imag() / h;
        point[j] = here;
    }
    return result;
}

Matrix PlainLikelihood::posterior(const Vector& theta) const {
    const std::vector<JointAt<double>> here = joints(theta);
    Matrix r(static_cast<Index>(samples()), static_cast<Index>(model_.K));
    for (std::size_t i = 0; i < samples(); ++i) {
        const double observed = here[i].log_density(y(i));
        for (std::size_t k = 0; k < model_.K; ++k)
            r(static_cast<Index>(i), static_cast<Index>(k)) =
                std::exp(here[i].log_density(y(i), k) - observed);
    }
    return r;
}

double PlainLikelihood::joint_divergence(const Vector& from, const Vector& to) const {
    const std::vector<JointAt<double>> left = joints(from);
    return mean(entries(to), [&](const JointAt<double>& right, std::size_t i) {
        return left[i].joint_divergence(right);
    });
}

double PlainLikelihood::weighted_divergence(const Matrix& r, const Vector& from,
                                            const Vector& to) const {
    const std::vector<JointAt<double>> left = joints(from);
    return mean(entries(to), [&](const JointAt<double>& right, std::size_t i) {
        double sum = left[i].gate_divergence(right);
        for (std::size_t k = 0; k < model_.K; ++k)
            sum += r(static_cast<Index>(i), static_cast<Index>(k)) *
                   left[i].expert_divergence(right, k);
        return sum;
    });
}

double PlainLikelihood::latent_divergence(const Vector& from, const Vector& to) const {
    const std::vector<JointAt<double>> left = joints(from);
    return mean(entries(to), [&](const JointAt<double>& right, std::size_t i) {
        const double left_observed = left[i].log_density(y(i));
        const double right_observed = right.log_density(y(i));
        double sum = 0.0;
        for (std::size_t k = 0; k < model_.K; ++k) {
            const double log_left = left[i].log_density(y(i), k) - left_observed;
            const double log_right = right.log_density(y(i), k) - right_observed;
            sum += std::exp(log_left) * (log_left - log_right);
        }
        return sum;
    });
}

} // namespace moe
