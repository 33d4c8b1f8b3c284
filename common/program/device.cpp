#include "program/device.hpp"

#include "basics/error.hpp"

namespace moe {

DeviceChoice choose_device(std::string_view requested) {
    const std::string no_cuda = "this build has no CUDA forward pass";
    if (requested == "cuda")
        throw EnvironmentError("--device cuda: no usable GPU: " + no_cuda + "; use --device cpu");
    if (requested == "auto") return {"cpu", "auto: " + no_cuda};
    return {"cpu", ""};
}

} // namespace moe
