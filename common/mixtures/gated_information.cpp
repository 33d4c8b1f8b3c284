#include "mixtures/gated_information.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace moe {

namespace {

/// The entries of theta that belong to one linear form: coefficient j at index(j), its feature
/// being column j of x, or for a precision the constant 1.
struct Form {
    Index expert;
    std::function<Index(Index)> index;
    bool constant = false;
};

std::vector<Form> forms_of(const GatedShape& shape) {
    std::vector<Form> forms;
    for (Index f = 0; f < shape.K - 1; ++f)
        forms.push_back({f, [shape, f](Index j) { return gate_index(shape, j, f); }});
    for (Index f = 0; f < shape.K * forms_per_expert(shape); ++f)
        forms.push_back({f / forms_per_expert(shape),
                         [shape, f](Index j) { return expert_index(shape, j, f); }});
    if (shape.family == ExpertFamily::free_variance) {
        for (Index k = 0; k < shape.K; ++k)
            forms.push_back(
                {k, [shape, k](Index) { return shape.parameters() - shape.K + k; }, true});
    }
    return forms;
}

Matrix probabilities(const Matrix& x, const Eigen::Ref<const Matrix>& coefficients) {
    Matrix result;
    log_softmax(x, coefficients, result);
    return result.array().exp();
}

/// Adds (1/n) sum_i weight_i x_i x_i' to the block of two forms, and to its mirror image.
void add_block(const Samples& data, const Form& row, const Form& column, const Vector& weight,
               Matrix& result) {
    const auto n = static_cast<double>(data.x.rows());
    const Matrix ones = Matrix::Ones(data.x.rows(), 1);
    const Matrix& left = row.constant ? ones : data.x;
    const Matrix& right = column.constant ? ones : data.x;
    const Matrix block = left.transpose() * (weight.asDiagonal() * right) / n;
    for (Index b = 0; b < block.cols(); ++b) {
        for (Index a = 0; a < block.rows(); ++a) {
            result(row.index(a), column.index(b)) = block(a, b);
            result(column.index(b), row.index(a)) = block(a, b);
        }
    }
}

/// Score of expert k's own parameters given z = k, n x (forms): the factor of x.
Matrix expert_scores(const GatedShape& shape, const Samples& data, const GatedParameters& at,
                     Index k) {
    const Index forms = forms_per_expert(shape);
    if (shape.family != ExpertFamily::multinomial) {
        const double scale = shape.family == ExpertFamily::linear ? at.tau[k] : 1.0;
        return scale * (data.y - data.x * at.experts.col(k));
    }
    Matrix scores = -probabilities(data.x, at.experts.middleCols(k * forms, forms)).leftCols(forms);
    for (Index i = 0; i < data.x.rows(); ++i) {
        const auto c = static_cast<Index>(data.y[i]);
        if (c < forms) scores(i, c) += 1.0;
    }
    return scores;
}

/// The same of expert k's precision.
Vector precision_scores(const Samples& data, const GatedParameters& at, Index k) {
    const Vector mean = data.x * at.experts.col(k);
    return 0.5 / at.tau[k] - 0.5 * (data.y - mean).array() * (data.y + mean).array();
}

/// One column per form, in the order of forms_of.
Matrix complete_scores(const GatedShape& shape, const Samples& data, const GatedParameters& at) {
    const Index forms = forms_per_expert(shape);
    const bool natural = shape.family == ExpertFamily::free_variance;
    const Index gate = shape.K - 1;
    Matrix scores(data.x.rows(), gate + shape.K * forms + (natural ? shape.K : 0));
    scores.leftCols(gate).setOnes();
    for (Index k = 0; k < shape.K; ++k) {
        scores.middleCols(gate + k * forms, forms) = expert_scores(shape, data, at, k);
        if (natural) scores.col(gate + shape.K + k) = precision_scores(data, at, k);
    }
    return scores;
}

} // namespace

void gated_complete_information(const GatedShape& shape, const Samples& data,
                                const GatedParameters& at, const Matrix& r, Matrix& hessian) {
    const std::vector<Form> forms = forms_of(shape);
    const Index gate = shape.K - 1;
    const Index own = forms_per_expert(shape);
    hessian.setZero(shape.parameters(), shape.parameters());
    const auto form = [&](Index f) -> const Form& { return forms[static_cast<std::size_t>(f)]; };
    // The curvature of a softmax: weight p_a (1[a=b] - p_b).
    const auto add_softmax = [&](const Matrix& p, Index first, const Vector& weight) {
        for (Index b = 0; b + 1 < p.cols(); ++b) {
            for (Index a = 0; a <= b; ++a) {
                const Vector w =
                    weight.array() * p.col(a).array() * ((a == b ? 1.0 : 0.0) - p.col(b).array());
                add_block(data, form(first + a), form(first + b), w, hessian);
            }
        }
    };
    add_softmax(probabilities(data.x, at.gate), 0, r.rowwise().sum());
    for (Index k = 0; k < shape.K; ++k) {
        const Form& own_form = form(gate + k * own);
        if (shape.family == ExpertFamily::multinomial) {
            add_softmax(probabilities(data.x, at.experts.middleCols(k * own, own)), gate + k * own,
                        r.col(k));
        } else if (shape.family == ExpertFamily::linear) {
            add_block(data, own_form, own_form, at.tau[k] * r.col(k), hessian);
        } else {
            const double tau = at.tau[k];
            const Form& precision = form(gate + shape.K + k);
            const Vector mean = data.x * at.experts.col(k);
            add_block(data, own_form, own_form, r.col(k) / tau, hessian);
            add_block(data, own_form, precision, -r.col(k).cwiseProduct(mean) / tau, hessian);
            add_block(data, precision, precision,
                      r.col(k).array() * (0.5 / (tau * tau) + mean.array().square() / tau),
                      hessian);
        }
    }
}

void gated_missing_information(const GatedShape& shape, const Samples& data,
                               const GatedParameters& at, const Matrix& r, Matrix& information) {
    const std::vector<Form> forms = forms_of(shape);
    const Matrix scores = complete_scores(shape, data, at);
    information.resize(shape.parameters(), shape.parameters());
    for (Index g = 0; g < scores.cols(); ++g) {
        const Form& column = forms[static_cast<std::size_t>(g)];
        for (Index f = 0; f <= g; ++f) {
            const Form& row = forms[static_cast<std::size_t>(f)];
            // Cov(1[z=k], 1[z=l]) = r_k (1[k=l] - r_l)
            const double same = row.expert == column.expert ? 1.0 : 0.0;
            const Vector weight = scores.col(f).array() * scores.col(g).array() *
                                  r.col(row.expert).array() * (same - r.col(column.expert).array());
            add_block(data, row, column, weight, information);
        }
    }
}

double gated_curvature_bound(const GatedShape& shape, const GatedSettings& settings,
                             const Matrix& x) {
    if (shape.family == ExpertFamily::free_variance)
        throw std::logic_error("curvature_bound: free variances have no bound");
    const Matrix gram = x.transpose() * x / static_cast<double>(x.rows());
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(gram, Eigen::EigenvaluesOnly);
    const double gate = shape.K < 2 ? 0.0 : shape.K == 2 ? 0.25 : 0.5;
    const double expert =
        shape.family == ExpertFamily::linear ? 1.0 / (settings.sigma * settings.sigma) : 0.5;
    return eigen.eigenvalues()[shape.p - 1] * std::max(gate, expert) + settings.lambda;
}

} // namespace moe
