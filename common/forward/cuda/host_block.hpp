#pragma once
// Replay of a kernel on the processor, phase by phase, for tests. Made to fail where a device may:
// - the threads of a phase run one after the other, in an order of choice; what depends on the
//   order lacks a barrier;
// - shared memory and the threads' registers begin as NaNs (all bits one), and a block that writes
//   behind the bytes that it asked for is caught, and what it reads there is huge;
// - an asynchronous copy spoils its destination when it is issued and arrives when it is waited
//   for, the latest that a device may take.

#include "basics/random.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace moe::cuda {

enum class ThreadOrder { ascending, descending, random };

class HostBlock {
  public:
    template<class T>
    class PerThread {
      public:
        static_assert(std::is_trivially_copyable_v<T>);
        explicit PerThread(const HostBlock& block)
            : of_thread_(block.threads()) {
            std::memset(static_cast<void*>(of_thread_.data()), 0xFF, of_thread_.size() * sizeof(T));
        }
        T& operator[](unsigned thread) { return of_thread_.at(thread); }

      private:
        std::vector<T> of_thread_;
    };

    HostBlock(unsigned index, unsigned count, unsigned threads, std::size_t shared_bytes,
              ThreadOrder order, RandomStream& random)
        : index_(index)
        , count_(count)
        , order_of_(order)
        , random_(random)
        , order_(threads)
        , copies_(threads)
        , shared_bytes_(shared_bytes)
        , shared_(static_cast<std::byte*>(
              ::operator new (shared_bytes + guard_bytes, std::align_val_t{alignment}))) {
        std::iota(order_.begin(), order_.end(), 0U);
        if (order == ThreadOrder::descending) std::reverse(order_.begin(), order_.end());
        std::memset(shared_.get(), 0xFF, shared_bytes);
        std::fill_n(shared_.get() + shared_bytes, guard_bytes, guard);
    }

    /// Throws std::logic_error if the block wrote right behind its shared memory.
    void check_guard() const {
        const std::byte* const end = shared_.get() + shared_bytes_;
        if (std::any_of(end, end + guard_bytes, [](std::byte byte) { return byte != guard; })) {
            throw std::logic_error("a block wrote beyond its shared memory");
        }
    }

    [[nodiscard]] unsigned index() const { return index_; }
    [[nodiscard]] unsigned count() const { return count_; }
    [[nodiscard]] unsigned threads() const { return static_cast<unsigned>(order_.size()); }
    [[nodiscard]] std::byte* shared() const { return shared_.get(); }
    /// How many barriers the block has met.
    [[nodiscard]] std::size_t barriers() const { return barriers_; }

    template<class Phase>
    void each(const Phase& phase) {
        if (order_of_ == ThreadOrder::random) shuffle();
        for (const unsigned thread : order_) {
            phase(thread);
        }
        ++barriers_;
    }

    template<std::size_t bytes>
    void copy_async(unsigned thread, void* to, const void* from) {
        static_assert(bytes == 4 || bytes == 8 || bytes == 16);
        if (reinterpret_cast<std::uintptr_t>(to) % bytes != 0 ||
            reinterpret_cast<std::uintptr_t>(from) % bytes != 0) {
            throw std::logic_error("an asynchronous copy is not aligned");
        }
        std::memset(to, 0xFF, bytes);
        copies_[thread].issued.push_back({to, from, bytes});
    }
    void commit_copies(unsigned thread) {
        Copies& own = copies_[thread];
        own.committed.insert(own.committed.end(), own.issued.begin(), own.issued.end());
        own.issued.clear();
    }
    /// Copies that were not committed stay under way.
    void wait_for_copies(unsigned thread) {
        for (const Copy& copy : std::exchange(copies_[thread].committed, {})) {
            std::memcpy(copy.to, copy.from, copy.bytes);
        }
    }

    void atomic_add(std::uint64_t* to, std::uint64_t value) { *to += value; }
    void atomic_max(std::uint64_t* to, std::uint64_t value) { *to = std::max(*to, value); }
    void atomic_min(std::uint64_t* to, std::uint64_t value) { *to = std::min(*to, value); }

  private:
    static constexpr std::size_t alignment = 16;
    static constexpr std::size_t guard_bytes = 256;
    static constexpr std::byte guard{0xFE};
    struct Free {
        void operator()(std::byte* data) const {
            ::operator delete (data, std::align_val_t{alignment});
        }
    };
    struct Copy {
        void* to;
        const void* from;
        std::size_t bytes;
    };
    struct Copies {
        std::vector<Copy> issued;
        std::vector<Copy> committed;
    };

    void shuffle() {
        for (std::size_t left = order_.size(); left > 1; --left) {
            std::swap(order_[left - 1], order_[random_.below(left)]);
        }
    }

    unsigned index_;
    unsigned count_;
    ThreadOrder order_of_;
    RandomStream& random_;
    std::vector<unsigned> order_;
    std::vector<Copies> copies_;
    std::size_t shared_bytes_;
    std::unique_ptr<std::byte, Free> shared_;
    std::size_t barriers_ = 0;
};

/// One launch: kernel(HostBlock&) for every block, the blocks in the order of the threads.
template<class Kernel>
void replay(unsigned blocks, unsigned threads, std::size_t shared_bytes, ThreadOrder order,
            RandomStream& random, const Kernel& kernel) {
    std::vector<unsigned> indices(blocks);
    std::iota(indices.begin(), indices.end(), 0U);
    if (order == ThreadOrder::descending) std::reverse(indices.begin(), indices.end());
    for (std::size_t left = blocks; order == ThreadOrder::random && left > 1; --left) {
        std::swap(indices[left - 1], indices[random.below(left)]);
    }
    for (const unsigned index : indices) {
        HostBlock block(index, blocks, threads, shared_bytes, order, random);
        kernel(block);
        block.check_guard();
    }
}

} // namespace moe::cuda
