#pragma once
// What a launch is to its host code, which stands in *_launches.hpp as templates over a Launcher,
// so that the tests replay the very launches that a device gets: grids, shared memory, arguments,
// order. A kernel is an object that holds its arguments and is called with a Block (both.hpp):
//
//   struct Kernel {
//       static constexpr unsigned most_threads; // of a block
//       static constexpr unsigned least_blocks; // that a multiprocessor's registers hold; 0 for
//       any template<class Block> MOE_DEVICE void operator()(Block& block) const;
//   };
//
// A Launcher (device_launcher.hpp, tests/cuda/replay_launcher.hpp) has
//   launch(name, size, kernel)   the kernel for every block, after everything launched before
//   resident(kernel, size)       blocks of it that a multiprocessor holds at once, at least 1

#include <cstddef>

namespace moe::cuda {

struct LaunchSize {
    unsigned blocks;
    unsigned threads;         ///< of a block
    std::size_t shared_bytes; ///< of a block
};

} // namespace moe::cuda
