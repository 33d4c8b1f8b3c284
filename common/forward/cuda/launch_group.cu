#include "forward/cuda/launch.hpp"

#include "forward/cuda/device_launcher.hpp"
#include "forward/cuda/group_launches.hpp"

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_run_length_encode.cuh>
#include <cub/device/device_scan.cuh>

namespace moe::cuda {

namespace {

/// Scans and sorts by CUB.
class GroupLauncher : public DeviceLauncher {
  public:
    using DeviceLauncher::DeviceLauncher;
    using Scratch = std::span<std::byte>;

    [[nodiscard]] std::size_t scan_bytes(std::size_t count) const {
        std::size_t bytes = 0;
        check(scan(nullptr, bytes, nullptr, nullptr, count), "size of a scan");
        return bytes;
    }
    [[nodiscard]] std::size_t sort_bytes(std::size_t count, int bits) const {
        std::size_t bytes = 0;
        check(sort(nullptr, bytes, nullptr, nullptr, nullptr, nullptr, count, bits),
              "size of a sort");
        return bytes;
    }
    [[nodiscard]] std::size_t encode_bytes(std::size_t count) const {
        std::size_t bytes = 0;
        check(encode(nullptr, bytes, nullptr, nullptr, nullptr, nullptr, count),
              "size of a run-length encoding");
        return bytes;
    }
    void scan(Scratch scratch, const std::uint32_t* in, std::uint32_t* out,
              std::size_t count) const {
        std::size_t bytes = scratch.size();
        check(scan(scratch.data(), bytes, in, out, count), "scan of the counts");
    }
    void sort(Scratch scratch, const std::uint32_t* keys, std::uint32_t* sorted_keys,
              const std::uint32_t* values, std::uint32_t* sorted_values, std::size_t count,
              int bits) const {
        std::size_t bytes = scratch.size();
        check(sort(scratch.data(), bytes, keys, sorted_keys, values, sorted_values, count, bits),
              "sort by expert");
    }
    void encode(Scratch scratch, const std::uint32_t* in, std::uint32_t* values,
                std::uint32_t* counts, std::uint32_t* runs, std::size_t count) const {
        std::size_t bytes = scratch.size();
        check(encode(scratch.data(), bytes, in, values, counts, runs, count),
              "run-length encoding of the experts");
    }

  private:
    // Without memory CUB writes the bytes that it needs, with it it works.
    cudaError_t scan(void* memory, std::size_t& bytes, const std::uint32_t* in, std::uint32_t* out,
                     std::size_t count) const {
        return cub::DeviceScan::ExclusiveSum(memory, bytes, in, out, count, stream());
    }
    cudaError_t sort(void* memory, std::size_t& bytes, const std::uint32_t* keys,
                     std::uint32_t* sorted_keys, const std::uint32_t* values,
                     std::uint32_t* sorted_values, std::size_t count, int bits) const {
        return cub::DeviceRadixSort::SortPairs(memory, bytes, keys, sorted_keys, values,
                                               sorted_values, count, 0, bits, stream());
    }
    cudaError_t encode(void* memory, std::size_t& bytes, const std::uint32_t* in,
                       std::uint32_t* values, std::uint32_t* counts, std::uint32_t* runs,
                       std::size_t count) const {
        return cub::DeviceRunLengthEncode::Encode(memory, bytes, in, values, counts, runs,
                                                  static_cast<std::int64_t>(count), stream());
    }
};

} // namespace

std::size_t group_scratch_bytes(std::size_t batch, std::uint64_t experts) {
    return group_scratch(GroupLauncher(nullptr), nullptr, batch, experts).bytes;
}

void launch_group(const std::uint32_t* expert_of, std::size_t batch, std::uint64_t experts,
                  std::uint32_t* samples, std::uint32_t* touched, std::uint32_t* counts,
                  std::uint32_t* touched_count, void* scratch, std::size_t scratch_bytes,
                  Stream stream) {
    GroupLauncher launcher(stream);
    run_group(launcher, expert_of, batch, experts, {samples, touched, counts, touched_count},
              {static_cast<std::byte*>(scratch), scratch_bytes});
}

} // namespace moe::cuda
