#include "plots/sigmoid_gating/medians.hpp"

#include "statistics/paired.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace sigmoid_gating_plots {

Medians medians_of(const moe::PlotTable& rows, const std::string& column) {
    return medians_of(rows.numbers("n"), rows.numbers(column));
}

Medians medians_of(const std::vector<double>& n, const std::vector<double>& values,
                   std::size_t least) {
    std::map<double, std::vector<double>> by_size;
    for (std::size_t i = 0; i < n.size(); ++i) {
        if (!std::isnan(values[i])) by_size[n[i]].push_back(values[i]);
    }
    Medians medians;
    for (const auto& [size, sample] : by_size) {
        if (sample.size() < least) continue;
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

std::pair<Medians, Medians> exact_experts(const moe::PlotTable& sigmoid,
                                          const moe::PlotTable& softmax) {
    using Key = std::pair<double, double>; // n and repetition
    std::vector<double> n;
    std::vector<double> one;
    std::vector<double> other;
    for (const char* column : {"expert_0", "expert_1"}) {
        std::map<Key, double> errors;
        const std::vector<double> sizes = sigmoid.numbers("n");
        const std::vector<double> repetitions = sigmoid.numbers("repetition");
        const std::vector<double> values = sigmoid.numbers(column);
        for (std::size_t i = 0; i < sizes.size(); ++i)
            errors[{sizes[i], repetitions[i]}] = values[i];
        const std::vector<double> softmax_sizes = softmax.numbers("n");
        const std::vector<double> softmax_repetitions = softmax.numbers("repetition");
        const std::vector<double> softmax_values = softmax.numbers(column);
        for (std::size_t i = 0; i < softmax_sizes.size(); ++i) {
            const auto pair = errors.find({softmax_sizes[i], softmax_repetitions[i]});
            if (pair == errors.end() || !std::isfinite(pair->second) ||
                !std::isfinite(softmax_values[i]))
                continue;
            n.push_back(softmax_sizes[i]);
            one.push_back(pair->second);
            other.push_back(softmax_values[i]);
        }
    }
    return {medians_of(n, one), medians_of(n, other)};
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
