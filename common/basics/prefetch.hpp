#pragma once
// Asking the processor for memory before it is needed. Changes nothing that a program can see.

#include <cstddef>
#include <cstdint>

namespace moe {

inline constexpr std::size_t cache_line_bytes = 64;

/// A stretch of memory that is loaded ahead line by line, in step with other work: all lines at
/// once would fill the queue in which that work's own loads stand.
class LoadAhead {
  public:
    /// Goes nowhere.
    LoadAhead() = default;
    LoadAhead(const void* first, std::size_t bytes)
        : at_(reinterpret_cast<std::uintptr_t>(first))
        , end_(at_ + bytes) {}

    /// Begins to load the next line, if one is left.
    void step() {
        if (at_ >= end_) return;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): no object is reached through it
        __builtin_prefetch(reinterpret_cast<const void*>(at_));
        at_ += cache_line_bytes;
    }

  private:
    // Addresses: the last step may pass the end, where a pointer must not go.
    std::uintptr_t at_ = 0;
    std::uintptr_t end_ = 0;
};

} // namespace moe
