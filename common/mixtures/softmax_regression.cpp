#include "mixtures/softmax_regression.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moe {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

} // namespace

SoftmaxRegression::SoftmaxRegression(const TiledSamples& samples, Index forms, double lambda,
                                     const GatedKernels& kernels)
    : samples_(samples)
    , forms_(forms)
    , lambda_(lambda)
    , kernels_(kernels)
    , logits_(tile_array(forms))
    , p_(tile_array(forms))
    , slopes_(tile_array(forms))
    , normaliser_(tile_array(1))
    , curvature_(tile_array(1))
    , weighted_x_(tile_array(samples.features())) {}

double SoftmaxRegression::evaluate(const Vector& at, bool with_value, Derivatives derivatives,
                                   Vector& gradient, SymmetricMatrix& hessian) {
    const Index p = samples_.features();
    const bool with_hessian = derivatives == Derivatives::gradient_and_hessian;
    if (derivatives != Derivatives::none) gradient.setZero(at.size());
    if (with_hessian) std::fill_n(hessian.data(), hessian.stride() * hessian.size(), 0.0);
    LaneSums cost;
    for (Index tile = 0; tile < samples_.tiles(); ++tile) {
        const Index count = samples_.padded(tile);
        const double* probabilities = with_value ? nullptr : known_probabilities(at, tile);
        if (probabilities == nullptr) {
            kernels_.linear_forms(samples_.x(tile), p, at.data(), forms_, count, logits_.data());
            kernels_.softmax(logits_.data(), forms_, count, p_.data(), nullptr,
                             with_value ? normaliser_.data() : nullptr);
            probabilities = p_.data();
        }
        if (with_value) add_cost(tile, logits_.data(), normaliser_.data(), cost);
        if (derivatives == Derivatives::none) continue;
        const double* const weight = slopes(tile, probabilities, slopes_.data());
        kernels_.products(samples_.x(tile), p, slopes_.data(), forms_, count, false,
                          gradient.data(), p);
        if (with_hessian) add_hessian(tile, probabilities, weight, hessian);
    }
    const auto n = static_cast<double>(samples_.samples());
    if (derivatives != Derivatives::none) gradient = gradient / n + lambda_ * at;
    if (with_hessian) finish_hessian(hessian);
    return cost.total() / n + 0.5 * lambda_ * at.squaredNorm();
}

void SoftmaxRegression::add_hessian(Index tile, const double* p, const double* weight,
                                    SymmetricMatrix& hessian) {
    const Index features = samples_.features();
    const Index count = samples_.padded(tile);
    for (Index b = 0; b < forms_; ++b) {
        for (Index a = b; a < forms_; ++a) {
            kernels_.softmax_curvature(p + a * tile_samples, p + b * tile_samples, weight, a == b,
                                       count, curvature_.data());
            kernels_.scale(samples_.x(tile), curvature_.data(), features, count,
                           weighted_x_.data());
            kernels_.products(weighted_x_.data(), features, samples_.x(tile), features, count, true,
                              &hessian(a * features, b * features), hessian.stride());
        }
    }
}

void SoftmaxRegression::finish_hessian(SymmetricMatrix& hessian) const {
    const Index p = samples_.features();
    const double scale = 1.0 / static_cast<double>(samples_.samples());
    for (Index b = 0; b < forms_; ++b) {
        for (Index a = b; a < forms_; ++a) {
            for (Index j = 0; j < p; ++j) {
                for (Index i = j; i < p; ++i) {
                    const double entry = scale * hessian(a * p + i, b * p + j);
                    hessian(a * p + i, b * p + j) = entry;
                    if (a != b) hessian(a * p + j, b * p + i) = entry;
                }
            }
        }
    }
    for (Index j = 0; j < hessian.size(); ++j)
        hessian(j, j) += lambda_;
}

double SoftmaxRegression::gradient_noise(const Vector& at) const {
    const Vector& scales = samples_.feature_scales();
    const Eigen::Map<const Matrix> coefficients(at.data(), samples_.features(), forms_);
    double logit = 1.0; // what its terms add up to, signs left out
    for (Index f = 0; f < forms_; ++f)
        logit = std::max(logit, scales.dot(coefficients.col(f).cwiseAbs()));
    return 8 * epsilon * scales.maxCoeff() * logit + epsilon * lambda_ * at.lpNorm<1>();
}

double SoftmaxRegression::extent(const Vector& point) const {
    const Eigen::Map<const Matrix> coefficients(point.data(), samples_.features(), forms_);
    double square = 0.0;
    for (Index f = 0; f < forms_; ++f) {
        const auto form = coefficients.col(f);
        square = std::max(square, form.dot(samples_.gram().lazyProduct(form)));
    }
    return std::sqrt(square);
}

double SoftmaxRegression::hessian_cost() const noexcept {
    // Multiply-adds a sample; an exponential counts as 25.
    const auto p = static_cast<double>(samples_.features());
    const auto forms = static_cast<double>(forms_);
    const double size = p * forms;
    const double factorisation = size * size * size / 3 / static_cast<double>(samples_.samples());
    const double blocks = forms * (forms + 1) / 2 * (p * (p + 1) / 2 + p);
    return (blocks + factorisation) / (forms * (2 * p + 25));
}

GateRegression::GateRegression(const TiledSamples& samples, Index K, double lambda,
                               const GatedKernels& kernels, const KnownGate& known)
    : SoftmaxRegression(samples, K - 1, lambda, kernels)
    , known_(known)
    , r_rows_(tile_array(K))
    , total_(tile_array(1)) {}

const double* GateRegression::known_probabilities(const Vector& at, Index tile) const {
    const bool same = known_.coefficients.size() == at.size() &&
                      std::equal(at.begin(), at.end(), known_.coefficients.data());
    return same ? known_.pi.data() + tile * forms() * tile_samples : nullptr;
}

const double* GateRegression::slopes(Index tile, const double* p, double* result) {
    const TileRows r = tile_rows(data(), *r_, 0, forms() + 1, tile, r_rows_.data());
    kernels().gate_slopes(p, r.data, r.stride, forms() + 1, data().padded(tile), result,
                          total_.data());
    return total_.data();
}

void GateRegression::add_cost(Index tile, const double* logits, const double* normaliser,
                              LaneSums& sums) {
    const TileRows r = tile_rows(data(), *r_, 0, forms() + 1, tile, r_rows_.data());
    kernels().gate_cost(logits, normaliser, r.data, r.stride, forms(), data().padded(tile), sums);
}

ClassRegression::ClassRegression(const TiledSamples& samples, Index C, double lambda,
                                 const GatedKernels& kernels)
    : SoftmaxRegression(samples, C - 1, lambda, kernels)
    , weight_row_(tile_array(1))
    , density_(tile_array(1)) {}

const double* ClassRegression::weights(Index tile) {
    return tile_rows(data(), *r_, k_, 1, tile, weight_row_.data()).data;
}

const double* ClassRegression::known_probabilities(const Vector& /*at*/, Index /*tile*/) const {
    return nullptr;
}

const double* ClassRegression::slopes(Index tile, const double* p, double* result) {
    const double* const weight = weights(tile);
    kernels().class_slopes(p, data().y(tile), weight, forms(), data().padded(tile), result);
    return weight;
}

void ClassRegression::add_cost(Index tile, const double* logits, const double* normaliser,
                               LaneSums& sums) {
    const Index count = data().padded(tile);
    kernels().class_log_density(logits, normaliser, data().y(tile), forms(), count,
                                density_.data());
    kernels().weighted_cost(density_.data(), weights(tile), count, sums);
}

} // namespace moe
