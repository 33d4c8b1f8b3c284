#pragma once
// Upper bounds for the VC dimension of mixtures with hard routing (the project's notes on
// arXiv:2402.03460, 4.1): m points can be shattered only if the routing patterns times the
// labelings given the routing reach 2^m.

#include "theory/dense_bound.hpp"

#include <cstdint>
#include <vector>

namespace moe {

enum class RoutingRule {
    tree, ///< binary prototype tree of fixed topology: L - 1 affine splits
    flat  ///< nearest of L prototypes
};

enum class ExpertKind { constant, linear, mlp };

/// A class of classifiers 1{f(x) > 0} on R^n, f a mixture of L experts of which one is evaluated.
struct MoeShape {
    std::uint64_t L = 1;
    std::uint64_t n = 1;
    RoutingRule routing = RoutingRule::tree;
    ExpertKind expert = ExpertKind::linear;
    std::vector<std::uint32_t> hidden{}; ///< mlp only: widths of the hidden layers, J - 1 of them
    DenseActivation activation = DenseActivation::relu;
    bool free_topology = false; ///< tree only: the topology belongs to the parameters
};

/// Throws InputError: L or n below 1 or above 2^20, an mlp without hidden layers or with a width of
/// 0 or above 2^20, widths given for other experts, a free topology of flat routing.
void check_shape(const MoeShape& shape);

/// J, the number of affine layers of an expert (0 for constants, 1 for linear experts).
[[nodiscard]] std::uint64_t expert_depth(const MoeShape& shape);
/// W, the listed weights, biases and slopes of one expert.
[[nodiscard]] std::uint64_t expert_weights(const MoeShape& shape);

/// log2 of a bound on the routing patterns of m points:
/// tree (L-1) min(m, log2 cover(m, n)), plus L(2 + log2 L) for a free topology;
/// flat m log2 L, or if less and k = m L(L-1)/2 >= W = (n+1)(L-1), 1 + W log2(2e k/W) (Warren).
[[nodiscard]] double route_bits(const MoeShape& shape, std::uint64_t m);

/// log2 of a bound on the labelings of m points given their routing: constants and linear experts
/// by Sauer's bound with dimension L d_E (d_E = 1, n + 1); mlp L bits_E(m/L), bits_E the sum over
/// the layers i of min(m k_i, 1 + W_i log2(2e m k_i deg_i / W_i)), the second only from m k_i >=
/// W_i on, W_i the parameters up to layer i, deg_i = i (PReLU 2i - 1).
[[nodiscard]] double expert_bits(const MoeShape& shape, std::uint64_t m);

/// Whether the routing patterns are counted; without them the "bound" is wrong (a sabotage).
enum class RoutingTerm { counted, dropped };

/// The largest m with m <= route_bits(m) + expert_bits(m): no set of more points is shattered. The
/// comparison leans to the safe side by a relative 1e-12. Throws InputError as check_shape does and
/// for a bound of 2^52 or more.
[[nodiscard]] std::uint64_t vc_upper_bound(const MoeShape& shape,
                                           RoutingTerm routing = RoutingTerm::counted);

/// Two linear experts in the plane: every labeling joins, for one of cover(m,2)/2 splits into k and
/// m - k points, a dichotomy of each part. Largest m with
/// 2^m <= cover(m,2)/2 max_k cover(k,2) cover(m-k,2); 21.
[[nodiscard]] std::uint64_t two_linear_experts_bound();

/// The bound of the paper's abstract without its constant,
/// L ln(L+1)^2 max{n L ln(L+1), J W ln(J W)}. Reading (a): W the weights of an expert; reading (b):
/// W the neurons of a layer. J, W >= 1; throws InputError otherwise.
[[nodiscard]] double paper_shape(std::uint64_t L, std::uint64_t n, std::uint64_t J,
                                 std::uint64_t W);

/// Reading (b) for one expert in the two forms whose growth is compared with explicit shatterings:
/// max{n, J w}, and that times its ln squared.
struct NeuronReading {
    double plain;
    double with_logarithms;
};
[[nodiscard]] NeuronReading neuron_reading(std::uint64_t n, std::uint64_t J, std::uint64_t w);

} // namespace moe
