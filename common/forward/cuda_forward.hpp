#pragma once
// The batched forward pass on a GPU, in float32, with a budget for the experts that live there.
// Without CUDA in the build everything here exists and says so when it is used.

#include "forward/forward.hpp"
#include "models/expert_source.hpp"
#include "routing/router.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace moe {

namespace cuda {
enum class KernelVersion;
}

struct CudaOptions {
    /// Device memory for the parameters of experts; one expert at least.
    std::uint64_t budget_bytes = std::uint64_t{1} << 30U;
    /// Device memory for the buffers of a batch, at most. A larger batch is run slice by slice.
    std::uint64_t batch_bytes = std::uint64_t{1} << 30U;
    /// Each of the two pinned host buffers that experts pass through (one expert at least).
    std::uint64_t staging_bytes = std::uint64_t{4} << 20U;
    unsigned threads = 1; ///< that fill them, each with at most one lease; never reach the outputs
    /// The kernel to use; the one that suits the experts where empty (forward/cuda/plan.hpp).
    std::optional<cuda::KernelVersion> version = std::nullopt;
};

/// What one pass did, counted where it happened.
struct CudaReport {
    ForwardReport forward;       ///< acquisitions: leases, one per load
    std::uint64_t loads = 0;     ///< experts copied to the device
    std::uint64_t hits = 0;      ///< touched experts that were there already (per slice)
    std::uint64_t evictions = 0; ///< experts that left for another one
    std::uint64_t waves = 0;     ///< groups of experts that computed together
    std::uint64_t slices = 0;
    // Device memory in bytes. The first three are counted at every allocation of this object.
    std::uint64_t peak_expert_bytes = 0;  ///< parameters of experts, most at any time so far
    std::uint64_t peak_batch_bytes = 0;   ///< inputs, outputs, grouping, workspace: likewise
    std::uint64_t model_bytes = 0;        ///< router and shape of the experts
    std::uint64_t device_total = 0;       ///< as the driver says, all processes together:
    std::uint64_t device_free_before = 0; ///< before this object allocated anything
    std::uint64_t device_free_after = 0;  ///< at the end of the pass
};

/// A model ready to run on the first visible device (CUDA_VISIBLE_DEVICES chooses). Experts stay in
/// the budget from pass to pass, the least recently used leave; those that are missing are copied
/// on a stream of their own while the experts before them compute, unless the budget is that of a
/// single expert. One pass at a time. Router and source must outlive the object.
class CudaForward {
  public:
    /// Throws EnvironmentError where no GPU can be used, where the budget is smaller than one
    /// expert or device memory runs out (naming bytes); std::invalid_argument for a router and
    /// experts of different dimension, no experts or more than 2^32 - 1, experts without
    /// parameters, or a kernel that cannot run these experts.
    CudaForward(const Router& router, ExpertSource<float>& experts,
                const CudaOptions& options = {});
    ~CudaForward();
    CudaForward(CudaForward&&) noexcept;
    CudaForward& operator=(CudaForward&&) noexcept;
    CudaForward(const CudaForward&) = delete;
    CudaForward& operator=(const CudaForward&) = delete;

    /// As moe::forward: inputs [B][n], outputs [B][m], the same routes (they are found in float64),
    /// the same exceptions for shapes and for routes that lead to no expert, B = 0 touches nothing,
    /// NaN goes through. Where the buffers of the batch do not fit, slices are halved until they
    /// do; EnvironmentError if not even a slice of a few hundred inputs does. After an exception
    /// the object can be used again; the experts are then loaded anew.
    CudaReport forward(std::span<const double> inputs, std::span<float> outputs);

  private:
    class Pass;
    std::unique_ptr<Pass> pass_;
};

} // namespace moe
