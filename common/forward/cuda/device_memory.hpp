#pragma once
// Device memory whose bytes are counted where they are allocated and freed. For .cu files.

#include "forward/cuda/check.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace moe::cuda {

/// What some purpose holds of the device's memory, and how much it may hold. Outlives its arrays.
class DeviceLedger {
  public:
    /// `limit` in bytes; `purpose` is named in errors.
    explicit DeviceLedger(std::string purpose, std::uint64_t limit = UINT64_MAX)
        : purpose_(std::move(purpose))
        , limit_(limit) {}
    DeviceLedger(const DeviceLedger&) = delete;
    DeviceLedger& operator=(const DeviceLedger&) = delete;

    [[nodiscard]] std::uint64_t held() const noexcept { return held_; }
    [[nodiscard]] std::uint64_t peak() const noexcept { return peak_; }

    /// Throws DeviceMemoryError naming the purpose, the bytes asked and those that are left.
    [[nodiscard]] void* allocate(std::size_t bytes) {
        if (bytes > limit_ - held_) refuse(bytes, limit_ - held_, "of its limit are left");
        void* memory = nullptr;
        const cudaError_t status = cudaMalloc(&memory, bytes);
        if (status == cudaErrorMemoryAllocation) {
            (void)cudaGetLastError();
            std::size_t free = 0;
            std::size_t total = 0;
            check(cudaMemGetInfo(&free, &total), "free memory");
            refuse(bytes, free, "are free on the device");
        }
        check(status, "allocation");
        held_ += bytes;
        peak_ = std::max(peak_, held_);
        return memory;
    }
    void free(void* memory, std::size_t bytes) noexcept {
        // After an error that spoiled the device the memory is gone with it.
        (void)cudaFree(memory);
        held_ -= bytes;
    }

  private:
    [[noreturn]] void refuse(std::size_t bytes, std::uint64_t left, const char* where) const {
        throw DeviceMemoryError("CUDA: " + purpose_ + ": " + std::to_string(bytes) +
                                " bytes are needed, " + std::to_string(left) + " " + where);
    }

    std::string purpose_;
    std::uint64_t limit_;
    std::uint64_t held_ = 0;
    std::uint64_t peak_ = 0;
};

/// `size` elements of device memory, not initialised; none for size 0.
template<class T>
class DeviceArray {
  public:
    DeviceArray() = default;
    DeviceArray(DeviceLedger& ledger, std::size_t size)
        : ledger_(&ledger)
        , size_(size)
        , data_(size == 0 ? nullptr : static_cast<T*>(ledger.allocate(size * sizeof(T)))) {}
    /// A copy of `values`.
    DeviceArray(DeviceLedger& ledger, std::span<const T> values)
        : DeviceArray(ledger, values.size()) {
        if (values.empty()) return;
        check(cudaMemcpy(data_, values.data(), values.size_bytes(), cudaMemcpyHostToDevice),
              "copy to the device");
        // The copy from pageable memory may still be under way, and other streams do not wait.
        check(cudaStreamSynchronize(nullptr), "copy to the device");
    }
    DeviceArray(DeviceArray&& other) noexcept { swap(other); }
    DeviceArray& operator=(DeviceArray&& other) noexcept {
        DeviceArray(std::move(other)).swap(*this);
        return *this;
    }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;
    ~DeviceArray() {
        if (data_ != nullptr) ledger_->free(data_, size_ * sizeof(T));
    }

    [[nodiscard]] T* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    void swap(DeviceArray& other) noexcept {
        std::swap(ledger_, other.ledger_);
        std::swap(size_, other.size_);
        std::swap(data_, other.data_);
    }

    DeviceLedger* ledger_ = nullptr;
    std::size_t size_ = 0;
    T* data_ = nullptr;
};

} // namespace moe::cuda
