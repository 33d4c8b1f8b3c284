#include "sigmoid_gating/representations.hpp"

#include "gating/voronoi.hpp"

#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

namespace sigmoid_gating {

namespace {

using moe::GateKind;
using moe::RandomStream;

/// The fit as a row of the representation; D1 where the cells have the zero expert, too.
FitRow measured_as(const Truth& representation, const BestFit& best,
                   const std::vector<double>& points) {
    FitRow row = measured_fit(representation, best, points, expected_pattern(representation));
    if (representation.surplus == Surplus::dead && best.found())
        row.loss = moe::loss_D1(moe::voronoi_cells(best.function, representation.function));
    return row;
}

/// The fit over the whole box, by the representation that it came to.
FitRow measured_whole(const Truth& truth, const Representations& two, const BestFit& best,
                      const std::vector<double>& points) {
    const FitRow rival = measured_as(two.rival, best, points);
    FitRow row = measured_as(two.main, best, points);
    // Softmax: the cells are the same for both, and either atom may be the shared one.
    if (truth.function.gate == GateKind::softmax)
        row.expected_pattern = row.expected_pattern || rival.expected_pattern;
    else if (rival.expected_pattern) {
        row = rival;
        row.expected_pattern = false; // regime 1 claims the split
    }
    row.cell = truth.name;
    return row;
}

} // namespace

Representations representations(const Truth& truth) {
    if (truth.surplus != Surplus::split)
        throw std::invalid_argument("representations: no atom of " + truth.name + " is shared");
    Representations two{truth, truth};
    if (truth.function.gate == GateKind::sigmoid) {
        two.main.name += ".split";
        two.rival.name += ".dead";
        two.rival.surplus = Surplus::dead;
        return two;
    }
    if (truth.function.atoms.size() < 2)
        throw std::invalid_argument("representations: " + truth.name + " has a single atom");
    two.rival.over = truth.over == 0 ? 1 : 0;
    two.main.name += ".atom" + std::to_string(two.main.over);
    two.rival.name += ".atom" + std::to_string(two.rival.over);
    return two;
}

Contender split_contender(const Truth& truth, const moe::GatedClass& fitted) {
    return {truth.name, [truth, fitted, two = representations(truth)](const DataSet& set,
                                                                      const Conditions& conditions,
                                                                      RandomStream& stream) {
                const StartProtocol protocol = conditions.protocol_at(set.n);
                const std::vector<double>& points = set.data.points;
                const moe::ParameterBox whole =
                    moe::ParameterBox::cube(fitted.parameters(), box_half_width);
                std::vector<FitRow> rows;
                std::vector<std::vector<double>> minimisers;
                for (const Truth* representation : {&two.main, &two.rival}) {
                    const BestFit best =
                        fit_near_truth(set.data, *representation, fitted, protocol, stream);
                    rows.push_back(measured_as(*representation, best, points));
                    if (best.found()) minimisers.push_back(best.theta);
                }
                const auto draw_round = [&] {
                    StartRound round{minimisers, {}};
                    for (int i = 0; i < protocol.uniform; ++i)
                        round.uniform.push_back(start_in(whole, stream));
                    return round;
                };
                const BestFit best =
                    fit_best(set.data, fitted, whole,
                             moe::weighted_squares(set.data, truth.function), protocol, draw_round);
                rows.push_back(measured_whole(truth, two, best, points));
                return rows;
            }};
}

} // namespace sigmoid_gating
