#include "fitting/mirror_identities.hpp"

#include <algorithm>
#include <cmath>

namespace moe {

namespace {

/// The divergence from `from` to `to` in the sense of the notes: KL_joint for symmetric models,
/// the experts weighted by the posterior r otherwise.
double mirror_divergence(const PlainLikelihood& likelihood, const Matrix& r, const Vector& from,
                         const Vector& to) {
    return likelihood.model().symmetric() ? likelihood.joint_divergence(from, to)
                                          : likelihood.weighted_divergence(r, from, to);
}

} // namespace

double ExactDecrease::residual() const noexcept {
    return std::abs(decrease() - gap() - latent);
}

ExactDecrease exact_decrease(const PlainLikelihood& likelihood, const Vector& before,
                             const Vector& after) {
    const Matrix r = likelihood.posterior(before);
    return {.before = likelihood.objective(before),
            .after = likelihood.objective(after),
            .G = mirror_divergence(likelihood, r, after, before),
            .ridge = 0.5 * likelihood.model().lambda * (after - before).squaredNorm(),
            .latent = likelihood.latent_divergence(before, after)};
}

double Smoothness::residual() const noexcept {
    return std::abs(curved - divergence + latent);
}

Smoothness smoothness(const PlainLikelihood& likelihood, const Vector& a, const Vector& b) {
    return {.curved = likelihood.loss(a) - likelihood.loss(b) - likelihood.gradient(b).dot(a - b),
            .divergence = mirror_divergence(likelihood, likelihood.posterior(b), b, a),
            .latent = likelihood.latent_divergence(b, a),
            .joint = likelihood.joint_divergence(b, a)};
}

double relative_difference(const Vector& expected, const Vector& found) {
    const double scale = std::max(1.0, expected.cwiseAbs().maxCoeff());
    return (found - expected).cwiseAbs().maxCoeff() / scale;
}

} // namespace moe
