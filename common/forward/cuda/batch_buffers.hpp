#pragma once
// Device memory for one slice of a batch. For .cu files.

#include "forward/cuda/descriptions.hpp"
#include "forward/cuda/device_memory.hpp"
#include "forward/cuda/plan.hpp"

#include <cstddef>
#include <cstdint>

namespace moe::cuda {

/// What the sizes of the buffers follow from.
struct BatchNeeds {
    KernelVersion version;
    ExpertShape shape; ///< with its layers in host memory
    DeviceLimits limits;
    std::uint64_t experts = 0;
};

class BatchBuffers {
  public:
    /// At most `limit_bytes` of device memory; none is taken yet.
    BatchBuffers(const BatchNeeds& needs, std::uint64_t limit_bytes);

    /// Rows of a slice for a batch of `rows` >= 1: as many if the buffers fit, else half, a
    /// quarter, ... of them. Buffers stay as long as they are large enough. Throws EnvironmentError
    /// naming the bytes if not even a few hundred rows fit.
    [[nodiscard]] std::size_t reserve(std::size_t rows);

    [[nodiscard]] std::uint64_t peak_bytes() const noexcept { return ledger_.peak(); }
    /// Most tiles of `rows` rows: a tile more per expert than full tiles alone would be.
    [[nodiscard]] std::size_t most_tiles(std::size_t rows) const;

    struct Arrays {
        DeviceArray<double> inputs;         ///< [rows][n]
        DeviceArray<float> outputs;         ///< [rows][m]
        DeviceArray<std::uint32_t> experts; ///< [rows]
        DeviceArray<std::uint32_t> samples; ///< [rows]
        DeviceArray<std::uint32_t> touched; ///< [min(rows, experts)]
        DeviceArray<std::uint32_t> counts;  ///< likewise
        DeviceArray<std::uint32_t> touched_count;
        DeviceArray<RouteSums> sums;
        DeviceArray<Tile> tiles;
        DeviceArray<std::byte> group_scratch;
        DeviceArray<std::byte> workspace;
    };
    [[nodiscard]] const Arrays& arrays() const noexcept { return arrays_; }

  private:
    [[nodiscard]] Arrays allocate(std::size_t rows);

    BatchNeeds needs_;
    DeviceLedger ledger_;
    Arrays arrays_;
    std::size_t rows_ = 0;           ///< that the buffers hold
    std::size_t refused_ = SIZE_MAX; ///< fewest rows for which memory did not suffice
};

} // namespace moe::cuda
