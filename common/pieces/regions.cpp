#include "pieces/regions.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace moe {

namespace {

constexpr std::uint64_t most_intervals = std::uint64_t{1} << 20U;

void require_two_sided(const RegionSystem& regions) {
    if (regions.charts() < 2 || regions.repeats() < 2)
        throw std::invalid_argument("a linear gate routes " + std::to_string(regions.charts()) +
                                    " charts with " + std::to_string(regions.repeats()) +
                                    " intervals each");
}

} // namespace

RegionSystem::RegionSystem(std::uint32_t charts, std::uint32_t repeats)
    : charts_(charts)
    , repeats_(repeats) {
    if (charts == 0 || repeats == 0 || std::uint64_t{charts} * repeats > most_intervals)
        throw InputError("regions: " + std::to_string(charts) + " charts of " +
                         std::to_string(repeats) + " intervals; at least 1 of both and at most " +
                         std::to_string(most_intervals) + " intervals are allowed");
}

std::uint32_t RegionSystem::interval_of(double t) const {
    if (!(t >= 0.0 && t <= 1.0))
        throw std::domain_error("RegionSystem: a coordinate outside [0, 1]");
    const auto cell = static_cast<std::uint32_t>(std::floor(t * intervals()));
    return std::min(cell, intervals() - 1);
}

bool RegionSystem::accepts(double t, std::uint32_t chart) const {
    const std::uint32_t interval = interval_of(t);
    if (chart_of_interval(interval) == chart) return true;
    const bool on_lower_border = t * intervals() == static_cast<double>(interval);
    return on_lower_border && interval > 0 && chart_of_interval(interval - 1) == chart;
}

std::vector<double> RegionSystem::anchors(std::uint32_t chart) const {
    std::vector<double> result;
    for (std::uint32_t repeat = 0; repeat < repeats_; ++repeat)
        result.push_back(point(chart + repeat * charts_, 0.5));
    return result;
}

ConvexityCertificate convexity_certificate(const RegionSystem& regions) {
    require_two_sided(regions);
    return {.first = regions.point(0, 0.5),
            .between = regions.point(1, 0.5),
            .second = regions.point(regions.charts(), 0.5),
            .outer_chart = 0,
            .middle_chart = 1};
}

double least_misrouted_share(const RegionSystem& regions) {
    require_two_sided(regions);
    if (regions.repeats() != 2)
        throw std::invalid_argument("the least misrouted share is known for two intervals a chart");
    const double E = regions.charts();
    return (E - 1.0) / (2.0 * E);
}

double misrouted_share(const LinearGate& gate, const RegionSystem& regions,
                       std::uint32_t per_interval) {
    if (gate.inputs() != 1 || gate.experts() != regions.charts() || per_interval == 0)
        throw std::invalid_argument("misrouted_share: a gate on one coordinate with a row per "
                                    "chart and at least one point an interval are needed");
    std::uint64_t wrong = 0;
    for (std::uint32_t interval = 0; interval < regions.intervals(); ++interval) {
        for (std::uint32_t k = 0; k < per_interval; ++k) {
            const double t = regions.point(interval, (k + 0.5) / per_interval);
            if (gate.route({&t, 1}) != regions.chart_of_interval(interval)) ++wrong;
        }
    }
    return static_cast<double>(wrong) / (static_cast<double>(regions.intervals()) * per_interval);
}

} // namespace moe
