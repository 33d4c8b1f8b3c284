#include "mixtures/gated_likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace moe {

AlignedArray tile_array(Index rows) {
    return AlignedArray(static_cast<std::size_t>(rows * tile_samples));
}

GatedLikelihood::GatedLikelihood(const GatedShape& shape, const TiledSamples& samples,
                                 const GatedKernels& kernels)
    : shape_(shape)
    , forms_(forms_per_expert(shape))
    , samples_(samples)
    , kernels_(kernels)
    , known_{Matrix(), tile_array(samples.tiles() * (shape.K - 1))}
    , logits_(tile_array(shape.K - 1))
    , pi_(tile_array(shape.K))
    , forms_rows_(tile_array(shape.K * forms_))
    , classes_(tile_array(shape.K * forms_))
    , normalisers_(tile_array(shape.K))
    , densities_(tile_array(shape.K))
    , r_(tile_array(shape.K))
    , loss_(tile_array(1))
    , slopes_(tile_array(std::max(shape.K - 1, forms_)))
    , total_(tile_array(1))
    , squares_(static_cast<std::size_t>(shape.K))
    , masses_(static_cast<std::size_t>(shape.K)) {}

void GatedLikelihood::gate_logits(const GatedParameters& at, Index tile) {
    kernels_.linear_forms(samples_.x(tile), shape_.p, at.gate.data(), shape_.K - 1,
                          samples_.padded(tile), logits_.data());
}

void GatedLikelihood::expert_forms(const GatedParameters& at, Index tile) {
    const Index count = samples_.padded(tile);
    kernels_.linear_forms(samples_.x(tile), shape_.p, at.experts.data(), shape_.K * forms_, count,
                          forms_rows_.data());
    if (shape_.family != ExpertFamily::multinomial) return;
    for (Index k = 0; k < shape_.K; ++k)
        kernels_.softmax(forms_rows_.data() + k * forms_ * tile_samples, forms_, count,
                         classes_.data() + k * forms_ * tile_samples, nullptr,
                         normalisers_.data() + k * tile_samples);
}

void GatedLikelihood::expert_densities(const GatedParameters& at, Index tile) {
    const Index count = samples_.padded(tile);
    expert_forms(at, tile);
    for (Index k = 0; k < shape_.K; ++k) {
        const double* const forms = forms_rows_.data() + k * forms_ * tile_samples;
        double* const density = densities_.data() + k * tile_samples;
        if (shape_.family == ExpertFamily::multinomial)
            kernels_.class_log_density(forms, normalisers_.data() + k * tile_samples,
                                       samples_.y(tile), forms_, count, density);
        else
            kernels_.normal_log_density(forms, samples_.y(tile),
                                        0.5 * std::log(at.tau[k] / (2 * std::numbers::pi)),
                                        0.5 * at.tau[k], count, density);
    }
}

double* GatedLikelihood::known_pi(Index tile) noexcept {
    return known_.pi.data() + tile * (shape_.K - 1) * tile_samples;
}

double GatedLikelihood::mean(const LaneSums& sums) const noexcept {
    return sums.total() / static_cast<double>(samples_.samples());
}

void GatedLikelihood::copy_valid(Index tile, const double* row, Matrix& to, Index column) const {
    std::copy_n(row, samples_.valid(tile), to.col(column).data() + tile * tile_samples);
}

void GatedLikelihood::add_loss(Index tile, LaneSums& sums) {
    const Index count = samples_.padded(tile);
    std::fill(loss_.data() + samples_.valid(tile), loss_.data() + count, 0.0);
    kernels_.add(loss_.data(), count, sums);
}

double GatedLikelihood::loss(const GatedParameters& at) {
    LaneSums sums;
    for (Index tile = 0; tile < samples_.tiles(); ++tile) {
        gate_logits(at, tile);
        expert_densities(at, tile);
        kernels_.posterior(logits_.data(), densities_.data(), shape_.K, samples_.padded(tile),
                           r_.data(), tile_samples, pi_.data(), loss_.data());
        add_loss(tile, sums);
    }
    return mean(sums);
}

double GatedLikelihood::posterior(const GatedParameters& at, Matrix& r) {
    r.resize(samples_.samples(), shape_.K);
    LaneSums sums;
    for (Index tile = 0; tile < samples_.tiles(); ++tile) {
        const bool whole = samples_.valid(tile) == tile_samples;
        double* const rows = whole ? r.data() + tile * tile_samples : r_.data();
        gate_logits(at, tile);
        expert_densities(at, tile);
        kernels_.posterior(logits_.data(), densities_.data(), shape_.K, samples_.padded(tile), rows,
                           whole ? r.rows() : tile_samples, known_pi(tile), loss_.data());
        for (Index k = 0; !whole && k < shape_.K; ++k)
            copy_valid(tile, rows + k * tile_samples, r, k);
        add_loss(tile, sums);
    }
    known_.coefficients = at.gate;
    return mean(sums);
}

void GatedLikelihood::begin_gradient(GatedParameters& gradient) {
    gradient.gate.setZero(shape_.p, shape_.K - 1);
    gradient.experts.setZero(shape_.p, shape_.K * forms_);
    gradient.tau.setZero(shape_.K);
    std::fill(squares_.begin(), squares_.end(), LaneSums{});
    std::fill(masses_.begin(), masses_.end(), LaneSums{});
}

