#pragma once
// The experts of a float64 source, rounded to float32 as they are handed out.

#include "models/expert_source.hpp"

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace moe {

/// Keeps no expert longer than its leases live, and holds a lease of the source only while it
/// rounds. The source must outlive it. Thread-safe as long as no thread waits for this source while
/// it holds a lease of that one.
class FloatCasts final : public ExpertSource<float> {
  public:
    explicit FloatCasts(ExpertSource<double>& source)
        : source_(source) {}

    [[nodiscard]] const Architecture& architecture() const override {
        return source_.architecture();
    }
    [[nodiscard]] std::uint64_t experts() const override { return source_.experts(); }
    [[nodiscard]] ExpertLease<float> acquire(std::uint64_t expert) override;

  private:
    struct Cast {
        std::vector<float> parameters;
        std::size_t leases = 0;
    };

    void give_back(std::uint64_t expert) noexcept override;

    ExpertSource<double>& source_;
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, Cast> casts_; ///< those with leases
};

} // namespace moe
