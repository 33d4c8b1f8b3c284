#include "sigmoid_gating/truths.hpp"

#include "gating/grid_data.hpp"
#include "gating/truth.hpp"

#include <algorithm>
#include <utility>

namespace sigmoid_gating {

namespace {

using moe::Atom;
using moe::ExpertActivation;
using moe::GateKind;

struct Expert {
    double a;
    double b;
};
constexpr Expert first{-1.7, 1.4};
constexpr Expert second{1.9, -0.3};

struct Gate {
    double b1;
    double b0;
};

Truth truth(const char* name, GateKind gate, ExpertActivation expert, Gate one, Gate two) {
    return truth_of(
        std::string(name) + "." + std::string(moe::name_of(expert)),
        {gate,
         expert,
         {Atom{one.b1, one.b0, first.a, first.b}, Atom{two.b1, two.b0, second.a, second.b}}});
}

} // namespace

Truth truth_of(std::string name, moe::GatedFunction function) {
    Truth truth{std::move(name), std::move(function), Surplus::split, 0};
    if (truth.function.gate == GateKind::softmax) return truth;
    if (moe::regime_of(truth.function) == moe::Regime::two) {
        truth.surplus = Surplus::dead;
        return truth;
    }
    const auto& atoms = truth.function.atoms;
    const auto found = std::ranges::find(atoms, 0.0, &Atom::b1);
    truth.over = static_cast<std::size_t>(found - atoms.begin());
    return truth;
}

Truth sig2c(ExpertActivation expert) {
    return truth("SIG2C", GateKind::sigmoid, expert, {-0.8, 0.2}, {0.8, -0.2});
}

Truth soft(ExpertActivation expert) {
    return truth("SOFT", GateKind::softmax, expert, {-0.8, 0.2}, {0.0, 0.0});
}

Truth sig2(ExpertActivation expert) {
    return truth("SIG2", GateKind::sigmoid, expert, {0.8, -0.4}, {0.9, -0.6});
}

Truth sig1(ExpertActivation expert) {
    return truth("SIG1", GateKind::sigmoid, expert, {0.0, -0.4}, {0.9, -0.6});
}

Truth sig2_linear() {
    return truth("SIG2", GateKind::sigmoid, ExpertActivation::linear, {1.0, 0.5}, {-0.9, -0.6});
}

std::vector<double> grid(std::size_t M) {
    return moe::midpoint_grid(-grid_half_length, grid_half_length, M);
}

std::string spoken(const std::string& name) {
    const std::size_t dot = name.find('.');
    const std::string expert = name.substr(dot + 1);
    return name.substr(0, dot) + ", " + (expert == "gelu" ? "GELU" : expert) + " experts";
}

} // namespace sigmoid_gating
