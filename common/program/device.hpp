#pragma once
// Where batched forward passes run.

#include <string>
#include <string_view>

namespace moe {

struct DeviceChoice {
    std::string name;   ///< "cpu" or "cuda"
    std::string reason; ///< why, where "auto" left the choice to the program; else empty
};

/// The device for a value of --device ("auto", "cpu", "cuda") of a program that has parts for a GPU
/// or not. Throws EnvironmentError if "cuda" is asked for and no GPU can be used, InputError if one
/// can but the program has nothing for it.
[[nodiscard]] DeviceChoice choose_device(std::string_view requested, bool has_device_parts);

} // namespace moe
