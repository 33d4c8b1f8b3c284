#pragma once
// Fitting one data set as the notes' section 4 asks: starts, certificate, retries.

#include "sigmoid_gating/truths.hpp"

#include "basics/random.hpp"
#include "fitting/least_squares.hpp"
#include "gating/grid_data.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace sigmoid_gating {

/// Where the starts of a data set are and how they are followed.
struct StartProtocol {
    bool certificate = true; ///< S0: the truth, hardly disturbed
    int near_truth = 3;      ///< S1..S3: the truth with `noise`
    int uniform = 1;         ///< S4: uniform in the box
    double noise = 0.1;      ///< the same for every n
    std::size_t max_iterations = 1000;
    int retries = 3; ///< rounds of fresh starts while the certificate is violated
};

/// Starts near the truth with `atoms` fitted ones: masses of a split atom uniform in [0.3, 0.7],
/// a dead atom with eta ~ N(0, 0.1^2) and a gate uniform on [-2, 2]^2, normal noise on the
/// rest. With no more atoms than the truth has there is neither. The class may have the other
/// gate than the truth (softmax gates are then differences to the last atom's).
[[nodiscard]] std::vector<double> start_near(const Truth& truth, const moe::GatedClass& fitted,
                                             double noise, moe::RandomStream& stream);

/// The box of a fit near a truth (notes 4): [-2.5, 2.5] for every free parameter. Where the
/// additional atom is to share true atom `over` the box is RESTRICTED: every slope a keeps the sign
/// of its true atom and is at least 0.5 in absolute value (if the true one is), so that there is no
/// zero expert and the additional atom is on the side of the one that is shared. The pattern of
/// such a fit tells nothing.
[[nodiscard]] moe::ParameterBox box_of(const Truth& truth, const moe::GatedClass& fitted);

/// A start uniform in the box.
[[nodiscard]] std::vector<double> start_in(const moe::ParameterBox& box, moe::RandomStream& stream);

/// The least certified gain: SSE(truth) - SSE(fit) in units of chi square.
inline constexpr double least_gain = -1e-6;

/// The starts of one round.
struct StartRound {
    std::vector<std::vector<double>> near; ///< near something that is known
    std::vector<std::vector<double>> uniform;
};

/// A parameter at an end of its box.
struct BoundHit {
    std::size_t parameter;
    double value;
};

/// The best of all starts.
struct BestFit {
    moe::GatedFunction function;
    std::vector<double> theta;
    double gain = 0.0;      ///< SSE(reference) - SSE(fit); NaN if no start gave a finite fit
    std::int64_t start = 0; ///< which start won, 0 is S0; later rounds count on
    std::int64_t rounds = 1;
    std::int64_t fits = 0; ///< starts that were followed
    /// Gain of the best uniform start less that of the best other one; NaN where one is missing.
    double uniform_lead = 0.0;
    std::vector<BoundHit> bounds;

    [[nodiscard]] bool certified() const noexcept { return gain >= least_gain; }
    [[nodiscard]] bool found() const noexcept { return !function.atoms.empty(); }
};

/// Follows rounds of starts until one round's best fit is certified against `reference`, the
/// objective of a feasible point, or rounds run out; the best of all of them is kept.
/// `draw_round` draws the starts of one round.
[[nodiscard]] BestFit fit_best(const moe::GridData& data, const moe::GatedClass& fitted,
                               const moe::ParameterBox& box, double reference,
                               const StartProtocol& protocol,
                               const std::function<StartRound()>& draw_round);

/// The rounds of notes 4: S0, S1-S3, S4, in box_of(truth, fitted).
[[nodiscard]] BestFit fit_near_truth(const moe::GridData& data, const Truth& truth,
                                     const moe::GatedClass& fitted, const StartProtocol& protocol,
                                     moe::RandomStream& stream);

/// Parameters within 1e-9 of an end of the box, with that end.
[[nodiscard]] std::vector<BoundHit> bounds_hit(std::span<const double> theta,
                                               const moe::ParameterBox& box);
/// "b0=-2.5": parameter and end.
[[nodiscard]] std::string bound_text(const BestFit& best, const BoundHit& hit);

} // namespace sigmoid_gating
