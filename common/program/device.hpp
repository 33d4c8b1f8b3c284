#pragma once
// Where batched forward passes run.

#include <string>
#include <string_view>

namespace moe {

struct DeviceChoice {
    std::string name;   ///< "cpu" or "cuda"
    std::string reason; ///< why, where "auto" left the choice to the program; else empty
};

/// The device for a value of --device ("auto", "cpu", "cuda"). Throws EnvironmentError if "cuda" is
/// asked for and cannot be had.
[[nodiscard]] DeviceChoice choose_device(std::string_view requested);

} // namespace moe
