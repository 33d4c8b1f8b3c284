#pragma once
// The narrowest exact arithmetic that a plan gets along with.

#include "basics/error.hpp"
#include "shattering/shattering_plan.hpp"

namespace moe {

/// compute(Checked64()), and if its integers overflow compute(Checked128()): the argument only
/// chooses the type. Throws InputError naming the plan where 128 bits do not do.
template<class Compute>
auto with_exact_integers(const ShatteringPlan& plan, Compute&& compute) {
    try {
        return compute(Checked64());
    } catch (const IntegerOverflow&) { // once more, wider
    }
    try {
        return compute(Checked128());
    } catch (const IntegerOverflow& overflow) {
        throw InputError(plan.name() + ": its integers do not fit into 128 bits (" +
                         overflow.what() + ")");
    }
}

} // namespace moe
