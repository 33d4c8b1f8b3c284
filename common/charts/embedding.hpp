#pragma once
// How a manifold of R^n lies in R^D: with an orthogonal Q = (q_1 .. q_D), flat x = Q_n u or curved
//   x = Q_n u + tau sum_{k=0}^{D-n-1} sin(1.7 k + 3 sum_j cos(0.9 k (j+1)) u_j) q_{n+1+k},
// Q_n the first n columns (the project's notes on arXiv:2505.24205, 2.2).

#include "basics/random.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <span>
#include <vector>

namespace moe {

/// A random orthogonal matrix: QR of a Gaussian one, with the signs that make it uniform (Mezzadri,
/// Notices of the AMS 54, 2007). size >= 1.
[[nodiscard]] Eigen::MatrixXd random_orthogonal(std::size_t size, RandomStream& random);

class Embedding {
  public:
    /// tau = 0 is flat. Throws InputError for D < n, a Q that is not square or with
    /// max |Q'Q - I| > 1e-10, a tau that is not finite.
    Embedding(Eigen::MatrixXd q, std::size_t n, double tau);

    [[nodiscard]] std::size_t ambient() const noexcept; ///< D
    [[nodiscard]] std::size_t own() const noexcept { return n_; }
    [[nodiscard]] double tau() const noexcept { return tau_; }

    /// x [D] of u [n]. Throws std::invalid_argument naming sizes that differ.
    void embed(std::span<const double> u, std::span<double> x) const;
    /// Rows [rows][n] to rows [rows][D] by Q_n': what reads v'u of a point of R^n reads (Q_n v)'x
    /// of its image.
    [[nodiscard]] std::vector<double> lift(std::span<const double> rows) const;

  private:
    Eigen::MatrixXd q_;
    std::size_t n_;
    double tau_;
};

} // namespace moe
