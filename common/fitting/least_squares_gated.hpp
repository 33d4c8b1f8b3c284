#pragma once
// Least squares of gated functions on a grid.

#include "fitting/least_squares.hpp"
#include "gating/gated_function.hpp"
#include "gating/grid_data.hpp"

#include <vector>

namespace moe {

/// Residuals sqrt(weights[b]) (f(x_b) - means[b]) over the free parameters of a class. A bin of
/// weight 0 contributes exact zeros, whatever its mean.
class GatedRegression final : public ResidualFunction {
  public:
    /// Copies what it needs. Throws std::invalid_argument for sizes that do not fit, and InputError
    /// naming the value for a weight that is negative or not finite or, where the weight is
    /// positive, a mean that is not finite.
    GatedRegression(const GatedClass& functions, const GridData& data);

    [[nodiscard]] std::size_t residual_count() const noexcept override;
    [[nodiscard]] std::size_t parameter_count() const noexcept override;
    void residuals(std::span<const double> theta, std::span<double> residuals) const override;
    void residuals_and_jacobian(std::span<const double> theta, std::span<double> residuals,
                                std::span<double> jacobian) const override;
    [[nodiscard]] bool curvature(std::span<const double> theta, std::span<const double> residuals,
                                 std::span<double> matrix) const override;

  private:
    GatedClass functions_;
    std::vector<double> points_;
    std::vector<double> means_;
    std::vector<double> root_weights_;
};

} // namespace moe
