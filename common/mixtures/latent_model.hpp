#pragma once
// A conditional model p(y, z | x; theta) with a hidden expert z, on fixed data: what EM, gradient
// methods, mirror descent and the information matrices ask of it. Losses are means over the
// samples: L(theta) = -(1/n) sum_i log p(y_i | x_i; theta), F = L + (lambda/2) |theta|^2.
// Notation and formulas: theorems/notes_2411.06056.md, section 1.

#include "basics/error.hpp"

#include <Eigen/Core>

#include <string>

namespace moe {

using Index = Eigen::Index;
using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;

/// Observations: one sample a row of x (n x p, column-major, so that loops run over samples) and
/// of y: a real response, a sign -1 or 1, or a class 0..C-1, as the model wants it.
struct Samples {
    Matrix x;
    Vector y;
};

/// Why an M-step has no result.
enum class FitFailure {
    empty_expert,  ///< an expert holds fewer than p + 1 effective samples, and lambda = 0
    collinear,     ///< singular information: collinear features
    separable,     ///< the maximiser is at infinity: gate or classes are separable
    not_converged, ///< Newton's method did not reach its tolerance
};

/// The data admit no (finite) fit; the message says which part of the model and why.
class FitError : public InputError {
  public:
    FitError(FitFailure failure, const std::string& message)
        : InputError(message)
        , failure_(failure) {}
    [[nodiscard]] FitFailure failure() const noexcept { return failure_; }

  private:
    FitFailure failure_;
};

/// A range [begin, begin + size) of the parameter vector.
struct Block {
    Index begin;
    Index size;
};

/// Responsibilities are n x K matrices, column k for expert k. Members are not const because a
/// model owns the arrays of its loops (nothing is allocated inside an iteration): one object serves
/// one thread. Outputs are resized where they have another size. Vectors theta have parameters()
/// entries (std::invalid_argument otherwise). Gradients and Hessians leave the ridge out unless
/// said otherwise.
class LatentModel {
  public:
    LatentModel() = default;
    LatentModel(const LatentModel&) = delete;
    LatentModel& operator=(const LatentModel&) = delete;
    LatentModel(LatentModel&&) = delete;
    LatentModel& operator=(LatentModel&&) = delete;
    virtual ~LatentModel() = default;

    [[nodiscard]] virtual Index samples() const noexcept = 0;
    [[nodiscard]] virtual Index experts() const noexcept = 0; ///< K
    [[nodiscard]] virtual Index parameters() const noexcept = 0;
    [[nodiscard]] virtual double lambda() const noexcept = 0;
    [[nodiscard]] virtual Block gate_block() const noexcept = 0;
    [[nodiscard]] virtual Block expert_block() const noexcept = 0;

    /// L(theta). NaN or infinity where it overflows.
    [[nodiscard]] virtual double loss(const Vector& theta) = 0;
    /// F(theta) = L(theta) + (lambda/2) |theta|^2.
    [[nodiscard]] double objective(const Vector& theta);

    /// E-step: responsibilities r_ik = p(z = k | x_i, y_i; theta). Returns L(theta).
    virtual double posterior(const Vector& theta, Matrix& r) = 0;
    /// l_ik = log p(y_i, z = k | x_i; theta), n x K.
    virtual void complete_log_density(const Vector& theta, Matrix& l) = 0;
    /// Gate probabilities p(z = k | x_i; theta), n x K.
    virtual void gate(const Vector& theta, Matrix& pi) = 0;

    /// M-step: the maximiser of (1/n) sum_ik r_ik l_ik(theta) - (lambda/2) |theta|^2, to a
    /// gradient of at most 1e-14 in every entry (or the rounding noise of the gradient where that
    /// is larger). On entry theta is where Newton's method starts. Throws FitError; theta is then
    /// unspecified.
    virtual void maximise(const Matrix& r, Vector& theta) = 0;

    /// grad L(theta); returns L(theta).
    virtual double loss_gradient(const Vector& theta, Vector& gradient) = 0;
    /// Gradient of -(1/n) sum_ik r_ik l_ik(theta) at fixed r. At r = posterior(theta) it is
    /// grad L(theta) (Fisher's identity).
    virtual void surrogate_gradient(const Matrix& r, const Vector& theta, Vector& gradient) = 0;

    /// -(1/n) sum_ik r_ik d^2 l_ik(theta): complete-data information.
    virtual void complete_information(const Matrix& r, const Vector& theta, Matrix& hessian) = 0;
    /// (1/n) sum_i Cov_{z | x_i, y_i; theta} of the complete-data score: missing information.
    virtual void missing_information(const Vector& theta, Matrix& information) = 0;

    /// Bregman divergence of the log-partition weighted by r (h_t of the notes, section 3):
    /// D_h(a, b) = (1/n) sum_i [KL(gate_b || gate_a) + sum_k r_ik KL(p_k,b(.|x_i) ||
    /// p_k,a(.|x_i))], note the order. For symmetric models r plays no part: D_A(a, b) = KL_joint(b
    /// || a). With r = the gate at b it is KL_joint(b || a) of a general model.
    [[nodiscard]] virtual double divergence(const Matrix& r, const Vector& a, const Vector& b) = 0;

    /// Lip with grad^2 L <= Lip I everywhere (lambda included): gradient descent of step 1/Lip on F
    /// never rises.
    [[nodiscard]] virtual double curvature_bound() const = 0;
};

} // namespace moe
