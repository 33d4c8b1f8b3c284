#pragma once
// Lower bounds for dense networks and for stored bytes (the project's notes on arXiv:2402.03460,
// 3.7): a model family that reaches error eps on all lambda-Lipschitz functions of [0,1]^n must
// realise every sign pattern on G(eps) lattice points; ReLU nets with P parameters cannot realise
// that many (Warren's bound, layer by layer).

#include <cstdint>
#include <optional>
#include <span>

namespace moe {

/// N_b = ceil(lambda/(2 eps) - 1e-12) - 1, at least 0: the finest bump lattice whose bumps are
/// higher than eps. Throws InputError for eps or lambda not positive and finite or N_b >= 2^62.
[[nodiscard]] std::int64_t bump_lattice(double eps, double lambda = 1.0);

/// G(eps) = (N_b + 1)^n. Throws InputError for n outside 1..8, what bump_lattice refuses, or
/// G >= 2^62.
[[nodiscard]] std::uint64_t sign_points(int n, double eps, double lambda = 1.0);

enum class DenseActivation { relu, prelu };

/// log2 of the number of sign patterns on G >= P points that ReLU (PReLU) nets with at most P
/// parameters and n inputs can realise, all depths and sparsity patterns together:
/// P log2(P(P+n)) + P + P(P+1)/2 log2(2eG), with 4eG for PReLU.
[[nodiscard]] double log2_sign_patterns(std::uint64_t P, std::uint64_t G, int n,
                                        DenseActivation activation = DenseActivation::relu);

/// P_dense = min{P : P > G or G <= log2_sign_patterns(P, G, n)}: no net with fewer parameters
/// reaches the error behind G for every f. G >= 1.
[[nodiscard]] std::uint64_t
dense_parameter_bound(std::uint64_t G, int n, DenseActivation activation = DenseActivation::relu);

/// Bytes that some f of the family needs in any fully resident model: ceil(G/8).
[[nodiscard]] std::uint64_t storage_floor_bytes(std::uint64_t G) noexcept;
/// The same in float64 parameters: ceil(G/64).
[[nodiscard]] std::uint64_t storage_floor_parameters(std::uint64_t G) noexcept;

/// One size of a ladder of mixtures: lattice N, certified error, parameters loaded in total (expert
/// and routing), from a plan or from a loader's counters.
struct LadderPoint {
    std::int64_t N = 1;
    double error = 0.0;
    std::uint64_t total = 0;
};

struct Crossing {
    std::int64_t N = 0;
    std::uint64_t total = 0;
    std::uint64_t dense = 0; ///< P_dense at the same error
    std::uint64_t G = 0;
};

/// First point of the ladder (in its order) with total < P_dense; nothing if there is none.
[[nodiscard]] std::optional<Crossing>
first_crossing(int n, std::span<const LadderPoint> ladder, double lambda = 1.0,
               DenseActivation activation = DenseActivation::relu);

} // namespace moe
