#pragma once
// EM of the symmetric mixtures with infinitely many samples x ~ N(0, I): its local rate at the true
// parameters, and its map at zero signal. Derivations: theorems/notes_2411.06056.md, section 4.
//
// With a = beta.x, b = w.x and u = c(y) a + b/2 the missing and complete information at the truth
// are integrals over the plane of beta and w and over y. The hidden sign drops out:
//     p(y|x) sech^2(u) = phi(y) exp(-a^2/2) sech(b/2) sech(y a + b/2)              linear experts,
//     p(y|x) sech^2(u) = sech(a/2) sech(b/2) sech((y a + b)/2) / 2,  y = -1, 1     logistic ones,
// smooth functions with Gaussian tails, so the trapezoidal rule converges exponentially.

#include <Eigen/Core>

#include <array>
#include <cstdint>
#include <vector>

namespace moe {

enum class PopulationExperts { linear, logistic };

/// Norms of beta* and w* and the cosine of their angle.
struct PopulationSignal {
    double beta = 1.0;
    double w = 1.0;
    double cosine = 0.0;
};

/// Missing and complete information at the truth, expert coordinates before gate coordinates.
struct PopulationInformation {
    /// In the plane of beta and w: two coordinates of the expert, two of the gate.
    Eigen::Matrix4d missing;
    Eigen::Matrix4d complete;
    /// In each direction across: one of the expert, one of the gate.
    Eigen::Matrix2d missing_across;
    Eigen::Matrix2d complete_across;
};

/// Eigenvalues of I_c^{-1} I_m at the truth, descending.
struct PopulationRates {
    /// In the plane of beta and w: 4.
    std::array<double, 4> plane;
    /// In each direction across: 2, both as often as the dimension exceeds 2.
    std::array<double, 2> across;

    /// Local rate of EM in two or more dimensions.
    [[nodiscard]] double rate() const;
};

/// `refinement` divides the steps of the quadrature; at 1 it is exact to some 1e-10. Throws
/// std::invalid_argument for beta outside (0, 1e6], w outside (0, 100], |cosine| > 1, refinement
/// < 1.
[[nodiscard]] PopulationInformation population_information(PopulationExperts experts,
                                                           const PopulationSignal& signal,
                                                           double refinement = 1.0);

[[nodiscard]] PopulationRates population_rates(const PopulationInformation& information);
/// The same from the signal; throws as population_information.
[[nodiscard]] PopulationRates population_rates(PopulationExperts experts,
                                               const PopulationSignal& signal,
                                               double refinement = 1.0);

/// EM for linear experts at beta* = 0 with the gate held at w = 0, in one dimension: the map
/// b' = E[y x tanh(y x b)], x and y independent standard normal. s = x y has density K_0(|s|)/pi
/// (modified Bessel function), and s = e^t leaves a function of t that decays double exponentially
/// on one side: 80 nodes are exact to rounding.
class ZeroSignalMap {
  public:
    ZeroSignalMap();

    [[nodiscard]] double operator()(double b) const;
    /// b_0, ..., b_T from b_0.
    [[nodiscard]] std::vector<double> orbit(double b0, std::int64_t iterations) const;

  private:
    std::vector<double> nodes_;   ///< s
    std::vector<double> weights_; ///< of s tanh(s b)
};

} // namespace moe
