#pragma once
// A fixed array of numbers that begins at a cache line, for loops over machine vectors.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace moe {

template<class T>
class AlignedArrayOf {
  public:
    AlignedArrayOf() = default;
    /// `size` zeros.
    explicit AlignedArrayOf(std::size_t size)
        : size_(size)
        , data_(static_cast<T*>(::operator new (size * sizeof(T), std::align_val_t{alignment}))) {
        std::fill_n(data_.get(), size, T(0));
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] T* data() noexcept { return data_.get(); }
    [[nodiscard]] const T* data() const noexcept { return data_.get(); }

  private:
    static constexpr std::size_t alignment = 64;
    struct Free {
        void operator()(T* data) const { ::operator delete (data, std::align_val_t{alignment}); }
    };

    std::size_t size_ = 0;
    std::unique_ptr<T, Free> data_;
};

using AlignedArray = AlignedArrayOf<double>;

} // namespace moe
