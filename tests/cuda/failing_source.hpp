#pragma once
// A source of experts that breaks, for the tests of CudaForward.

#include "basics/error.hpp"
#include "models/expert_source.hpp"

#include <cstdint>
#include <string>

namespace moe::test {

/// Hands on the leases of another source, but that of one expert while `fails` holds.
class FailingSource final : public ExpertSource<float> {
  public:
    FailingSource(ExpertSource<float>& source, std::uint64_t broken)
        : source_(source)
        , broken_(broken) {}
    [[nodiscard]] const Architecture& architecture() const override {
        return source_.architecture();
    }
    [[nodiscard]] std::uint64_t experts() const override { return source_.experts(); }
    [[nodiscard]] ExpertLease<float> acquire(std::uint64_t expert) override {
        if (fails && expert == broken_)
            throw EnvironmentError("expert " + std::to_string(expert) + " cannot be read");
        return source_.acquire(expert);
    }
    bool fails = true;

  private:
    void give_back(std::uint64_t /*expert*/) noexcept override {}
    ExpertSource<float>& source_;
    std::uint64_t broken_;
};

} // namespace moe::test
