#include "pieces/compositional_target.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

CompositionalTarget::CompositionalTarget(RegionSystem regions, SubFunctions functions,
                                         Combination combination)
    : regions_(regions)
    , functions_(std::move(functions))
    , combination_(combination) {
    if (functions_.empty()) throw std::invalid_argument("CompositionalTarget: no coordinate");
    for (const auto& charts : functions_) {
        if (charts.size() != regions_.charts())
            throw std::invalid_argument("CompositionalTarget: " + std::to_string(charts.size()) +
                                        " functions for " + std::to_string(regions_.charts()) +
                                        " charts");
    }
}

double CompositionalTarget::value(std::span<const double> x,
                                  std::span<const std::uint32_t> intervals) const {
    double result = 0.0;
    for (std::size_t l = 0; l < functions_.size(); ++l) {
        const double here = functions_[l][regions_.chart_of_interval(intervals[l])](x[l]);
        if (combination_ == Combination::sum)
            result += here;
        else
            result = l == 0 ? here : std::max(result, here);
    }
    return result;
}

double CompositionalTarget::largest_slope() const noexcept {
    double largest = 0.0;
    for (const auto& charts : functions_) {
        for (const PiecewiseLinear& f : charts) {
            double slope = f.slope;
            largest = std::max(largest, std::abs(slope));
            for (const double change : f.changes) {
                slope += change;
                largest = std::max(largest, std::abs(slope));
            }
        }
    }
    return largest;
}

} // namespace moe
