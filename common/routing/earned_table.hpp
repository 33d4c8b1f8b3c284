#pragma once
// A table that speeds routing up but costs time and memory to make: made when enough inputs have
// been routed without it to be worth its price, so that a router that is opened and hardly used
// pays nothing.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>

namespace moe {

template<class Table>
class EarnedTable {
  public:
    /// `price`: how many inputs are routed without the table; at least 1.
    explicit EarnedTable(std::uint64_t price)
        : price_(std::max<std::uint64_t>(price, 1)) {}

    /// Counts `inputs` that are about to be routed and returns the table, or null where they must
    /// go without. The one call that brings the count to the price makes the table by `make()`, a
    /// std::unique_ptr that is null if none can serve; calls of other threads do not wait for it.
    /// Throws what make() throws; then there will be no table.
    template<class Make>
    const Table* after(std::uint64_t inputs, const Make& make) {
        const Table* const table = table_.load(std::memory_order_acquire);
        if (table != nullptr || routed_.load(std::memory_order_relaxed) >= price_) return table;
        const std::uint64_t before = routed_.fetch_add(inputs, std::memory_order_relaxed);
        if (before >= price_ || before + inputs < price_) return nullptr;
        owner_ = make();
        table_.store(owner_.get(), std::memory_order_release);
        return owner_.get();
    }

    /// The table if it was made; counts nothing.
    [[nodiscard]] const Table* made() const noexcept {
        return table_.load(std::memory_order_acquire);
    }

  private:
    std::uint64_t price_;
    std::atomic<std::uint64_t> routed_{0};
    std::atomic<const Table*> table_{nullptr};
    std::unique_ptr<const Table> owner_; ///< touched by the one thread that makes it
};

} // namespace moe
