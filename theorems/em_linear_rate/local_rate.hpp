#pragma once
// The local rate of EM at a stationary point: what the information matrices predict, and what the
// iterates do (estimators (a) to (e) of the notes, section 4).

#include "mixtures/latent_model.hpp"

#include <functional>
#include <limits>
#include <string>

namespace em_linear_rate {

/// EM arrived where I_obs is not positive definite: no isolated minimum, an eigenvalue of M at 1.
class NotIsolated : public moe::FitError {
  public:
    explicit NotIsolated(double rho);
    [[nodiscard]] double rho() const noexcept { return rho_; } ///< largest eigenvalue of M

  private:
    double rho_;
};
/// M with eigenvalues up to here has I_obs = I_c (I - M) positive definite to rounding.
inline constexpr double isolated_rho = 1.0 - 1e-9;

/// A sabotage of the measurement: theta <- theta + step (EM(theta) - theta), and whether the
/// covariance of gate scores with expert scores is left out of I_m.
struct Fault {
    double step = 1.0;
    bool drop_cross_terms = false;
};
[[nodiscard]] Fault fault_of(const std::string& sabotage);

inline constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

struct LocalRate {
    moe::Vector theta;               ///< theta_hat
    double objective = not_measured; ///< F there
    double gradient = not_measured;  ///< |grad F|_inf there
    double rho = not_measured;       ///< largest eigenvalue of M = I_c^{-1} I_m
    double rho_2 = not_measured;     ///< the second one; 0 for a single parameter
    double rho_min = not_measured;   ///< the smallest one
    /// (a) max |J - M|, J the Jacobian of the EM map by 5-point differences.
    double jacobian_difference = not_measured;
    double projected = not_measured;  ///< (b) median of c_{t+1}/c_t, c_t = v_1' I_c (theta^t - hat)
    double one_step = not_measured;   ///< (c) that ratio for steps from theta_hat +- 1e-5 v_1
    double norm_ratio = not_measured; ///< (d) largest ratio of errors in the I_c norm
    double tail = not_measured;       ///< (e) last ratio of errors in the Euclidean norm
    /// (rho_2 / rho)^iterations: (e) means rho where it is small.
    double dominance = not_measured;
    double slowdown = not_measured; ///< see slowdown()
    moe::Index iterations = 0;      ///< ratios in the window of errors 1e-4 .. 1e-8
    bool left = false;              ///< the run left theta_hat
};

/// Finds theta_hat by EM from `near` and Newton's method, then runs EM from theta_hat +
/// 1e-3 direction (a unit vector). All distances are multiples of `unit`, the size of a parameter
/// that moves logits by about 1. `jacobian` asks for (a). `poll` is called between iterations and
/// may throw. What the iterates do not yield (a run that leaves theta_hat, fewer than 3 ratios in
/// the window) is NaN. Throws FitError, NotIsolated among them.
[[nodiscard]] LocalRate measure_local_rate(moe::LatentModel& model, const moe::Vector& near,
                                           const moe::Vector& direction, const Fault& fault,
                                           bool jacobian, const std::function<void()>& poll,
                                           double unit = 1.0);

/// Decline of the log error per iteration in the first half of a run over that in the second: 1 for
/// linear convergence, above 2 for an error that falls like a power of the iteration. `first`,
/// `middle` and `last` are errors, the halves `early` and `late` iterations long.
[[nodiscard]] double slowdown(double first, double middle, double last, double early, double late);

} // namespace em_linear_rate
