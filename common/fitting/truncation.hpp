#pragma once
// EM-like procedures for sparse mixtures of experts: the E-step keeps few experts a sample. With
// the k largest posteriors, renormalised, the truncated free energy never falls; k = K is EM and
// k = 1 classification EM. Routing by the gate alone has no such property.

#include "fitting/em.hpp"

#include <optional>
#include <string>
#include <vector>

namespace moe {

/// Keeps the k largest entries of every row (the first of equal ones), makes the others 0 and
/// divides by the rest's sum. Throws std::invalid_argument for k outside 1..columns.
void keep_largest(Matrix& r, Index k);

/// (1/n) sum_ik r_ik (l_ik(theta) - log r_ik) - (lambda/2) |theta|^2 with 0 log 0 = 0. At
/// r = posterior(theta) it is -F(theta).
[[nodiscard]] double free_energy(LatentModel& model, const Matrix& r, const Vector& theta);

/// An E-step: fills r (n x K) from theta and returns L(theta).
using EStep = std::function<double(LatentModel& model, const Vector& theta, Matrix& r)>;

/// The k largest posteriors of a sample, renormalised.
[[nodiscard]] EStep top_k_posterior(Index k);
/// One-hot at the gate's most probable expert, whatever the response: no posterior.
[[nodiscard]] EStep gate_routing();

/// A run with its free energies.
struct RoutedTrace {
    /// Free energy of (r^t, theta^t), t = 0..T: after the E-step of each iterate.
    std::vector<double> free_energies;
    std::vector<double> objectives; ///< F(theta^t), t = 0..T
    Vector theta;                   ///< theta^T
    /// The first t whose responsibilities are those of t - 1, so that nothing moves any more.
    std::optional<Index> fixed_at;
    /// Why the run ended before T; empty if it did not: hard routing may leave an expert empty.
    std::string failure;
};

/// T iterations of an E-step and the exact M-step. Ends early, with what there is, where the M-step
/// throws FitError.
[[nodiscard]] RoutedTrace run_routed(LatentModel& model, const EStep& e_step, Vector theta,
                                     Index iterations);

} // namespace moe
