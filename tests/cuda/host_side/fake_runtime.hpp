#pragma once
// A CUDA runtime for tests of the host side on machines without a GPU: device memory is host memory
// that is counted and ends before a page that must not be touched, and streams are queues, some
// lazy, some eager, at random: work is done when the rules demand it, or earlier. A copy that no
// event keeps back may overtake a kernel, so that an order which nobody demanded shows in the
// outputs.

#include <cstddef>
#include <cstdint>
#include <functional>

struct CUstream_st;

namespace moe::test {

/// Forgets all memory and streams; `seed` decides what is done when, `memory` bytes are there.
void reset_fake_device(std::uint64_t seed, std::size_t memory = std::size_t{1} << 30U);

/// Its multiprocessors, and their shared memory in bytes.
void set_fake_device_size(int multiprocessors, int shared_bytes);

/// Whether a device is there at all.
void set_fake_device_present(bool present);

/// Work for a stream, as a kernel launch.
void enqueue(CUstream_st* stream, std::function<void()> work);

/// Bytes that are allocated on the device now, and most so far.
[[nodiscard]] std::size_t fake_device_bytes();
[[nodiscard]] std::size_t fake_device_peak_bytes();
/// Most allocations, streams and events that were alive since the reset and still are.
[[nodiscard]] std::size_t fake_device_leftovers();

} // namespace moe::test
