#include "forward/cuda/slot_layout.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <string>

namespace moe::cuda {

SlotLayout lay_out_slots(std::size_t parameters, std::uint64_t experts,
                         std::uint64_t budget_bytes) {
    constexpr std::size_t floats_per_boundary = 4;
    const std::uint64_t floats = budget_bytes / sizeof(float);
    if (floats < parameters) {
        throw EnvironmentError("one expert takes " + std::to_string(parameters * sizeof(float)) +
                               " bytes of device memory, but the residency budget is " +
                               std::to_string(budget_bytes) + " bytes");
    }
    SlotLayout layout;
    layout.stride =
        (parameters + floats_per_boundary - 1) / floats_per_boundary * floats_per_boundary;
    const std::uint64_t slots = 1 + (floats - parameters) / layout.stride;
    layout.slots = static_cast<std::uint32_t>(std::min(slots, experts));
    layout.floats = (layout.slots - 1) * layout.stride + parameters;
    return layout;
}

} // namespace moe::cuda
