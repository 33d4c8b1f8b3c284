#include "sigmoid_gating/fits.hpp"

#include "basics/numbers.hpp"
#include "fitting/least_squares_gated.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace sigmoid_gating {

namespace {

using moe::Atom;
using moe::GatedFunction;
using moe::GateKind;
using moe::RandomStream;

double uniform(RandomStream& stream, double low, double high) {
    return low + (high - low) * stream.uniform();
}

/// The gate bias of a part of an atom's mass, sigma(b0) or exp(b0).
double bias_of_part(GateKind gate, double b0, double part) {
    if (gate == GateKind::softmax) return b0 + std::log(part);
    const double mass = part / (1.0 + std::exp(-b0));
    return std::log(mass / (1.0 - mass));
}

/// One atom cut in `pieces`, each cut leaving a fraction uniform in [0.3, 0.7].
std::vector<Atom> cut(const Atom& atom, GateKind gate, std::size_t pieces, RandomStream& stream) {
    std::vector<Atom> result;
    double rest = 1.0;
    for (std::size_t piece = 0; piece < pieces; ++piece) {
        const bool last = piece + 1 == pieces;
        const double part = last ? rest : rest * uniform(stream, 0.3, 0.7);
        result.push_back(atom);
        result.back().b0 = bias_of_part(gate, atom.b0, part);
        rest -= part;
    }
    return result;
}

/// The truth as a function of the class that is fitted: the atom that is split comes in pieces at
/// its place.
GatedFunction embedded(const Truth& truth, const moe::GatedClass& fitted, RandomStream& stream) {
    GatedFunction start{truth.function.gate, truth.function.expert, {}};
    const std::size_t surplus = fitted.atoms - truth.function.atoms.size();
    for (std::size_t j = 0; j < truth.function.atoms.size(); ++j) {
        const Atom& atom = truth.function.atoms[j];
        const bool here = truth.surplus == Surplus::split && j == truth.over;
        const std::vector<Atom> pieces = cut(atom, start.gate, here ? 1 + surplus : 1, stream);
        start.atoms.insert(start.atoms.end(), pieces.begin(), pieces.end());
    }
    start.gate = fitted.gate;
    return start;
}

} // namespace

std::vector<double> start_near(const Truth& truth, const moe::GatedClass& fitted, double noise,
                               RandomStream& stream) {
    GatedFunction start = embedded(truth, fitted, stream);
    const std::size_t living = start.atoms.size();
    start.atoms.resize(fitted.atoms);
    std::vector<double> theta = moe::free_parameters(start);
    for (double& parameter : theta)
        parameter += noise * stream.normal();
    // Dead atoms stand last and have all their parameters free but under softmax.
    GatedFunction noisy = moe::function_of(fitted, theta);
    for (std::size_t i = living; i < fitted.atoms; ++i) {
        noisy.atoms[i] = {uniform(stream, -2.0, 2.0), uniform(stream, -2.0, 2.0),
                          0.1 * stream.normal(), 0.1 * stream.normal()};
    }
    return moe::free_parameters(noisy);
}

moe::ParameterBox box_of(const Truth& truth, const moe::GatedClass& fitted) {
    constexpr double least_slope = 0.5;
    moe::ParameterBox box = moe::ParameterBox::cube(fitted.parameters(), box_half_width);
    if (truth.surplus != Surplus::split || fitted.gate != truth.function.gate) return box;
    const std::size_t surplus = fitted.atoms - truth.function.atoms.size();
    for (std::size_t i = 0; i < fitted.atoms; ++i) {
        const std::size_t true_atom = i <= truth.over             ? i
                                      : i <= truth.over + surplus ? truth.over
                                                                  : i - surplus;
        const double slope = truth.function.atoms[true_atom].a;
        if (std::abs(slope) < least_slope) continue;
        // The frozen gate of a softmax's last atom is no parameter.
        const bool frozen = fitted.gate == GateKind::softmax && i + 1 == fitted.atoms;
        const std::size_t place = 4 * i + (frozen ? 0 : 2);
        if (slope > 0.0)
            box.lower[place] = least_slope;
        else
            box.upper[place] = -least_slope;
    }
    return box;
}

