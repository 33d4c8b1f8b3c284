#include "charts/embedding.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <Eigen/Dense>

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

constexpr double orthogonality_tolerance = 1e-10;

using ConstVectorMap = Eigen::Map<const Eigen::VectorXd>;

Eigen::Index index(std::size_t size) {
    return static_cast<Eigen::Index>(size);
}

} // namespace

Eigen::MatrixXd random_orthogonal(std::size_t size, RandomStream& random) {
    const Eigen::Index n = index(size);
    Eigen::MatrixXd gaussian(n, n);
    for (double& entry : gaussian.reshaped())
        entry = random.normal();
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(gaussian);
    Eigen::MatrixXd q = qr.householderQ();
    for (Eigen::Index j = 0; j < n; ++j) {
        if (qr.matrixQR()(j, j) < 0.0) q.col(j) *= -1.0;
    }
    return q;
}

Embedding::Embedding(Eigen::MatrixXd q, std::size_t n, double tau)
    : q_(std::move(q))
    , n_(n)
    , tau_(tau) {
    if (q_.rows() != q_.cols())
        throw InputError("embedding: Q is " + std::to_string(q_.rows()) + " x " +
                         std::to_string(q_.cols()) + ", must be square");
    if (ambient() < n_)
        throw InputError("ambient dimension D = " + std::to_string(ambient()) +
                         ": must be at least n = " + std::to_string(n_));
    if (!std::isfinite(tau_)) throw InputError("tau " + shortest(tau_) + ": must be finite");
    const double deviation = (q_.transpose() * q_ - Eigen::MatrixXd::Identity(q_.rows(), q_.cols()))
                                 .cwiseAbs()
                                 .maxCoeff<Eigen::PropagateNaN>();
    if (!(deviation <= orthogonality_tolerance))
        throw InputError("embedding: max |Q'Q - I| is " + rounded(deviation, 3) +
                         ", must be at most 1e-10");
}

std::size_t Embedding::ambient() const noexcept {
    return static_cast<std::size_t>(q_.rows());
}

void Embedding::embed(std::span<const double> u, std::span<double> x) const {
    if (u.size() != n_ || x.size() != ambient())
        throw std::invalid_argument("embedding: a point of " + std::to_string(u.size()) +
                                    " numbers to one of " + std::to_string(x.size()) +
                                    ", needed are " + std::to_string(n_) + " and " +
                                    std::to_string(ambient()));
    Eigen::Map<Eigen::VectorXd> image(x.data(), q_.rows());
    image.noalias() = q_.leftCols(index(n_)) * ConstVectorMap(u.data(), index(n_));
    if (tau_ == 0.0) return;
    for (std::size_t k = 0; k + n_ < ambient(); ++k) {
        const auto wave = static_cast<double>(k);
        double phase = 0.0;
        for (std::size_t j = 0; j < n_; ++j)
            phase += std::cos(0.9 * wave * static_cast<double>(j + 1)) * u[j];
        image += (tau_ * std::sin(1.7 * wave + 3.0 * phase)) * q_.col(index(n_ + k));
    }
}

std::vector<double> Embedding::lift(std::span<const double> rows) const {
    if (rows.size() % n_ != 0)
        throw std::invalid_argument("embedding: " + std::to_string(rows.size()) +
                                    " entries are no rows of " + std::to_string(n_));
    std::vector<double> lifted(rows.size() / n_ * ambient());
    for (std::size_t row = 0; row * n_ < rows.size(); ++row) {
        Eigen::Map<Eigen::VectorXd>(lifted.data() + row * ambient(), q_.rows()).noalias() =
            q_.leftCols(index(n_)) * ConstVectorMap(rows.data() + row * n_, index(n_));
    }
    return lifted;
}

} // namespace moe
