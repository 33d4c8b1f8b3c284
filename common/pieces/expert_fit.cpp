#include "pieces/one_layer.hpp"

#include <Eigen/Core>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

using Eigen::Index;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

/// Coefficients of the features, the constant last.
Vector weighted_fit(const Matrix& features, const Vector& values, const Vector& weights) {
    const Matrix weighted = features.transpose() * weights.asDiagonal();
    return (weighted * features).completeOrthogonalDecomposition().solve(weighted * values);
}

/// Moves the constant to the middle of the residuals; gives the largest residual that is left.
double centre(const Matrix& features, const Vector& values, Vector& coefficients) {
    const Vector residuals = values - features * coefficients;
    coefficients(coefficients.size() - 1) += 0.5 * (residuals.maxCoeff() + residuals.minCoeff());
    return 0.5 * (residuals.maxCoeff() - residuals.minCoeff());
}

/// Features [k][f], their last column 1.
Vector smallest_error_fit(const Matrix& features, const Vector& values, int lawson) {
    Vector weights = Vector::Ones(values.size());
    Vector best;
    double smallest = std::numeric_limits<double>::infinity();
    for (int round = 0; round <= lawson; ++round) {
        Vector coefficients = weighted_fit(features, values, weights);
        const Vector residuals = (values - features * coefficients).cwiseAbs();
        const double largest = centre(features, values, coefficients);
        if (best.size() == 0 || largest < smallest) {
            smallest = largest;
            best = coefficients;
        }
        const double scale = residuals.maxCoeff();
        if (!(scale > 0.0)) break;
        weights = weights.cwiseProduct(residuals) / scale;
        weights /= std::max(weights.maxCoeff(), std::numeric_limits<double>::min());
    }
    return best;
}

/// One expert: its parameters as Architecture::dense lays them out.
class CellFit {
  public:
    CellFit(const CubePoints& points, std::span<const double> values,
            std::span<const std::size_t> members, const ExpertFit& fit, RandomStream& random)
        : L_(static_cast<Index>(points.dimension))
        , x_(static_cast<Index>(members.size()), L_ + 1)
        , values_(static_cast<Index>(members.size()))
        , fit_(&fit) {
        for (Index i = 0; i < values_.size(); ++i) {
            const std::size_t member = members[static_cast<std::size_t>(i)];
            const auto point = points.point(member);
            for (Index l = 0; l < L_; ++l)
                x_(i, l) = point[static_cast<std::size_t>(l)];
            x_(i, L_) = 1.0;
            values_(i) = values[member];
        }
        if (fit.width > 0) choose_hidden(random);
    }

    [[nodiscard]] std::vector<double> parameters() const {
        const Matrix features = fit_->width == 0 ? x_ : hidden_features();
        const Vector coefficients = smallest_error_fit(features, values_, fit_->lawson);
        std::vector<double> result;
        if (fit_->width > 0) {
            for (Index k = 0; k < hidden_.rows(); ++k) {
                for (Index l = 0; l < L_; ++l)
                    result.push_back(hidden_(k, l));
            }
            for (Index k = 0; k < hidden_.rows(); ++k)
                result.push_back(hidden_(k, L_));
        }
        result.insert(result.end(), coefficients.begin(), coefficients.end());
        return result;
    }

  private:
    /// The first neuron is the affine fit, shifted to be linear on the cube; the others bend
    /// somewhere in the cell.
    void choose_hidden(RandomStream& random) {
        const auto width = static_cast<Index>(fit_->width);
        hidden_ = Matrix(width, L_ + 1);
        hidden_.row(0) = weighted_fit(x_, values_, Vector::Ones(values_.size())).transpose();
        hidden_(0, L_) = -hidden_.row(0).head(L_).cwiseMin(0.0).sum();
        for (Index k = 1; k < width; ++k) {
            for (Index l = 0; l < L_; ++l)
                hidden_(k, l) = random.normal();
            const auto through =
                static_cast<Index>(random.below(static_cast<std::uint64_t>(x_.rows())));
            hidden_(k, L_) = -hidden_.row(k).head(L_).dot(x_.row(through).head(L_));
        }
    }

    [[nodiscard]] Matrix hidden_features() const {
        Matrix features(x_.rows(), hidden_.rows() + 1);
        features.leftCols(hidden_.rows()) = (x_ * hidden_.transpose()).cwiseMax(0.0);
        features.rightCols(1).setOnes();
        return features;
    }

    Index L_;
    Matrix x_; ///< (x, 1)
    Vector values_;
    const ExpertFit* fit_;
    Matrix hidden_; ///< (weights, bias) by neuron
};

} // namespace

MoeLayer fit_experts(LinearGate gate, const CubePoints& points, std::span<const double> values,
                     const ExpertFit& fit, RandomStream& random) {
    if (points.count() == 0 || points.count() != values.size() || gate.inputs() != points.dimension)
        throw std::invalid_argument("fit_experts: gate, points and values do not fit");
    std::vector<std::vector<std::size_t>> members(gate.experts());
    std::vector<double> logits(gate.experts());
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < points.count(); ++i) {
        gate.logits(points.point(i), logits);
        members[route(logits)].push_back(i);
        all.push_back(i);
    }
    std::vector<double> parameters;
    for (const auto& cell : members) {
        const CellFit expert(points, values, cell.empty() ? all : cell, fit, random);
        const std::vector<double> own = expert.parameters();
        parameters.insert(parameters.end(), own.begin(), own.end());
    }
    std::vector<std::uint32_t> widths{points.dimension};
    if (fit.width > 0) widths.push_back(fit.width);
    widths.push_back(1);
    return {std::move(gate), Architecture::dense(widths), std::move(parameters)};
}

} // namespace moe
