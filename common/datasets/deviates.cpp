#include "datasets/deviates.hpp"

#include "basics/random.hpp"
#include "targets/splitmix.hpp"

#include <cmath>
#include <numbers>

namespace moe {

namespace {

class FixtureDeviates final : public Deviates {
  public:
    explicit FixtureDeviates(std::uint64_t state) noexcept
        : bits_(state) {}

    double uniform() override { return (static_cast<double>(bits_.next() >> 11U) + 0.5) * 0x1p-53; }

    double normal() override {
        if (has_sine_) {
            has_sine_ = false;
            return sine_;
        }
        const double radius = std::sqrt(-2.0 * std::log(uniform()));
        const double angle = 2.0 * std::numbers::pi * uniform();
        sine_ = radius * std::sin(angle);
        has_sine_ = true;
        return radius * std::cos(angle);
    }

  private:
    SplitMix64 bits_;
    double sine_ = 0.0;
    bool has_sine_ = false;
};

class PhiloxDeviates final : public Deviates {
  public:
    explicit PhiloxDeviates(const RandomStream& stream) noexcept
        : stream_(stream) {}

    double uniform() override { return stream_.uniform(); }
    double normal() override { return stream_.normal(); }

  private:
    RandomStream stream_;
};

} // namespace

// ---------------------------------------------------------------------------------------------

std::unique_ptr<Deviates> FixtureSource::stream(std::uint32_t number) const {
    return std::make_unique<FixtureDeviates>(1000003U * seed_ + number);
}

std::unique_ptr<Deviates> PhiloxSource::stream(std::uint32_t number) const {
    return std::make_unique<PhiloxDeviates>(RandomStream(seed_, cell_, number));
}

} // namespace moe
