#include "mixtures/latent_model.hpp"

namespace moe {

double LatentModel::objective(const Vector& theta) {
    return loss(theta) + 0.5 * lambda() * theta.squaredNorm();
}

} // namespace moe
