#pragma once
// What takes the device's place where there is none: the float32 pass of the processor, one lease
// at a time, with the bytes of the leases counted.

#include "certification/single_precision.hpp"
#include "forward/forward.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace moe::test {

/// Hands on the leases of another source and counts the bytes that are leased at the same time.
class CountedLeases final : public ExpertSource<float> {
  public:
    explicit CountedLeases(ExpertSource<float>& source)
        : source_(source) {}

    [[nodiscard]] const Architecture& architecture() const override {
        return source_.architecture();
    }
    [[nodiscard]] std::uint64_t experts() const override { return source_.experts(); }
    [[nodiscard]] ExpertLease<float> acquire(std::uint64_t expert) override {
        lease_.emplace(source_.acquire(expert));
        bytes_ += lease_->parameters().size_bytes();
        use.peak_expert_bytes = std::max(use.peak_expert_bytes, bytes_);
        ++use.loads;
        return {*this, expert, lease_->parameters()};
    }
    Float32Use use;

  private:
    void give_back(std::uint64_t /*expert*/) noexcept override {
        bytes_ -= lease_->parameters().size_bytes();
        lease_.reset();
    }
    ExpertSource<float>& source_;
    std::optional<ExpertLease<float>> lease_;
    std::uint64_t bytes_ = 0;
};

/// A Float32Forward on the processor. Groups of more than 4096 inputs would be leased twice.
inline Float32Use forward_on_host(const Router& router, ExpertSource<float>& experts,
                                  std::span<const double> inputs, std::span<float> outputs,
                                  std::uint64_t budget_bytes) {
    CountedLeases counted(experts);
    (void)forward<float>(router, counted, inputs, outputs);
    if (counted.use.peak_expert_bytes > budget_bytes) throw std::logic_error("above the budget");
    return counted.use;
}

/// The path of a model file of a test, removed with its folder.
class ModelPath {
  public:
    ModelPath() {
        std::string pattern = (std::filesystem::temp_directory_path() / "model-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
        folder_ = pattern;
    }
    ~ModelPath() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    ModelPath(const ModelPath&) = delete;
    ModelPath& operator=(const ModelPath&) = delete;

    [[nodiscard]] std::filesystem::path get() const { return folder_ / "model.safetensors"; }

  private:
    std::filesystem::path folder_;
};

} // namespace moe::test
