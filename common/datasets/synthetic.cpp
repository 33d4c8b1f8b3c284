#include "datasets/synthetic.hpp"

#include <cmath>
#include <stdexcept>

namespace moe {

namespace {

Vector normals(Deviates& stream, Index count) {
    Vector values(count);
    for (double& value : values)
        value = stream.normal();
    return values;
}

Vector direction(const DeviateSource& source, std::uint32_t number, Index size) {
    return normals(*source.stream(number), size).normalized();
}

/// Rows of normals from column `first` on; the columns before it are left at 1.
Matrix features(const DeviateSource& source, Index n, Index p, Index first) {
    const auto stream = source.stream(3);
    Matrix x = Matrix::Ones(n, p);
    for (Index i = 0; i < n; ++i) {
        for (Index j = first; j < p; ++j)
            x(i, j) = stream->normal();
    }
    return x;
}

double sigmoid(double a) {
    return 1.0 / (1.0 + std::exp(-a));
}

/// The number of cumulative probabilities below u, for logits whose last one is 0 and left out.
Index draw(const Vector& logits, double u) {
    const double largest = std::fmax(0.0, logits.size() == 0 ? 0.0 : logits.maxCoeff());
    const Vector weights = (logits.array() - largest).exp();
    const double total = weights.sum() + std::exp(-largest);
    double cumulative = 0.0;
    Index below = 0;
    for (const double weight : weights) {
        cumulative += weight / total;
        if (cumulative >= u) break;
        ++below;
    }
    return below;
}

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A row-major block of theta.
Eigen::Map<const RowMajor> block(const Vector& theta, Index begin, Index rows, Index columns) {
    return {theta.data() + begin, rows, columns};
}

/// Parameters of linear experts (W, B) as the family wants them.
Vector in_family(const GatedShape& shape, double sigma, const Vector& theta) {
    if (shape.family != ExpertFamily::free_variance) return theta;
    const double precision = 1.0 / (sigma * sigma);
    Vector natural(shape.parameters());
    const Index gate = shape.gate_parameters();
    natural << theta.head(gate), precision * theta.tail(theta.size() - gate),
        Vector::Constant(shape.K, precision);
    return natural;
}

} // namespace

// ---------------------------------------------------------------------------------------------

SyntheticData symmetric_data(const SymmetricRecipe& recipe, const DeviateSource& source) {
    const Index d = recipe.d;
    if (recipe.n < 1 || d < 1) throw std::invalid_argument("symmetric_data: n and d must be >= 1");
    SyntheticData data;
    data.truth.resize(2 * d);
    data.truth << recipe.beta * direction(source, 1, d), recipe.w * direction(source, 2, d);
    data.start.resize(2 * d);
    data.start << recipe.rho0 * recipe.beta * direction(source, 6, d),
        recipe.rho0 * recipe.w * direction(source, 7, d);
    data.start += data.truth;

    data.samples.x = features(source, recipe.n, d, 0);
    const Vector means = data.samples.x * data.truth.head(d);
    const Vector gates = data.samples.x * data.truth.tail(d);
    const auto hidden = source.stream(4);
    const auto response = source.stream(5);
    data.samples.y.resize(recipe.n);
    for (Index i = 0; i < recipe.n; ++i) {
        const bool plus = hidden->uniform() < sigmoid(gates(i));
        const double mean = plus ? means(i) : -means(i);
        data.samples.y(i) = recipe.kind == SymmetricKind::linear
                                ? mean + response->normal()
                                : (response->uniform() < sigmoid(mean) ? 1.0 : -1.0);
        data.expert.push_back(plus ? 0 : 1);
    }
    return data;
}

SyntheticData gated_data(const GatedRecipe& recipe, const DeviateSource& source) {
    const GatedShape& shape = recipe.shape;
    const Index p = shape.p;
    const Index K = shape.K;
    const bool classes = shape.family == ExpertFamily::multinomial;
    if (recipe.n < 1 || p < 1 || K < 1 || (classes && shape.C < 2))
        throw std::invalid_argument("gated_data: n, p and K must be >= 1, C >= 2");
    const Index gate_size = shape.gate_parameters();
    const Index expert_size = classes ? K * p * (shape.C - 1) : p * K;
    Vector truth(gate_size + expert_size);
    truth << 1.5 * normals(*source.stream(1), gate_size),
        recipe.expert_scale * normals(*source.stream(2), expert_size);
    const Vector start = truth + recipe.start_noise * normals(*source.stream(6), truth.size());

    SyntheticData data;
    data.samples.x = features(source, recipe.n, p, 1);
    const Matrix gates = data.samples.x * block(truth, 0, p, K - 1);
    const auto hidden = source.stream(4);
    const auto response = source.stream(5);
    data.samples.y.resize(recipe.n);
    for (Index i = 0; i < recipe.n; ++i) {
        const auto x = data.samples.x.row(i);
        const Index k = draw(gates.row(i), hidden->uniform());
        if (classes) {
            const Index size = p * (shape.C - 1);
            const Vector logits = x * block(truth, gate_size + k * size, p, shape.C - 1);
            data.samples.y(i) = static_cast<double>(draw(logits, response->uniform()));
        } else {
            const double mean = x.dot(block(truth, gate_size, p, K).col(k));
            data.samples.y(i) = mean + recipe.sigma * response->normal();
        }
        data.expert.push_back(k);
    }
    data.truth = in_family(shape, recipe.sigma, truth);
    data.start = in_family(shape, recipe.sigma, start);
    return data;
}

} // namespace moe
