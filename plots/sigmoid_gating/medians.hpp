#pragma once
// Medians and quartiles of the fits by n, and what is read off them.

#include "plots/run_data.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sigmoid_gating_plots {

/// Of one column of the table fits, by n ascending.
struct Medians {
    std::vector<double> n;
    std::vector<double> median;
    std::vector<double> low_quartile;
    std::vector<double> high_quartile;
};
/// Missing entries are left out, and so are sizes whose median or quartiles are infinite (a true
/// atom has no fitted one).
[[nodiscard]] Medians medians_of(const moe::PlotTable& rows, const std::string& column);
/// The same of values beside their n, only sizes with `least` values or more.
[[nodiscard]] Medians medians_of(const std::vector<double>& n, const std::vector<double>& values,
                                 std::size_t least = 1);

/// |D eta| of the true atom that the softmax fit has alone in its cell, of the sigmoid and of the
/// softmax fits to the same data.
[[nodiscard]] std::pair<Medians, Medians> exact_experts(const moe::PlotTable& sigmoid,
                                                        const moe::PlotTable& softmax);

/// At each n that of the larger median.
[[nodiscard]] Medians larger(const Medians& one, const Medians& other);

/// n at which the medians have fallen to `error` for good, linear between logarithms.
[[nodiscard]] std::optional<double> samples_for(const Medians& medians, double error);

/// The rates of rates.csv by id.
[[nodiscard]] std::map<std::string, moe::PlotRate> all_rates(moe::RunData& run);

/// Different values of `by`, ascending, and the least value of `column` at each.
[[nodiscard]] std::pair<std::vector<double>, std::vector<double>>
least_by(const moe::PlotTable& rows, const std::string& by, const std::string& column);

} // namespace sigmoid_gating_plots
