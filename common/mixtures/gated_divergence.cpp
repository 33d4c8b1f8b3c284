#include "mixtures/exp_remainder.hpp"
#include "mixtures/gated_information.hpp"

#include <cmath>

namespace moe {

namespace {

/// (1/n) sum_i weight_i KL(softmax_i(b) || softmax_i(a)). With d_c = log(p_a,c / p_b,c) it is
/// sum_c p_b,c (exp(d_c) - 1 - d_c), a sum of terms >= 0, because sum_c p_b,c (exp(d_c) - 1) = 0.
double softmax_divergence(const Matrix& x, const Eigen::Ref<const Matrix>& a,
                          const Eigen::Ref<const Matrix>& b, const Vector& weight) {
    Matrix log_a;
    Matrix log_b;
    log_softmax(x, a, log_a);
    log_softmax(x, b, log_b);
    const Matrix shift = x * (a - b); // of the logits; that of the last class is 0
    double sum = 0.0;
    for (Index i = 0; i < x.rows(); ++i) {
        // log of the ratio of the normalisers: log sum_c p_b,c exp(shift_c)
        double change = 0.0;
        bool close = true;
        for (Index c = 0; c < shift.cols(); ++c) {
            change += std::exp(log_b(i, c)) * std::expm1(shift(i, c));
            close = close && std::abs(shift(i, c)) < 1.0;
        }
        const double normaliser = std::log1p(change);
        double divergence = 0.0;
        for (Index c = 0; c < log_b.cols(); ++c) {
            const double p = std::exp(log_b(i, c));
            if (close) {
                const double d = (c < shift.cols() ? shift(i, c) : 0.0) - normaliser;
                divergence += p * exp_remainder(d);
            } else {
                const double d = log_a(i, c) - log_b(i, c);
                divergence += std::exp(log_a(i, c)) - p - p * d;
            }
        }
        sum += weight[i] * divergence;
    }
    return sum / static_cast<double>(x.rows());
}

} // namespace

double gated_divergence(const GatedShape& shape, const Samples& data, const GatedParameters& a,
                        const GatedParameters& b, const Matrix& r) {
    const auto n = static_cast<double>(data.x.rows());
    const Index forms = forms_per_expert(shape);
    double sum = 0.0;
    if (shape.K > 1) sum += softmax_divergence(data.x, a.gate, b.gate, Vector::Ones(data.x.rows()));
    for (Index k = 0; k < shape.K; ++k) {
        if (shape.family == ExpertFamily::multinomial) {
            sum += softmax_divergence(data.x, a.experts.middleCols(k * forms, forms),
                                      b.experts.middleCols(k * forms, forms), r.col(k));
            continue;
        }
        // KL(N(m_b, 1/tau_b) || N(m_a, 1/tau_a)) = tau_a (m_a - m_b)^2 / 2 + (ratio of variances)
        const Vector shift = data.x * (a.experts.col(k) - b.experts.col(k));
        sum += 0.5 * a.tau[k] * r.col(k).dot(shift.cwiseAbs2()) / n;
        sum += 0.5 * exp_remainder(std::log(a.tau[k] / b.tau[k])) * r.col(k).sum() / n;
    }
    return sum;
}

} // namespace moe
