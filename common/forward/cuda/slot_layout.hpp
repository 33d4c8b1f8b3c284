#pragma once
// How a budget of device memory is cut into slots of one expert each.

#include <cstddef>
#include <cstdint>

namespace moe::cuda {

/// Slot s begins at float s * stride; kernels want slots to begin at 16-byte boundaries.
struct SlotLayout {
    std::uint32_t slots = 0;
    std::size_t stride = 0; ///< floats, the parameters rounded up to a multiple of 4
    std::size_t floats = 0; ///< all slots, without padding after the last one

    [[nodiscard]] std::uint64_t bytes() const noexcept { return floats * sizeof(float); }
};

/// As many slots as the budget holds, but no more than there are experts. A budget of exactly one
/// expert, 4 P bytes, is one slot. Throws EnvironmentError naming the bytes of one expert and of
/// the budget where it is smaller. parameters >= 1, 1 <= experts < 2^32.
[[nodiscard]] SlotLayout lay_out_slots(std::size_t parameters, std::uint64_t experts,
                                       std::uint64_t budget_bytes);

} // namespace moe::cuda
