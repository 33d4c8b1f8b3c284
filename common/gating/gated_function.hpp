#pragma once
// Regression functions of gated ridge experts in one dimension: f_G(x) = sum_i g_i(x) h(x, eta_i)
// with h(x, (a, b)) = phi(a x + b) and gates
//   sigmoid  g_i = sigma(b1_i x + b0_i), not normalised,
//   softmax  g_i = exp(b1_i x + b0_i) / sum_j exp(b1_j x + b0_j).
// Values and derivatives come in one pass over the points, in machine vectors, without allocation.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace moe {

enum class GateKind { sigmoid, softmax };

/// phi of the experts.
enum class ExpertActivation {
    gelu,    ///< z Phi(z), Phi the normal distribution function (not the tanh approximation)
    tanh,    ///< tanh(z)
    linear,  ///< z
    square,  ///< z^2
    relu,    ///< max(z, 0); the derivative at 0 is 0
    constant ///< b: the expert does not see x, and a has no effect
};

/// "sigmoid", "softmax"; "gelu", "tanh", "linear", "square", "relu", "constant".
[[nodiscard]] std::string_view name_of(GateKind gate) noexcept;
[[nodiscard]] std::string_view name_of(ExpertActivation expert) noexcept;

/// One atom of a mixing measure: gate (b1, b0), expert eta = (a, b).
struct Atom {
    double b1 = 0.0;
    double b0 = 0.0;
    double a = 0.0;
    double b = 0.0;
};

/// Most atoms that an evaluation takes.
inline constexpr std::size_t max_atoms = 16;

/// The functions with so many atoms, and their free parameters as a flat vector theta: atom after
/// atom (b1, b0, a, b). Softmax gates are identified up to a common translation; the last atom's is
/// frozen at (0, 0) and left out, so that its parameters are (a, b).
struct GatedClass {
    GateKind gate = GateKind::sigmoid;
    ExpertActivation expert = ExpertActivation::gelu;
    std::size_t atoms = 1; ///< 1..max_atoms

    [[nodiscard]] std::size_t parameters() const noexcept {
        return 4 * atoms - (gate == GateKind::softmax ? 2 : 0);
    }
};

struct GatedFunction {
    GateKind gate = GateKind::sigmoid;
    ExpertActivation expert = ExpertActivation::gelu;
    std::vector<Atom> atoms;

    [[nodiscard]] GatedClass function_class() const noexcept {
        return {gate, expert, atoms.size()};
    }
};

/// The softmax function with its gates translated so that atom `reference` has gate (0, 0): the
/// same function of x. Sigmoid functions come back as they are. Throws std::invalid_argument for
/// an atom that does not exist.
[[nodiscard]] GatedFunction translated_gates(GatedFunction function, std::size_t reference);

/// Free parameters of the function; softmax gates as differences to the last atom's.
[[nodiscard]] std::vector<double> free_parameters(const GatedFunction& function);
/// The inverse. Throws std::invalid_argument if theta is not functions.parameters() long.
[[nodiscard]] GatedFunction function_of(const GatedClass& functions, std::span<const double> theta);

/// f at the points. Throws std::invalid_argument for sizes that do not fit or more atoms than
/// max_atoms.
void evaluate(const GatedClass& functions, std::span<const double> theta,
              std::span<const double> points, std::span<double> values);
/// f and its derivatives: jacobian is points x parameters, column after column. Values are bit for
/// bit those of `evaluate`.
void evaluate_with_jacobian(const GatedClass& functions, std::span<const double> theta,
                            std::span<const double> points, std::span<double> values,
                            std::span<double> jacobian);

/// Fills curvature (parameters x parameters, symmetric) with sum_b weights[b] factors[b] times the
/// second derivatives of f(x_b).
void sum_second_derivatives(const GatedClass& functions, std::span<const double> theta,
                            std::span<const double> points, std::span<const double> weights,
                            std::span<const double> factors, std::span<double> curvature);

/// f at the points, softmax gates as they stand in the function.
[[nodiscard]] std::vector<double> values_on(const GatedFunction& function,
                                            std::span<const double> points);

/// Root of the mean over the points of (f - g)^2: the distance in L2 of the uniform distribution on
/// the points.
[[nodiscard]] double grid_distance(const GatedFunction& f, const GatedFunction& g,
                                   std::span<const double> points);

} // namespace moe
