#include "sigmoid_gating/truth_query.hpp"

#include "gating/truth.hpp"

#include <array>
#include <string>
#include <vector>

namespace sigmoid_gating {

moe::GatedFunction read_function(moe::Query& query, std::string_view key) {
    using enum moe::ExpertActivation;
    moe::Query& object = query.object(key);
    moe::GatedFunction function;
    function.gate = object.text("gate", {"sigmoid", "softmax"}) == "sigmoid"
                        ? moe::GateKind::sigmoid
                        : moe::GateKind::softmax;
    constexpr std::array all{gelu, moe::ExpertActivation::tanh, linear, square, relu, constant};
    std::vector<std::string> names;
    names.reserve(all.size());
    for (const moe::ExpertActivation expert : all)
        names.emplace_back(moe::name_of(expert));
    const std::string name = object.text("expert", names);
    for (const moe::ExpertActivation expert : all) {
        if (moe::name_of(expert) == name) function.expert = expert;
    }
    constexpr double largest = 1e6;
    for (const auto& atom : object.points("atoms", 4, {.low = -largest, .high = largest}))
        function.atoms.push_back({atom[0], atom[1], atom[2], atom[3]});
    if (function.atoms.size() > moe::max_atoms)
        object.refuse("atoms", "at most " + std::to_string(moe::max_atoms) + " atoms");
    return function;
}

Truth read_truth(moe::Query& query, std::string_view key) {
    const moe::GatedFunction function = read_function(query, key);
    if (query.has("regime")) {
        moe::require_regime(function, query.integer("regime", 1, 2) == 1 ? moe::Regime::one
                                                                         : moe::Regime::two);
    }
    return truth_of("query", moe::translated_gates(function, function.atoms.size() - 1));
}

} // namespace sigmoid_gating
