#pragma once
// Local rate of EM: at a stationary point the Jacobian of the EM map is I_c^{-1} I_m (Dempster,
// Laird and Rubin 1977), the fraction of missing information.

#include "mixtures/latent_model.hpp"

namespace moe {

/// Minimises F from theta: EM until |step|_2 < 1e-9 (at most `em_iterations`), then Newton on F
/// with I_obs to |grad F|_inf <= 1e-14. Throws FitError (not_converged) if EM or Newton do not
/// arrive or I_obs is not positive definite there.
[[nodiscard]] Vector stationary_point(LatentModel& model, Vector theta,
                                      Index em_iterations = 200000);

/// The matrices at theta (ridge in the complete and observed ones) and the eigenvalues of
/// M = I_c^{-1} I_m from the symmetric problem I_m v = rho I_c v.
struct Information {
    Matrix complete; ///< I_c, lambda I included
    Matrix missing;  ///< I_m
    Vector rates;    ///< eigenvalues of M, descending
    Matrix vectors;  ///< v_j in column j, v_j' I_c v_j = 1
};
[[nodiscard]] Information information(LatentModel& model, const Vector& theta);

} // namespace moe
