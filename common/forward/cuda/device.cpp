#include "forward/cuda/device.hpp"

namespace moe::cuda {

std::string Device::text() const {
    if (!usable) return "";
    return name + ", compute capability " + std::to_string(major) + "." + std::to_string(minor) +
           ", " + std::to_string(memory_bytes) + " bytes";
}

} // namespace moe::cuda
