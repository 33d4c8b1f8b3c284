#include "plots/sigmoid_gating/medians.hpp"

#include "statistics/paired.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace sigmoid_gating_plots {

Medians medians_of(const moe::PlotTable& rows, const std::string& column) {
    const std::vector<double> n = rows.numbers("n");
    const std::vector<double> values = rows.numbers(column);
    std::map<double, std::vector<double>> by_size;
    for (std::size_t i = 0; i < n.size(); ++i) {
        by_size[n[i]].push_back(std::isnan(values[i]) ? std::numeric_limits<double>::infinity()
                                                      : values[i]);
    }
    Medians medians;
    for (const auto& [size, sample] : by_size) {
        const double low = moe::quantile(sample, 0.25);
        const double middle = moe::quantile(sample, 0.5);
        const double high = moe::quantile(sample, 0.75);
        if (!std::isfinite(high)) continue;
        medians.n.push_back(size);
        medians.median.push_back(middle);
        medians.low_quartile.push_back(low);
        medians.high_quartile.push_back(high);
    }
    return medians;
}

Medians larger(const Medians& one, const Medians& other) {
    Medians result;
    for (std::size_t i = 0; i < one.n.size(); ++i) {
        const auto found = std::ranges::find(other.n, one.n[i]);
        if (found == other.n.end()) continue;
        const auto j = static_cast<std::size_t>(found - other.n.begin());
        const bool first = one.median[i] >= other.median[j];
        const Medians& from = first ? one : other;
        const std::size_t at = first ? i : j;
        result.n.push_back(from.n[at]);
        result.median.push_back(from.median[at]);
        result.low_quartile.push_back(from.low_quartile[at]);
        result.high_quartile.push_back(from.high_quartile[at]);
    }
    return result;
}

std::optional<double> samples_for(const Medians& medians, double error) {
    const std::vector<double>& errors = medians.median;
    for (std::size_t i = errors.size() - 1; i > 0; --i) {
        if (!(errors[i - 1] >= error && errors[i] < error)) continue;
        const double part = std::log(errors[i - 1] / error) / std::log(errors[i - 1] / errors[i]);
        return medians.n[i - 1] * std::pow(medians.n[i] / medians.n[i - 1], part);
    }
    return std::nullopt;
}

std::map<std::string, moe::PlotRate> all_rates(moe::RunData& run) {
    std::map<std::string, moe::PlotRate> rates;
    for (const std::string& id : run.table("rates").texts("id"))
        rates.emplace(id, run.rate(id));
    return rates;
}

std::pair<std::vector<double>, std::vector<double>>
least_by(const moe::PlotTable& rows, const std::string& by, const std::string& column) {
    const std::vector<double> keys = rows.numbers(by);
    const std::vector<double> values = rows.numbers(column);
    std::map<double, double> least;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto [entry, fresh] = least.emplace(keys[i], values[i]);
        if (!fresh) entry->second = std::min(entry->second, values[i]);
    }
    std::pair<std::vector<double>, std::vector<double>> result;
    for (const auto& [key, value] : least) {
        result.first.push_back(key);
        result.second.push_back(value);
    }
    return result;
}

} // namespace sigmoid_gating_plots
