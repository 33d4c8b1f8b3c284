// The cells whose fits are measured otherwise: no zero expert in the box, and linear experts.

#include "sigmoid_gating/floors.hpp"
#include "sigmoid_gating/simulation.hpp"

#include "fitting/least_squares_gated.hpp"
#include "gating/exact_sets.hpp"
#include "gating/voronoi.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sigmoid_gating {

namespace {

using moe::Atom;
using moe::GatedFunction;
using moe::RandomStream;

std::vector<double> disturbed(std::vector<double> theta, double noise, RandomStream& stream) {
    for (double& parameter : theta)
        parameter += noise * stream.normal();
    return theta;
}

/// Leaves out what is measured by the Voronoi cells of the true atoms.
void without_cells(FitRow& row) {
    row.exact = row.exact_experts = row.over = row.dead = not_applicable;
    row.expert_0 = row.expert_1 = not_applicable;
}

/// Found once by whichever data set comes first, always the same.
class SharedMinimiser {
  public:
    const GatedFunction& get(std::size_t M) {
        std::call_once(once_, [&] { function_ = minimiser_without_zero_expert(M); });
        return function_;
    }

  private:
    std::once_flag once_;
    GatedFunction function_;
};

FitRow fit_without_zero_expert(const PopulationFit& population, const GatedFunction& minimiser,
                               const DataSet& set, const Conditions& conditions,
                               RandomStream& stream) {
    constexpr int near_minimiser = 2;
    constexpr int uniform = 4;
    const StartProtocol protocol = conditions.protocol_at(set.n);
    const std::vector<double> centre = moe::free_parameters(minimiser);
    const auto draw_round = [&] {
        StartRound round;
        if (protocol.certificate) round.near.push_back(centre);
        for (int i = 0; i < near_minimiser; ++i)
            round.near.push_back(disturbed(centre, protocol.noise, stream));
        for (int i = 0; i < uniform; ++i)
            round.uniform.push_back(start_in(population.box, stream));
        return round;
    };
    const BestFit best = fit_best(set.data, population.fitted, population.box,
                                  moe::weighted_squares(set.data, minimiser), protocol, draw_round);
    FitRow row = measured_fit(population.truth, best, set.data.points, "");
    row.cell = population.name;
    // Cells of true atoms mean nothing here: the limit is not the truth.
    without_cells(row);
    row.pattern = "boundary";
    row.expected_pattern = true;
    row.bounds.clear();
    for (const BoundHit& hit : best.bounds) {
        row.bounds += (row.bounds.empty() ? "atom" : " atom") + std::to_string(hit.parameter / 4) +
                      "." + bound_text(best, hit);
    }
    row.loss = best.found() ? moe::loss_D3(best.function, {{minimiser}}) : not_applicable;
    return row;
}

/// The truth with one atom divided under its own gate, disturbed.
std::vector<double> split_start(const GatedFunction& truth, std::size_t j, double noise,
                                RandomStream& stream) {
    GatedFunction start = truth;
    const double part = 0.3 + 0.4 * stream.uniform();
    Atom piece = start.atoms[j];
    piece.a *= part;
    piece.b *= part;
    start.atoms[j].a -= piece.a;
    start.atoms[j].b -= piece.b;
    start.atoms.push_back(piece);
    return disturbed(moe::free_parameters(start), noise, stream);
}

} // namespace

Contender contender_without_zero_expert() {
    const PopulationFit population = without_zero_expert();
    const auto minimiser = std::make_shared<SharedMinimiser>();
    return {population.name,
            [population, minimiser](const DataSet& set, const Conditions& conditions,
                                    RandomStream& starts) {
                return std::vector{fit_without_zero_expert(population, minimiser->get(conditions.M),
                                                           set, conditions, starts)};
            }};
}

Contender contender_linear() {
    const Truth truth = sig2_linear();
    return {
        truth.name,
        [truth](const DataSet& set, const Conditions& conditions, RandomStream& stream) {
            const StartProtocol protocol = conditions.protocol_at(set.n);
            const moe::GatedClass fitted = class_of(truth);
            const moe::ParameterBox box =
                moe::ParameterBox::cube(fitted.parameters(), box_half_width);
            const auto draw_round = [&] {
                StartRound round;
                round.near.push_back(start_near(truth, fitted, 1e-3, stream));
                for (std::size_t i = 0; i < 2; ++i)
                    round.near.push_back(start_near(truth, fitted, protocol.noise, stream));
                for (std::size_t j = 0; j < 2; ++j)
                    round.near.push_back(split_start(truth.function, j, protocol.noise, stream));
                for (int i = 0; i < protocol.uniform; ++i)
                    round.uniform.push_back(start_in(box, stream));
                return round;
            };
            const BestFit best =
                fit_best(set.data, fitted, box, moe::weighted_squares(set.data, truth.function),
                         protocol, draw_round);
            FitRow row = measured_fit(truth, best, set.data.points, "");
            without_cells(row);
            row.expected_pattern = true;
            row.loss = not_applicable;
            row.pattern.clear();
            if (!best.found()) return std::vector{row};
            const moe::NearestSet nearest = moe::nearest_exact_set(best.function, truth.function);
            row.loss = nearest.distance;
            row.pattern = nearest.name;
            return std::vector{row};
        }};
}

} // namespace sigmoid_gating
