#pragma once
// Certificates that a plan's points are shattered: labelings checked by forward evaluation of the
// routed model in exact integer arithmetic.
//
// Why the exhaustive check is exhaustive although it does not evaluate m 2^m times. The model of a
// labeling Y = (Y_0, .., Y_{L-1}) has one expert a block, and expert l is a function of (l, Y_l)
// only: that is all its builder is given. The prototypes do not depend on Y. So the output at a
// point of block l is E_l(Y_l)(x), provided that routing sends the point to expert l. Checked once:
// the route of each of the m points. Checked for every l and every one of the 2^B patterns of a
// block: the sign of E_l(pattern) at each of the block's points. Then all 2^m labelings are gone
// through, and each counts as realised if its L patterns are. Further, the layers of the narrow net
// behind its first bit are the same for all labelings: their output is computed once for each value
// of the (three) activations in front of them.

#include "basics/random.hpp"
#include "shattering/float64_shattering.hpp"
#include "shattering/shattering_expert.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// The largest m of an exhaustive check: 2^24 labelings.
inline constexpr std::size_t exhaustive_points = 24;

struct ShatteringOptions {
    ShatteringFault fault = ShatteringFault::none;
    unsigned threads = 1; ///< never reaches the report
    /// Models that are run through the library's float64 forward pass as well, where exact.
    std::uint64_t float64_models = 4096;
};

/// Outputs of float64 models against the exact ones, bit for bit.
struct Float64Agreement {
    std::uint64_t models = 0;    ///< 0 where float64 is not exact
    std::uint64_t outputs = 0;   ///< compared, both routers
    std::uint64_t differing = 0; ///< must be 0
};

struct ShatteringReport {
    std::size_t points = 0;
    std::size_t parameters = 0; ///< W of one expert, dense count
    std::size_t depth = 0;      ///< J
    bool routed = false;        ///< every point goes to its block, by flat search and by the tree
    std::uint64_t labelings = 0;
    std::uint64_t realised = 0;
    std::optional<Labels> first_failure;
    Float64Agreement float64;

    /// Everything that was checked is right.
    [[nodiscard]] bool holds() const noexcept {
        return routed && labelings > 0 && realised == labelings && float64.differing == 0;
    }
};

/// All 2^m labelings; float64 models: all patterns (the same in every block, so that all pairs of
/// block and pattern occur) or evenly spaced ones. Throws InputError for m > 24 and for integers
/// beyond 128 bits, naming the plan.
[[nodiscard]] ShatteringReport verify_exhaustively(const ShatteringPlan& plan,
                                                   const ShatteringOptions& options = {});
/// `count` labelings, each label a fair random bit of the stream. The float64 models are the first
/// ones. Throws InputError like verify_exhaustively.
[[nodiscard]] ShatteringReport verify_random(const ShatteringPlan& plan, std::uint64_t count,
                                             RandomStream& stream,
                                             const ShatteringOptions& options = {});
/// One labeling given as labels [m] (std::invalid_argument otherwise).
[[nodiscard]] ShatteringReport verify_labels(const ShatteringPlan& plan, const Labels& labels,
                                             const ShatteringOptions& options = {});
/// The peer of verify_exhaustively: for each labeling the whole model is built anew, and every
/// point is routed and evaluated. Same counts, no float64 models.
[[nodiscard]] ShatteringReport verify_plainly(const ShatteringPlan& plan,
                                              const ShatteringOptions& options = {});

/// Answers of the queries `moment` and `narrow` (the notes, section 6). InputError for sizes out of
/// range (n is 1 to 8), labels that do not fit, and integers beyond 128 bits.
struct MomentAnswer {
    bool shattered = false;
    std::size_t m = 0;
    std::vector<std::string> expert0_first_unit_w; ///< decimal; the first unit computes h + 1
    std::string expert0_first_unit_b;
};
[[nodiscard]] MomentAnswer answer_moment(std::int64_t L, std::int64_t n, std::int64_t groups,
                                         std::string_view labels);

struct NarrowAnswer {
    bool shattered = false;
    std::size_t depth = 0;
    std::size_t points = 0;
};
[[nodiscard]] NarrowAnswer answer_narrow(std::int64_t m, std::int64_t d, std::string_view labels);

} // namespace moe
