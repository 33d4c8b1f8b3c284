#pragma once
// What needs no fit: the gate lemma in exact integers, the kink identity and the ratio sequences
// (notes_2405.13997.md, 3.1, 3.3 and 3.4).

#include <cstdint>
#include <string>
#include <vector>

namespace sigmoid_gating {

/// Cases of a statement that were checked in exact integers, and how many failed.
struct ExactCount {
    std::string statement;
    std::int64_t cases = 0;
    std::int64_t failures = 0;
};

/// The gate lemma for all masses p = i/parts, q = j/parts: where the first order in b1 vanishes,
/// the second-order coefficient is (1-s)(s-2pq), positive for s = p+q < 1 and zero at s = 1;
/// p(1-p)/(1-2p) is superadditive below 1/2, which reduces more than two atoms to two. Throws
/// std::invalid_argument for parts outside 2..1000 (64-bit products).
[[nodiscard]] std::vector<ExactCount> gate_lemma(std::int64_t parts);

/// || (1/2)(x-d)+ + (1/2)(x+d)+ - x+ || in L2(dx), by quadrature over its three kinks. d > 0.
[[nodiscard]] double kink_distance(double d);
/// Its closed form d^{3/2} / sqrt(6).
[[nodiscard]] double kink_distance_exact(double d);

/// A linear truth with two experts a x + b whose atom 0 is split into two.
struct SplitTruth {
    bool softmax = true;
    double b1 = 0.0; ///< gate of atom 0; the sigmoid's split atom has b1 = 0, whatever stands here
    double b0 = 0.0;
    double a1 = 0.0; ///< expert of atom 0
    double c1 = 0.0;
    double a2 = 0.0; ///< expert of the other atom, which only the softmax feels
    double c2 = 0.0;
};

/// || f_{G_m} - f_{G*} || / D_r(G_m, G*) of the ratio sequence of index m, norm in L2(U[-3, 3]),
/// by the closed form of the difference, which has no cancellation. m > 1, r >= 1.
[[nodiscard]] double split_ratio(const SplitTruth& truth, double r, double m);

/// Largest difference on [-3, 3] between that closed form and the functions of the models
/// themselves, relative to the largest value of the former.
[[nodiscard]] double split_model_error(const SplitTruth& truth, double r, double m);

} // namespace sigmoid_gating
