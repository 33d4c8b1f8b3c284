#include "fitting/plain_density.hpp"

namespace moe {

std::vector<Predictor> PlainModel::predictors() const {
    std::vector<Predictor> result;
    if (symmetric()) return {{0, 1}, {p, 1}};
    for (std::size_t k = 0; k + 1 < K; ++k)
        result.push_back({k, K - 1});
    const std::size_t experts = gate_parameters();
    if (kind == PlainKind::multinomial) {
        for (std::size_t k = 0; k < K; ++k) {
            for (std::size_t c = 0; c + 1 < C; ++c)
                result.push_back({experts + k * p * (C - 1) + c, C - 1});
        }
        return result;
    }
    for (std::size_t k = 0; k < K; ++k)
        result.push_back({experts + k, K});
    if (kind == PlainKind::free_variance) {
        for (std::size_t k = 0; k < K; ++k)
            result.push_back({experts + K * p + k, 0, true});
    }
    return result;
}

PlainModel plain_model(SymmetricKind kind, Index p) {
    const bool linear = kind == SymmetricKind::linear;
    return {.kind = linear ? PlainKind::symmetric_linear : PlainKind::symmetric_logistic,
            .p = static_cast<std::size_t>(p),
            .C = linear ? std::size_t{1} : std::size_t{2}};
}

PlainModel plain_model(const GatedShape& shape, const GatedSettings& settings) {
    PlainModel model{.kind = PlainKind::linear,
                     .p = static_cast<std::size_t>(shape.p),
                     .K = static_cast<std::size_t>(shape.K),
                     .C = static_cast<std::size_t>(shape.C),
                     .sigma = settings.sigma,
                     .lambda = settings.lambda};
    if (shape.family == ExpertFamily::free_variance) {
        model.kind = PlainKind::free_variance;
        model.sigma = 1.0;
    } else if (shape.family == ExpertFamily::multinomial) {
        model.kind = PlainKind::multinomial;
    }
    return model;
}

} // namespace moe
