#include "sigmoid_gating/cells.hpp"

#include "sigmoid_gating/representations.hpp"

namespace sigmoid_gating {

bool SimulatedCell::restricted() const {
    return truth.surplus == Surplus::split && truth.function.gate == moe::GateKind::sigmoid;
}

std::string SimulatedCell::fitted() const {
    return restricted() ? representations(truth).main.name : truth.name;
}

std::vector<std::string> SimulatedCell::all() const {
    std::vector<std::string> cells{truth.name};
    if (truth.surplus == Surplus::dead) return cells;
    const Representations two = representations(truth);
    cells.push_back(two.main.name);
    cells.push_back(two.rival.name);
    return cells;
}

std::vector<SimulatedCell> simulated_cells() {
    using enum moe::ExpertActivation;
    return {{"gelu", sig2c(gelu), true}, {"gelu", soft(gelu), true},   {"gelu", sig1(gelu), true},
            {"gelu", sig2(gelu), true},  {"tanh", sig2c(tanh), false}, {"tanh", soft(tanh), true},
            {"tanh", sig1(tanh), true},  {"tanh", sig2(tanh), true}};
}

std::vector<FittedQuantity> fitted_quantities(const Truth& truth) {
    std::vector<FittedQuantity> quantities{{"exact", "E_exact", -0.5, 0.10, root_rule}};
    if (truth.surplus == Surplus::split)
        quantities.push_back({"over", "E_over", -0.25, 0.08, quarter_rule});
    else
        quantities.push_back({"dead", "E_dead", -0.5, 0.10, noisy_root_rule});
    quantities.push_back({"F", "F", -0.5, 0.10, root_rule});
    quantities.push_back({"", "D", -0.5, 0.15, {}});
    return quantities;
}

} // namespace sigmoid_gating
