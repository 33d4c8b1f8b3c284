#include "program/device.hpp"

#include "basics/error.hpp"
#include "forward/cuda/device.hpp"

namespace moe {

DeviceChoice choose_device(std::string_view requested, bool has_device_parts) {
    if (requested == "cpu") return {"cpu", ""};
    if (requested == "auto" && !has_device_parts)
        return {"cpu", "auto: the program has no parts for a GPU"};
    const cuda::Device device = cuda::find_device();
    if (requested == "auto") {
        if (!device.usable) return {"cpu", "auto: no usable GPU: " + device.reason};
        return {"cuda", "auto: " + device.text()};
    }
    if (!device.usable)
        throw EnvironmentError("--device cuda: no usable GPU: " + device.reason +
                               "; use --device cpu");
    if (!has_device_parts)
        throw InputError("--device cuda: the program has no parts for a GPU; use --device cpu");
    return {"cuda", ""};
}

} // namespace moe
