#pragma once
// Which GPU there is, if any. Plain C++, in every build.

#include <cstdint>
#include <string>

namespace moe::cuda {

/// The first visible device, or why none can be used.
struct Device {
    bool usable = false;
    std::string reason; ///< one line; empty where the device is usable
    std::string name;   ///< "NVIDIA H200"
    int major = 0;      ///< compute capability
    int minor = 0;
    std::uint64_t memory_bytes = 0;
    std::string driver;  ///< newest CUDA version that the driver supports: "13.0"
    std::string runtime; ///< CUDA version that the program was built with; empty without CUDA

    /// "NVIDIA H200, compute capability 9.0, 150754820096 bytes"; empty where none is usable.
    [[nodiscard]] std::string text() const;
};

/// Asks the driver, each time it is called. Never throws for a device that is missing or too old.
[[nodiscard]] Device find_device();

} // namespace moe::cuda
