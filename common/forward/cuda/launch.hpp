#pragma once
// Launches of the kernels. Plain C++: included by host code without CUDA's headers. All pointers
// are to device memory unless said otherwise, every launch is asynchronous on its stream, and
// errors of the runtime are thrown as check.hpp says.

#include "forward/cuda/descriptions.hpp"
#include "forward/cuda/plan.hpp"

#include <cstddef>
#include <cstdint>

struct CUstream_st;

namespace moe::cuda {

using Stream = CUstream_st*;

/// experts[b] of inputs [batch][n]: the decisions of Router::route and Router::expert, bit for bit;
/// 0 for rows that are refused. Writes *sums anew.
void launch_route(const RouterRule& rule, const double* inputs, std::size_t batch,
                  std::uint32_t* experts, RouteSums* sums, const DeviceLimits& limits,
                  Stream stream);

/// Bytes of scratch (256-byte aligned) that launch_group needs for this batch or a smaller one.
[[nodiscard]] std::size_t group_scratch_bytes(std::size_t batch, std::uint64_t experts);

/// group_by_expert on the device: samples [batch] are the rows by expert, then by row; touched and
/// counts [*touched_count <= min(batch, experts)] are the distinct experts ascending and their
/// rows. expert_of[b] < experts <= 2^32; 1 <= batch < 2^31. Throws std::invalid_argument for no
/// rows or too little scratch.
void launch_group(const std::uint32_t* expert_of, std::size_t batch, std::uint64_t experts,
                  std::uint32_t* samples, std::uint32_t* touched, std::uint32_t* counts,
                  std::uint32_t* touched_count, void* scratch, std::size_t scratch_bytes,
                  Stream stream);

/// Runs the experts on the tiles. `host_shape` is batch.shape with its layers in host memory;
/// workspace holds workspace_bytes(version, host_shape, limits, batch.tile_count). No tiles: no
/// launch. Throws std::invalid_argument when the version cannot run the shape.
void launch_experts(KernelVersion version, const ExpertShape& host_shape, const ExpertBatch& batch,
                    const DeviceLimits& limits, void* workspace, Stream stream);

} // namespace moe::cuda
