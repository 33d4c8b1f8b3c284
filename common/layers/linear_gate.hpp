#pragma once
// Top-1 gates of a mixture-of-experts layer: numbers for the experts, of which the largest chooses
// (arXiv:2505.24205; the project's notes on it, section 1).

#include "models/architecture.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace moe {

/// The expert of the largest logit, ties to the lowest index. Throws std::invalid_argument for no
/// logits and std::domain_error naming the expert for a logit that is NaN.
[[nodiscard]] std::size_t route(std::span<const double> logits);

/// logits(z) = W z + b with W [E][p] and b [E].
class LinearGate {
  public:
    /// weights [E][p] row-major, biases [E]. Throws std::invalid_argument for no expert, no input
    /// or sizes that do not fit, InputError naming the entry for a number that is not finite.
    LinearGate(std::vector<double> weights, std::vector<double> biases);

    [[nodiscard]] std::size_t experts() const noexcept { return biases_.size(); }
    [[nodiscard]] std::size_t inputs() const noexcept { return weights_.size() / biases_.size(); }
    /// Row of expert e, p numbers. Throws std::out_of_range.
    [[nodiscard]] std::span<const double> row(std::size_t expert) const;
    /// [E][p] and [E].
    [[nodiscard]] std::span<const double> weights() const noexcept { return weights_; }
    [[nodiscard]] std::span<const double> biases() const noexcept { return biases_; }
    /// P(gate) = E (p + 1).
    [[nodiscard]] std::size_t parameters() const noexcept;

    /// z [p], out [E]; each sum starts at the bias and adds in the order of the inputs. Throws
    /// std::invalid_argument naming the sizes that differ.
    void logits(std::span<const double> z, std::span<double> out) const;
    /// moe::route of the logits.
    [[nodiscard]] std::size_t route(std::span<const double> z) const;

  private:
    std::vector<double> weights_;
    std::vector<double> biases_;
};

/// A gate that is no linear function of its input: logits(z) are the outputs of a ReLU network.
class NetGate {
  public:
    /// One output per expert. Throws std::invalid_argument for a wrong number of parameters,
    /// InputError naming the entry for a number that is not finite.
    NetGate(Architecture architecture, std::vector<double> parameters);

    [[nodiscard]] std::size_t experts() const noexcept { return architecture_.outputs(); }
    [[nodiscard]] std::size_t inputs() const noexcept { return architecture_.inputs(); }
    [[nodiscard]] const Architecture& architecture() const noexcept { return architecture_; }
    [[nodiscard]] std::span<const double> parameters() const noexcept { return parameters_; }

    /// z [p], out [E]. Throws std::invalid_argument naming the sizes that differ.
    void logits(std::span<const double> z, std::span<double> out) const;
    /// moe::route of the logits.
    [[nodiscard]] std::size_t route(std::span<const double> z) const;

  private:
    Architecture architecture_;
    std::vector<double> parameters_;
};

} // namespace moe
