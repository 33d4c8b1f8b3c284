#include "shattering/float64_comparison.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

namespace moe {

void check_exhaustive(const ShatteringPlan& plan) {
    if (plan.points() > exhaustive_points)
        throw InputError(plan.name() + ": m = " + std::to_string(plan.points()) +
                         " points; all 2^m labelings are verified up to m = " +
                         std::to_string(exhaustive_points));
}

template<class Integer>
ShatteringReport begin_report(const ShatteringPlan& plan) {
    const Architecture architecture = shattering_architecture(plan);
    ShatteringReport report;
    report.points = plan.points();
    report.parameters = architecture.parameters();
    report.depth = architecture.depth();
    report.routed = routes_to_blocks<Integer>(plan);
    return report;
}

bool compares_float64(const ShatteringPlan& plan, const ShatteringOptions& options) {
    return options.float64_models > 0 && options.fault == ShatteringFault::none &&
           float64_is_exact(plan);
}

template<class Integer>
Float64Comparison<Integer>::Float64Comparison(const ShatteringPlan& plan)
    : routings_{BlockRouting::tree}
    , model_(plan)
    , exact_(plan.points()) {
    if (float64_routing_is_exact(plan, BlockRouting::flat)) routings_.push_back(BlockRouting::flat);
    for (std::size_t l = 0; l < plan.experts(); ++l)
        blocks_.emplace_back(plan, l, ShatteringFault::none);
}

template<class Integer>
void Float64Comparison<Integer>::compare(const Labels& labels, Float64Agreement& agreement) {
    const std::size_t B = exact_.size() / blocks_.size();
    for (std::size_t l = 0; l < blocks_.size(); ++l) {
        blocks_[l].write(std::span(labels).subspan(l * B, B));
        model_.set_expert(l, blocks_[l].net());
        const std::span<const Integer> outputs = blocks_[l].outputs();
        std::transform(outputs.begin(), outputs.end(),
                       exact_.begin() + static_cast<std::ptrdiff_t>(l * B),
                       [](const Integer& output) { return output.to_double(); });
    }
    ++agreement.models;
    for (const BlockRouting routing : routings_) {
        const std::span<const double> outputs = model_.outputs(routing);
        agreement.outputs += outputs.size();
        for (std::size_t p = 0; p < outputs.size(); ++p)
            if (std::bit_cast<std::uint64_t>(outputs[p]) != std::bit_cast<std::uint64_t>(exact_[p]))
                ++agreement.differing;
    }
}

template ShatteringReport begin_report<Checked64>(const ShatteringPlan&);
template ShatteringReport begin_report<Checked128>(const ShatteringPlan&);
template class Float64Comparison<Checked64>;
template class Float64Comparison<Checked128>;

} // namespace moe
