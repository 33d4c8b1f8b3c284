#pragma once
// Systems of regions of one coordinate (arXiv:2505.24205; the project's notes on it, section 3):
// [0, 1] is cut into intervals of equal length, each of which belongs to a chart.

#include "layers/linear_gate.hpp"

#include <cstdint>
#include <vector>

namespace moe {

class RegionSystem {
  public:
    /// `repeats` intervals a chart: interval j of charts * repeats belongs to chart j mod charts.
    /// With one interval a chart nearest anchors are a linear gate; with two and at least two
    /// charts they are not. Throws InputError for 0 charts or repeats, or more than 2^20
    /// intervals.
    explicit RegionSystem(std::uint32_t charts, std::uint32_t repeats = 1);

    [[nodiscard]] std::uint32_t charts() const noexcept { return charts_; }
    [[nodiscard]] std::uint32_t repeats() const noexcept { return repeats_; }
    [[nodiscard]] std::uint32_t intervals() const noexcept { return charts_ * repeats_; }

    /// min(floor(intervals t), intervals - 1). Throws std::domain_error for t outside [0, 1].
    [[nodiscard]] std::uint32_t interval_of(double t) const;
    [[nodiscard]] std::uint32_t chart_of_interval(std::uint32_t interval) const noexcept {
        return interval % charts_;
    }
    /// Whether t is in the closure of an interval of the chart: on a border both neighbours are.
    [[nodiscard]] bool accepts(double t, std::uint32_t chart) const;
    /// The point at a fractional position (0 to 1) of an interval.
    [[nodiscard]] double point(std::uint32_t interval, double fraction) const noexcept {
        return (static_cast<double>(interval) + fraction) / static_cast<double>(intervals());
    }
    /// Centres of the chart's intervals.
    [[nodiscard]] std::vector<double> anchors(std::uint32_t chart) const;

  private:
    std::uint32_t charts_;
    std::uint32_t repeats_;
};

/// Three points of [0, 1] in ascending order, the outer two of one chart, the middle one of another
/// one. The points that a linear gate sends to one expert are convex, so no linear gate on this
/// coordinate routes all three.
struct ConvexityCertificate {
    double first;
    double between;
    double second;
    std::uint32_t outer_chart;
    std::uint32_t middle_chart;
};

/// Centres of the intervals 0, 1 and `charts`. Throws std::invalid_argument for fewer than two
/// repeats or charts, where a linear gate exists.
[[nodiscard]] ConvexityCertificate convexity_certificate(const RegionSystem& regions);

/// The least share of [0, 1] that a linear gate on one coordinate sends to a wrong chart if there
/// are two intervals a chart: (E - 1) / (2E). Each expert's points are one interval; at most one of
/// these meets both intervals of its chart (it holds all between), so at most E + 1 of the 2E
/// intervals are routed right. Throws as convexity_certificate, also for more than two repeats.
[[nodiscard]] double least_misrouted_share(const RegionSystem& regions);

/// Share of [0, 1] that a gate on one coordinate, a row per chart, sends to a wrong chart: counted
/// on `per_interval` evenly spaced points of every interval, for which least_misrouted_share holds
/// by the same argument. Throws std::invalid_argument for a gate of another size.
[[nodiscard]] double misrouted_share(const LinearGate& gate, const RegionSystem& regions,
                                     std::uint32_t per_interval);

} // namespace moe
