#pragma once
// One mixture-of-experts layer R^p -> R^q with top-1 routing: the output is that of the one
// selected expert, with weight exactly 1 (a softmax over one expert is 1). A dense sublayer is a
// layer whose experts are identical; it has no gate and its parameters are stored and counted once
// (arXiv:2505.24205; the project's notes on it, section 1).

#include "layers/linear_gate.hpp"
#include "models/architecture.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace moe {

/// Numbers of parameters, as the notes count them. `total` and `active` count every entry of every
/// weight matrix and bias, zeros included, also where a network is stored sparsely.
struct ParameterCount {
    std::size_t total = 0;   ///< sum over layers of E P(expert) + P(gate); a dense sublayer once
    std::size_t active = 0;  ///< sum over layers of P(one expert) + P(gate)
    std::size_t listed = 0;  ///< as `total`, but of a sparse network only the entries it lists
    std::size_t nonzero = 0; ///< of these, the ones that are not 0.0

    ParameterCount& operator+=(const ParameterCount& other) noexcept;
    friend bool operator==(const ParameterCount&, const ParameterCount&) = default;
};

class MoeLayer {
  public:
    /// Experts of one architecture (depth 1 = affine experts), parameters [E][P] row-major, E that
    /// of the gate. Throws std::invalid_argument for sizes that do not fit, InputError naming
    /// expert and entry for a number that is not finite.
    MoeLayer(LinearGate gate, Architecture expert, std::vector<double> parameters);
    /// The same with a gate that is a network of its own.
    MoeLayer(NetGate gate, Architecture expert, std::vector<double> parameters);
    /// A dense sublayer: `parameters` [P] once, every input is routed to expert 0.
    [[nodiscard]] static MoeLayer dense_sublayer(Architecture expert,
                                                 std::vector<double> parameters);

    [[nodiscard]] std::size_t inputs() const noexcept { return expert_.inputs(); }
    [[nodiscard]] std::size_t outputs() const noexcept { return expert_.outputs(); }
    /// Experts that are stored: 1 for a dense sublayer.
    [[nodiscard]] std::size_t experts() const noexcept { return experts_; }
    [[nodiscard]] bool is_dense() const noexcept;
    /// The linear gate; null for a dense sublayer and for another gate.
    [[nodiscard]] const LinearGate* linear_gate() const noexcept;
    /// The architecture that all experts share.
    [[nodiscard]] const Architecture& expert() const noexcept { return expert_; }
    /// Parameters of one expert. Throws std::out_of_range.
    [[nodiscard]] std::span<const double> parameters(std::size_t expert) const;
    [[nodiscard]] ParameterCount count() const;

    /// The expert of z [p]. Throws std::invalid_argument naming sizes that differ and
    /// std::domain_error for a logit that is NaN.
    [[nodiscard]] std::size_t route(std::span<const double> z) const;
    /// One input: z [p], y [q] (no overlap). Returns the routed expert. `scratch` grows to what the
    /// layer needs and may be used again. Throws as route().
    std::size_t evaluate(std::span<const double> z, std::span<double> y,
                         std::vector<double>& scratch) const;
    /// A batch: inputs [B][p], outputs [B][q], routed [B] or empty; blocks of inputs on up to
    /// `threads` threads. Gives the bits of the evaluation one by one, however the batch is cut.
    void evaluate_batch(std::span<const double> inputs, std::span<double> outputs,
                        std::span<std::uint64_t> routed, unsigned threads = 1) const;

  private:
    using Gate = std::variant<std::monostate, LinearGate, NetGate>;
    MoeLayer(Gate gate, Architecture expert, std::vector<double> parameters);
    void route_block(std::span<const double> inputs, std::span<std::uint64_t> expert_of) const;

    Gate gate_;
    std::size_t experts_;
    Architecture expert_;
    std::vector<double> parameters_;
};

} // namespace moe
