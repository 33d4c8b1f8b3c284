#include "fitting/least_squares_ceres.hpp"

#include <algorithm>
#include <ceres/ceres.h>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace moe::fitting {

namespace {

bool all_finite(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

/// Ceres asks for rows of the Jacobian, ResidualFunction gives columns.
class Block final : public ceres::CostFunction {
  public:
    explicit Block(const ResidualFunction& function)
        : function_(function)
        , m_(function.residual_count())
        , p_(function.parameter_count())
        , columns_(m_ * p_) {
        set_num_residuals(static_cast<int>(m_));
        mutable_parameter_block_sizes()->push_back(static_cast<int>(p_));
    }

    bool Evaluate(const double* const* parameters, double* residuals,
                  double** jacobians) const override {
        const std::span<const double> theta(parameters[0], p_);
        if (jacobians == nullptr || jacobians[0] == nullptr) {
            function_.residuals(theta, {residuals, m_});
        } else {
            function_.residuals_and_jacobian(theta, {residuals, m_}, columns_);
            for (std::size_t i = 0; i < m_; ++i) {
                for (std::size_t j = 0; j < p_; ++j) {
                    jacobians[0][i * p_ + j] = columns_[i + j * m_];
                }
            }
        }
        return all_finite({residuals, m_});
    }

  private:
    const ResidualFunction& function_;
    std::size_t m_;
    std::size_t p_;
    mutable std::vector<double> columns_; // one thread evaluates at a time
};

} // namespace

FitResult minimise_by_ceres(const ResidualFunction& function, const ParameterBox& box,
                            std::span<const double> start, const FitOptions& options) {
    std::vector<double> theta(start.begin(), start.end());
    std::vector<double> residuals(function.residual_count());
    function.residuals(theta, residuals);
    if (!all_finite(residuals)) { // Ceres would report it on stderr
        return {theta, std::numeric_limits<double>::quiet_NaN(), 0, Termination::not_finite};
    }
    ceres::Problem problem;
    problem.AddResidualBlock(new Block(function), nullptr, theta.data());
    for (std::size_t j = 0; j < theta.size(); ++j) {
        problem.SetParameterLowerBound(theta.data(), static_cast<int>(j), box.lower[j]);
        problem.SetParameterUpperBound(theta.data(), static_cast<int>(j), box.upper[j]);
    }
    ceres::Solver::Options settings;
    settings.minimizer_type = ceres::TRUST_REGION;
    settings.trust_region_strategy_type = ceres::LEVENBERG_MARQUARDT;
    settings.linear_solver_type = ceres::DENSE_QR;
    settings.logging_type = ceres::SILENT;
    settings.max_num_iterations = static_cast<int>(options.max_iterations);
    settings.function_tolerance = options.function_tolerance;
    // Off: only the function tolerance shall decide.
    settings.gradient_tolerance = 0.0;
    settings.parameter_tolerance = 0.0;
    ceres::Solver::Summary summary;
    ceres::Solve(settings, &problem, &summary);

    FitResult result{theta, 2.0 * summary.final_cost, summary.iterations.size(),
                     Termination::iteration_limit};
    if (summary.termination_type == ceres::CONVERGENCE) {
        result.termination = Termination::function_tolerance;
    } else if (summary.termination_type == ceres::FAILURE) {
        result.termination = Termination::no_progress;
    }
    return result;
}

} // namespace moe::fitting
