#include "plots/figure_axis.hpp"

#include "basics/numbers.hpp"

#include <algorithm>
#include <cmath>

namespace moe {

namespace {

constexpr double margin = 0.05; // of the axis, on both sides of the data

double base_of(Scale scale) {
    return scale == Scale::log2 ? 2.0 : 10.0;
}

/// Ticks at 1, 2, 5 times powers of ten, labelled as plain numbers.
std::string round_ticks(char name, const AxisRange& range) {
    std::string list;
    const int first = static_cast<int>(std::floor(std::log10(range.low)));
    const int last = static_cast<int>(std::ceil(std::log10(range.high)));
    for (int power = first; power <= last; ++power) {
        for (const double digit : {1.0, 2.0, 5.0}) {
            const double value = digit * std::pow(10.0, power);
            if (value < range.low || value > range.high) continue;
            list += (list.empty() ? "'" : ", '") + rounded(value, 3) + "' " + shortest(value);
        }
    }
    return std::string("set ") + name + "tics (" + list + ")\nunset m" + name + "tics\n";
}

} // namespace

AxisRange axis_range(const Axis& axis, const std::vector<double>& values) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    AxisRange range{*least, *most};
    if (axis.scale == Scale::linear) {
        const double pad = range.high > range.low ? margin * (range.high - range.low)
                                                  : std::max(1.0, std::abs(range.low)) / 2;
        range = {range.low - pad, range.high + pad};
    } else {
        const double factor =
            range.high > range.low ? std::pow(range.high / range.low, margin) : 2.0;
        range = {range.low / factor, range.high * factor};
    }
    return {axis.low.value_or(range.low), axis.high.value_or(range.high)};
}

std::string axis_commands(char name, const Axis& axis, const AxisRange& range,
                          const std::vector<std::string>& quoted_names) {
    const Scale scale = axis.scale;
    // The scale of the panel before goes first: gnuplot checks a range against it.
    std::string text = std::string("unset logscale ") + name + "\nset " + name + "range [" +
                       shortest(range.low) + ":" + shortest(range.high) + "]\n";
    if (!quoted_names.empty()) {
        std::string list;
        for (std::size_t i = 0; i < quoted_names.size(); ++i)
            list += (i == 0 ? "" : ", ") + quoted_names[i] + " " + std::to_string(i + 1);
        return text + "set " + name + "tics (" + list + ")\nunset m" + name + "tics\n";
    }
    if (scale == Scale::linear) {
        return text + "set format " + name + " '%g'\nset " + name + "tics autofreq\nunset m" +
               name + "tics\n";
    }
    const double base = base_of(scale);
    const std::string base_text = shortest(base);
    text += std::string("set logscale ") + name + " " + base_text + "\n";
    const int first = static_cast<int>(std::ceil(std::log(range.low) / std::log(base) - 1e-9));
    const int last = static_cast<int>(std::floor(std::log(range.high) / std::log(base) + 1e-9));
    if (last <= first) return text + round_ticks(name, range);
    const int step = 1 + (last - first) / 7;
    std::string list;
    for (int power = first; power <= last; ++power) {
        if (power % step != 0) continue;
        list += (list.empty() ? "'" : ", '") + base_text + "^{" + std::to_string(power) + "}' " +
                shortest(std::pow(base, power));
    }
    // Small unlabelled ticks at 2..9 times powers of ten, or at the powers of two between labels.
    for (int power = first - 1; power <= last; ++power) {
        for (int digit = 1; digit < (scale == Scale::log10 ? 10 : 2); ++digit) {
            const double value = digit * std::pow(base, power);
            const bool labelled = digit == 1 && power % step == 0;
            if (labelled || value < range.low || value > range.high) continue;
            list += ", '' " + shortest(value) + " 1";
        }
    }
    return text + "set " + name + "tics (" + list + ")\n";
}

} // namespace moe
