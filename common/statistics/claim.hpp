#pragma once
// What a program says in the end: a claim, what was expected, what was measured, the verdict.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moe {

enum class Verdict { supported, refuted, inconclusive };

[[nodiscard]] std::string_view to_string(Verdict verdict) noexcept;

/// A confidence interval. `level` is its coverage, e.g. 0.95.
struct Interval {
    double low;
    double high;
    double level;
};

/// How the measured value must relate to the expected one.
enum class Relation {
    equal,    ///< |measured - value| <= tolerance
    at_most,  ///< measured <= value + tolerance
    at_least, ///< measured >= value - tolerance
    holds     ///< a proposition: value 1, measured 1 (true) or 0 (false)
};

[[nodiscard]] std::string_view to_string(Relation relation) noexcept;

struct Expected {
    Relation relation = Relation::equal;
    double value = 0.0;
    double tolerance = 0.0;
};

struct Measured {
    double estimate = 0.0;
    std::optional<Interval> interval;
    std::int64_t observations = 0;
};

/// A claim with its judgement. The first five fields stand in --describe too.
struct Claim {
    std::string id;        ///< short and stable: "A1.rate.n2"
    std::string check;     ///< the check (of --only) that measures it
    std::string paper;     ///< "arXiv:2402.03460v2"
    std::string theorem;   ///< "abstract, claim A1" or "derived: 3.3(E)"
    std::string statement; ///< plain text with the inequality
    Expected expected;
    Measured measured;
    Verdict verdict = Verdict::inconclusive;
    std::string evidence; ///< one line: why this verdict, the rule and its false-alarm rate
};

/// Judges a deterministic measurement against what was expected (NaN is refuted).
[[nodiscard]] Verdict judge(const Expected& expected, double measured) noexcept;

} // namespace moe
