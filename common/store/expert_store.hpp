#pragma once
// Experts of a model file under a residency budget: the measured side of "an input needs only the
// parameters of the one expert that its route ends in" (arXiv:2402.03460). All counters are
// incremented where the thing that they count happens.

#include "basics/files.hpp"
#include "models/expert_source.hpp"
#include "routing/grid_tree.hpp"
#include "store/model_file.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace moe {

/// What a store has done and holds.
struct StoreCounters {
    std::uint64_t loads = 0;     ///< experts copied from the file
    std::uint64_t hits = 0;      ///< acquisitions that found their expert resident or being loaded
    std::uint64_t evictions = 0; ///< experts that left for another one
    std::uint64_t parameters_read = 0;   ///< numbers copied from the file, over all loads
    std::uint64_t expert_bytes_read = 0; ///< the same in bytes
    std::uint64_t resident_experts = 0;
    std::uint64_t resident_parameters = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t peak_resident_experts = 0;
    std::uint64_t peak_resident_parameters = 0;
    std::uint64_t peak_resident_bytes = 0;
    std::uint64_t routes = 0;            ///< calls of route() that returned
    std::uint64_t router_reals_read = 0; ///< prototype coordinates that these routes read
    std::uint64_t router_bytes_read = 0; ///< the same in bytes; 0 for a grid, which computes them
};

/// T = double or float, the element type of the file's weights. Thread-safe. Experts are indexed by
/// their slot in the file, which is the expert itself unless the model is lazily materialised;
/// Router::expert() of router() maps a leaf to its slot.
template<class T>
class ExpertStore final : public ExpertSource<T> {
  public:
    /// Maps the file and checks all but the weights (those are checked when they are loaded).
    /// Throws InputError for a file that is no such model, EnvironmentError if it cannot be mapped.
    /// Of a file larger than `mapped_limit_bytes` about so much stays mapped into the process
    /// besides the budget: pages that loads have read are given back (the system may keep them as
    /// its file cache), at the price of page faults.
    ExpertStore(const std::filesystem::path& path, std::uint64_t budget_bytes,
                std::uint64_t mapped_limit_bytes = std::uint64_t{256} << 20U);
    ~ExpertStore() override = default;

    [[nodiscard]] const Architecture& architecture() const override;
    /// S, the number of experts in the file (L is model().experts()).
    [[nodiscard]] std::uint64_t experts() const override;

    /// The expert's parameters, resident until the lease ends. An expert that is not resident is
    /// copied from the file; if the budget is used up it takes the place of the least recently
    /// acquired one without a lease, and if all have leases the call waits for one to end.
    /// Waiting cannot deadlock as long as every thread holds at most one lease. If threads hold
    /// several, a call that would complete a deadlock (all leases belong to this thread and to
    /// others that wait likewise) throws std::logic_error; a lease belongs to the thread that
    /// acquired it, so a program that lets another thread end it may see that error too early.
    /// Throws std::out_of_range for expert >= experts(); InputError, naming tensor and offset, for
    /// a weight that is not finite; EnvironmentError, naming the bytes, if the budget is smaller
    /// than one expert.
    [[nodiscard]] ExpertLease<T> acquire(std::uint64_t expert) override;
    [[nodiscard]] std::span<const T> ahead(std::uint64_t expert) const noexcept override;

    /// The model's router, valid as long as the store; nothing if the model has none. What it
    /// reads is not counted here.
    [[nodiscard]] const std::optional<Router>& router() const noexcept { return router_; }
    /// Routes an input and counts what that reads. Route::leaf is the expert's index among all L.
    /// Throws std::logic_error if the model has no router, std::invalid_argument for an x of
    /// another length.
    [[nodiscard]] Route route(std::span<const double> x) const;
    /// Everything but the weights.
    [[nodiscard]] const ModelView& model() const noexcept { return model_; }
    /// Whether the file holds all L experts.
    [[nodiscard]] bool materialised() const noexcept { return model_.materialised(); }

    [[nodiscard]] StoreCounters counters() const;
    [[nodiscard]] std::uint64_t budget_bytes() const noexcept { return budget_bytes_; }
    /// Bytes of one expert's parameters.
    [[nodiscard]] std::uint64_t expert_bytes() const noexcept;
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return model_.file_bytes(); }
    /// Bytes of the sparsity pattern and its index, resident besides the budget; 0 for dense nets.
    [[nodiscard]] std::uint64_t pattern_bytes() const noexcept { return pattern_bytes_; }

  private:
    struct Frame {
        std::uint64_t expert = 0;
        bool ready = false;                   ///< false while the parameters are being copied
        std::vector<std::thread::id> holders; ///< one entry per lease
        std::vector<T> parameters;
        std::uint64_t copied = 0; ///< numbers that the load brought
    };
    using Frames = std::list<Frame>;
    using Position = typename Frames::iterator;

    void give_back(std::uint64_t expert) noexcept override;
    /// A frame for `expert`, held by this thread and not ready; frames_.end() if all have leases.
    [[nodiscard]] Position claim_frame(std::uint64_t expert);
    void load(std::unique_lock<std::mutex>& lock, Position frame);
    void forget_pages() noexcept;
    /// Whether this thread, if it waited, would be one of those that wait for each other.
    [[nodiscard]] bool would_deadlock() const;
    void wake_all() noexcept;

    MappedFile file_;
    ModelView model_;
    std::optional<Router> router_;
    std::uint64_t budget_bytes_;
    std::uint64_t capacity_; ///< experts that fit into the budget
    std::uint64_t pattern_bytes_;
    std::uint64_t mapped_limit_bytes_;
    std::atomic<std::uint64_t> mapped_bytes_ = 0; ///< at most so many since pages were given back

    mutable std::mutex mutex_;
    std::condition_variable changed_; ///< a lease ended or a load did
    Frames frames_;                   ///< least recently acquired first
    Frames spare_;                    ///< buffers whose load failed
    std::unordered_map<std::uint64_t, Position> resident_;
    std::vector<std::thread::id> waiting_; ///< threads that wait for a frame
    StoreCounters counters_;
    mutable std::atomic<std::uint64_t> routes_ = 0;
    mutable std::atomic<std::uint64_t> router_reals_read_ = 0;
};

} // namespace moe
