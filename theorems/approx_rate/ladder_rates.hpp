#pragma once
// The rates of thm_approx_rate: one ladder of sizes gives the exponents of the loaded
// parameters and of the number of experts.

#include "statistics/rows.hpp"

#include "program/program.hpp"
#include "statistics/rate.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace approx_rate {

inline constexpr double params_tolerance = 0.06;  ///< |slope_P - r|
inline constexpr double experts_tolerance = 0.01; ///< |slope_L - exponent of L|

/// The rates of one ladder.
struct LadderRates {
    std::string id;
    std::string construction;
    double r = 0.0;
    std::int64_t n = 1;
    moe::Rate params;
    moe::Rate experts;
};

/// One entry per ladder of the table of models, in order of first appearance.
[[nodiscard]] std::vector<LadderRates> fit_ladders(const moe::Table& models);

using Chosen = std::vector<const LadderRates*>;

[[nodiscard]] Chosen choose(const std::vector<LadderRates>& rates,
                            const std::function<bool(const LadderRates&)>& keep);

/// "kuhn.r1.n2.params 0.9755, ...".
[[nodiscard]] std::string slopes_text(const Chosen& ladders, moe::Rate LadderRates::*rate);

/// |slope - claimed| <= tolerance for every ladder; no claim without ladders.
void add_slopes(moe::Judgement& judgement, std::string id, const Chosen& ladders,
                moe::Rate LadderRates::*rate, double tolerance);

/// O(eps^-1): for every n the interval of the exponent reaches down to 1 and the slope is within
/// its tolerance. The measured value is the largest exponent.
void add_headline(moe::Judgement& judgement, std::string id, const Chosen& ladders);

} // namespace approx_rate
