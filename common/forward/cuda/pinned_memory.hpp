#pragma once
// Host memory that the device can copy from while the host goes on. For .cu files.

#include "forward/cuda/check.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace moe::cuda {

/// `size` elements of pinned host memory, not initialised.
template<class T>
class PinnedArray {
  public:
    explicit PinnedArray(std::size_t size)
        : size_(size) {
        void* memory = nullptr;
        check(cudaMallocHost(&memory, size * sizeof(T)), "pinned host memory");
        data_.reset(static_cast<T*>(memory));
    }

    [[nodiscard]] T* data() const noexcept { return data_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::span<T> span() const noexcept { return {data(), size_}; }

  private:
    struct Free {
        void operator()(T* memory) const noexcept { (void)cudaFreeHost(memory); }
    };

    std::size_t size_;
    std::unique_ptr<T, Free> data_;
};

} // namespace moe::cuda
