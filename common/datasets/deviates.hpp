#pragma once
// Random deviates by numbered streams, from one of two sources: the project's Philox for
// experiments, and SplitMix64 for the fixtures, whose numbers are printed in the notes so that
// anyone can recompute them.

#include <cstdint>
#include <memory>

namespace moe {

/// One stream; numbers come in order.
class Deviates {
  public:
    Deviates() = default;
    Deviates(const Deviates&) = delete;
    Deviates& operator=(const Deviates&) = delete;
    Deviates(Deviates&&) = delete;
    Deviates& operator=(Deviates&&) = delete;
    virtual ~Deviates() = default;

    [[nodiscard]] virtual double uniform() = 0; ///< in (0, 1) or [0, 1)
    [[nodiscard]] virtual double normal() = 0;  ///< standard normal
};

/// Streams of one seed.
class DeviateSource {
  public:
    DeviateSource() = default;
    DeviateSource(const DeviateSource&) = delete;
    DeviateSource& operator=(const DeviateSource&) = delete;
    DeviateSource(DeviateSource&&) = delete;
    DeviateSource& operator=(DeviateSource&&) = delete;
    virtual ~DeviateSource() = default;

    [[nodiscard]] virtual std::unique_ptr<Deviates> stream(std::uint32_t number) const = 0;
};

/// SplitMix64 fixtures (notes_2411.06056.md, "Fixture generator"): stream s of seed is the sequence
/// mix(sub + i golden), sub = 1000003 seed + s; unif = ((v >> 11) + 1/2) 2^-53; normals are
/// Box-Muller pairs, cosine first. A stream is read by uniforms or by normals, not by both.
class FixtureSource final : public DeviateSource {
  public:
    explicit FixtureSource(std::uint64_t seed) noexcept
        : seed_(seed) {}
    [[nodiscard]] std::unique_ptr<Deviates> stream(std::uint32_t number) const override;

  private:
    std::uint64_t seed_;
};

/// Philox streams of an experiment's cell (basics/random.hpp).
class PhiloxSource final : public DeviateSource {
  public:
    PhiloxSource(std::uint64_t seed, std::uint64_t cell) noexcept
        : seed_(seed)
        , cell_(cell) {}
    [[nodiscard]] std::unique_ptr<Deviates> stream(std::uint32_t number) const override;

  private:
    std::uint64_t seed_;
    std::uint64_t cell_;
};

} // namespace moe