void GatedLikelihood::add_gradient(const GatedParameters& at, Index tile, const double* pi,
                                   TileRows r, GatedParameters& gradient) {
    const Index count = samples_.padded(tile);
    const double* const x = samples_.x(tile);
    if (shape_.K > 1) {
        kernels_.gate_slopes(pi, r.data, r.stride, shape_.K, count, slopes_.data(), total_.data());
        kernels_.products(x, shape_.p, slopes_.data(), shape_.K - 1, count, false,
                          gradient.gate.data(), shape_.p);
    }
    for (Index k = 0; k < shape_.K; ++k) {
        const double* const forms = forms_rows_.data() + k * forms_ * tile_samples;
        if (shape_.family == ExpertFamily::multinomial) {
            kernels_.class_slopes(classes_.data() + k * forms_ * tile_samples, samples_.y(tile),
                                  r.row(k), forms_, count, slopes_.data());
        } else {
            // By the natural parameter a_k the slope is mean - y whatever the variance.
            const double scale = shape_.family == ExpertFamily::linear ? at.tau[k] : 1.0;
            const auto index = static_cast<std::size_t>(k);
            kernels_.normal_slopes(forms, samples_.y(tile), r.row(k), scale, count, slopes_.data(),
                                   squares_[index], masses_[index]);
        }
        kernels_.products(x, shape_.p, slopes_.data(), forms_, count, false,
                          gradient.experts.col(k * forms_).data(), shape_.p);
    }
}

void GatedLikelihood::finish_gradient(const GatedParameters& at, GatedParameters& gradient) {
    const auto n = static_cast<double>(samples_.samples());
    gradient.gate /= n;
    gradient.experts /= n;
    if (shape_.family != ExpertFamily::free_variance) return;
    for (Index k = 0; k < shape_.K; ++k) {
        // -d l / d tau = (y - m)(y + m) / 2 - 1 / (2 tau), (y - m)(y + m) = (y - m)^2 + 2 (y - m) m
        const auto index = static_cast<std::size_t>(k);
        const double cross = at.experts.col(k).dot(gradient.experts.col(k));
        gradient.tau[k] = 0.5 * (mean(squares_[index]) - mean(masses_[index]) / at.tau[k]) - cross;
    }
}

double GatedLikelihood::loss_gradient(const GatedParameters& at, GatedParameters& gradient) {
    begin_gradient(gradient);
    LaneSums sums;
    for (Index tile = 0; tile < samples_.tiles(); ++tile) {
        const Index count = samples_.padded(tile);
        gate_logits(at, tile);
        expert_densities(at, tile);
        kernels_.posterior(logits_.data(), densities_.data(), shape_.K, count, r_.data(),
                           tile_samples, pi_.data(), loss_.data());
        // The samples that pad a tile weigh nothing.
        for (Index k = 0; k < shape_.K; ++k)
            std::fill(r_.data() + k * tile_samples + samples_.valid(tile),
                      r_.data() + k * tile_samples + count, 0.0);
        add_loss(tile, sums);
        add_gradient(at, tile, pi_.data(), {r_.data(), tile_samples}, gradient);
    }
    finish_gradient(at, gradient);
    return mean(sums);
}

void GatedLikelihood::surrogate_gradient(const GatedParameters& at, const Matrix& r,
                                         GatedParameters& gradient) {
    begin_gradient(gradient);
    for (Index tile = 0; tile < samples_.tiles(); ++tile) {
        const Index count = samples_.padded(tile);
        if (shape_.K > 1) {
            gate_logits(at, tile);
            kernels_.softmax(logits_.data(), shape_.K - 1, count, pi_.data(), nullptr, nullptr);
        }
        expert_forms(at, tile);
        add_gradient(at, tile, pi_.data(), tile_rows(samples_, r, 0, shape_.K, tile, r_.data()),
                     gradient);
    }
    finish_gradient(at, gradient);
}

void GatedLikelihood::gate(const GatedParameters& at, Matrix& pi) {
    pi.setOnes(samples_.samples(), shape_.K);
    if (shape_.K == 1) return;
    for (Index tile = 0; tile < samples_.tiles(); ++tile) {
        const Index last = shape_.K - 1;
        gate_logits(at, tile);
        kernels_.softmax(logits_.data(), last, samples_.padded(tile), pi_.data(),
                         pi_.data() + last * tile_samples, nullptr);
        for (Index k = 0; k < shape_.K; ++k)
            copy_valid(tile, pi_.data() + k * tile_samples, pi, k);
    }
}

void GatedLikelihood::complete_log_density(const GatedParameters& at, Matrix& l) {
    l.resize(samples_.samples(), shape_.K);
    for (Index tile = 0; tile < samples_.tiles(); ++tile) {
        expert_densities(at, tile);
        for (Index k = 0; k < shape_.K; ++k)
            copy_valid(tile, densities_.data() + k * tile_samples, l, k);
        if (shape_.K == 1) continue;
        gate_logits(at, tile);
        kernels_.softmax(logits_.data(), shape_.K - 1, samples_.padded(tile), pi_.data(), nullptr,
                         total_.data());
        auto rows = l.middleRows(tile * tile_samples, samples_.valid(tile));
        const Eigen::Map<const Vector> normaliser(total_.data(), rows.rows());
        rows.colwise() -= normaliser;
        for (Index k = 0; k + 1 < shape_.K; ++k)
            rows.col(k) += Eigen::Map<const Vector>(logits_.data() + k * tile_samples, rows.rows());
    }
}

} // namespace moe