std::vector<double> start_in(const moe::ParameterBox& box, RandomStream& stream) {
    std::vector<double> theta;
    for (std::size_t p = 0; p < box.lower.size(); ++p)
        theta.push_back(uniform(stream, box.lower[p], box.upper[p]));
    return theta;
}

BestFit fit_best(const moe::GridData& data, const moe::GatedClass& fitted,
                 const moe::ParameterBox& box, double reference, const StartProtocol& protocol,
                 const std::function<StartRound()>& draw_round) {
    constexpr double nothing = -std::numeric_limits<double>::infinity();
    const moe::GatedRegression regression(fitted, data);
    moe::FitOptions options;
    options.max_iterations = protocol.max_iterations;
    BestFit best;
    best.gain = nothing;
    double near_gain = nothing;
    double uniform_gain = nothing;
    const auto follow = [&](const std::vector<std::vector<double>>& starts, double& best_of_kind) {
        const std::vector<moe::FitResult> results =
            moe::minimise_from_starts(regression, box, starts, options);
        const std::size_t winner = moe::lowest_objective(results);
        if (winner < results.size()) {
            const double gain = reference - results[winner].objective;
            best_of_kind = std::max(best_of_kind, gain);
            if (gain > best.gain) {
                best.gain = gain;
                best.start = best.fits + static_cast<std::int64_t>(winner);
                best.theta = results[winner].theta;
            }
        }
        best.fits += static_cast<std::int64_t>(starts.size());
    };
    for (best.rounds = 0; best.rounds <= protocol.retries && !best.certified(); ++best.rounds) {
        const StartRound round = draw_round();
        follow(round.near, near_gain);
        follow(round.uniform, uniform_gain);
    }
    const bool both = near_gain > nothing && uniform_gain > nothing;
    best.uniform_lead = both ? uniform_gain - near_gain : std::numeric_limits<double>::quiet_NaN();
    if (best.theta.empty()) {
        best.gain = std::numeric_limits<double>::quiet_NaN();
        return best;
    }
    best.function = moe::function_of(fitted, best.theta);
    best.bounds = bounds_hit(best.theta, box);
    return best;
}

BestFit fit_near_truth(const moe::GridData& data, const Truth& truth, const moe::GatedClass& fitted,
                       const StartProtocol& protocol, RandomStream& stream) {
    const moe::ParameterBox box = box_of(truth, fitted);
    const auto draw_round = [&] {
        StartRound round;
        if (protocol.certificate) round.near.push_back(start_near(truth, fitted, 1e-3, stream));
        for (int i = 0; i < protocol.near_truth; ++i)
            round.near.push_back(start_near(truth, fitted, protocol.noise, stream));
        for (int i = 0; i < protocol.uniform; ++i)
            round.uniform.push_back(start_in(box, stream));
        return round;
    };
    return fit_best(data, fitted, box, moe::weighted_squares(data, truth.function), protocol,
                    draw_round);
}

std::vector<BoundHit> bounds_hit(std::span<const double> theta, const moe::ParameterBox& box) {
    constexpr double margin = 1e-9;
    std::vector<BoundHit> hits;
    for (std::size_t p = 0; p < theta.size(); ++p) {
        if (theta[p] <= box.lower[p] + margin)
            hits.push_back({p, box.lower[p]});
        else if (theta[p] >= box.upper[p] - margin)
            hits.push_back({p, box.upper[p]});
    }
    return hits;
}

std::string bound_text(const BestFit& best, const BoundHit& hit) {
    static constexpr std::array<const char*, 4> names{"b1", "b0", "a", "b"};
    // The frozen gate of a softmax's last atom is no parameter.
    const bool gate_frozen = best.function.gate == moe::GateKind::softmax &&
                             hit.parameter / 4 + 1 == best.function.atoms.size();
    return std::string(names.at(hit.parameter % 4 + (gate_frozen ? 2 : 0))) + "=" +
           moe::shortest(hit.value);
}

} // namespace sigmoid_gating
