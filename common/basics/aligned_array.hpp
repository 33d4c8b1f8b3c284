#pragma once
// A fixed array of doubles that begins at a cache line, for loops over machine vectors.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace moe {

class AlignedArray {
  public:
    AlignedArray() = default;
    /// `size` zeros.
    explicit AlignedArray(std::size_t size)
        : size_(size)
        , data_(static_cast<double*>(
              ::operator new (size * sizeof(double), std::align_val_t{alignment}))) {
        std::fill_n(data_.get(), size, 0.0);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] double* data() noexcept { return data_.get(); }
    [[nodiscard]] const double* data() const noexcept { return data_.get(); }

  private:
    static constexpr std::size_t alignment = 64;
    struct Free {
        void operator()(double* data) const {
            ::operator delete (data, std::align_val_t{alignment});
        }
    };

    std::size_t size_ = 0;
    std::unique_ptr<double, Free> data_;
};

} // namespace moe
