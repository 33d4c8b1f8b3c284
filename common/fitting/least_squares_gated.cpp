#include "fitting/least_squares_gated.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace moe {

GatedRegression::GatedRegression(const GatedClass& functions, const GridData& data)
    : functions_(functions)
    , points_(data.points)
    , means_(data.means)
    , root_weights_(data.weights) {
    if (means_.size() != points_.size() || root_weights_.size() != points_.size() ||
        points_.empty()) {
        throw std::invalid_argument("GatedRegression: sizes of the data do not fit");
    }
    for (std::size_t b = 0; b < points_.size(); ++b) {
        const std::string bin = "bin " + std::to_string(b) + ": ";
        double& weight = root_weights_[b];
        if (!(weight >= 0.0) || !std::isfinite(weight)) {
            throw InputError(bin + "weight " + shortest(weight) +
                             ", allowed: a finite number, 0 or above");
        }
        if (weight == 0.0) {
            means_[b] = 0.0; // so that a NaN of an empty bin never meets the 0
        } else if (!std::isfinite(means_[b])) {
            throw InputError(bin + "mean " + shortest(means_[b]) + ", allowed: a finite number");
        }
        weight = std::sqrt(weight);
    }
}

std::size_t GatedRegression::residual_count() const noexcept {
    return points_.size();
}

std::size_t GatedRegression::parameter_count() const noexcept {
    return functions_.parameters();
}

void GatedRegression::residuals(std::span<const double> theta, std::span<double> residuals) const {
    evaluate(functions_, theta, points_, residuals);
    for (std::size_t b = 0; b < points_.size(); ++b) {
        residuals[b] = root_weights_[b] * (residuals[b] - means_[b]);
    }
}

void GatedRegression::residuals_and_jacobian(std::span<const double> theta,
                                             std::span<double> residuals,
                                             std::span<double> jacobian) const {
    evaluate_with_jacobian(functions_, theta, points_, residuals, jacobian);
    const std::size_t M = points_.size();
    for (std::size_t b = 0; b < M; ++b) {
        residuals[b] = root_weights_[b] * (residuals[b] - means_[b]);
    }
    for (std::size_t j = 0; j < parameter_count(); ++j) {
        const std::span<double> column = jacobian.subspan(j * M, M);
        for (std::size_t b = 0; b < M; ++b) {
            column[b] *= root_weights_[b];
        }
    }
}

bool GatedRegression::curvature(std::span<const double> theta, std::span<const double> residuals,
                                std::span<double> matrix) const {
    sum_second_derivatives(functions_, theta, points_, residuals, root_weights_, matrix);
    return true;
}

} // namespace moe
