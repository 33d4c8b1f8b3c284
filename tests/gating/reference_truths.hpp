#pragma once
// The truths of the experiments on gates, and the grid that they are seen on.

#include "gating/gated_function.hpp"
#include "gating/grid_data.hpp"

#include <string_view>
#include <vector>

namespace moe::reference {

struct NamedTruth {
    std::string_view name;
    GatedFunction truth;
};

/// E1 = (-1.7, 1.4) and E2 = (1.9, -0.3) behind gates (b1, b0).
inline GatedFunction truth_with_gates(GateKind gate, ExpertActivation expert, double b1_1,
                                      double b0_1, double b1_2, double b0_2) {
    return {gate, expert, {{b1_1, b0_1, -1.7, 1.4}, {b1_2, b0_2, 1.9, -0.3}}};
}

inline GatedFunction SIG2C(ExpertActivation expert) {
    return truth_with_gates(GateKind::sigmoid, expert, -0.8, 0.2, 0.8, -0.2);
}
inline GatedFunction SIG2(ExpertActivation expert) {
    return truth_with_gates(GateKind::sigmoid, expert, 0.8, -0.4, 0.9, -0.6);
}
inline GatedFunction SIG1(ExpertActivation expert) {
    return truth_with_gates(GateKind::sigmoid, expert, 0.0, -0.4, 0.9, -0.6);
}
inline GatedFunction SOFT(ExpertActivation expert) {
    return truth_with_gates(GateKind::softmax, expert, -0.8, 0.2, 0.0, 0.0);
}

inline std::vector<double> grid() {
    return midpoint_grid(-8.0, 8.0, 128);
}

} // namespace moe::reference
