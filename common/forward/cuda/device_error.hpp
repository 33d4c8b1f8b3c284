#pragma once

#include "basics/error.hpp"

namespace moe::cuda {

/// The device's memory, or the part of it that may be used, is too small for what was asked.
class DeviceMemoryError : public EnvironmentError {
  public:
    using EnvironmentError::EnvironmentError;
};

} // namespace moe::cuda
