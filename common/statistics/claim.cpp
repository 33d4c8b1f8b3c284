#include "statistics/claim.hpp"

#include <cmath>

namespace moe {

std::string_view to_string(Verdict verdict) noexcept {
    switch (verdict) {
    case Verdict::supported:
        return "supported";
    case Verdict::refuted:
        return "refuted";
    case Verdict::inconclusive:
        break;
    }
    return "inconclusive";
}

std::string_view to_string(Relation relation) noexcept {
    switch (relation) {
    case Relation::equal:
        return "equal";
    case Relation::at_most:
        return "at_most";
    case Relation::at_least:
        return "at_least";
    case Relation::holds:
        break;
    }
    return "holds";
}

namespace {

// Every comparison is false for NaN, so NaN is refuted.
bool satisfies(const Expected& expected, double measured) noexcept {
    switch (expected.relation) {
    case Relation::equal:
        return measured == expected.value ||
               std::abs(measured - expected.value) <= expected.tolerance;
    case Relation::at_most:
        return measured <= expected.value + expected.tolerance;
    case Relation::at_least:
        return measured >= expected.value - expected.tolerance;
    case Relation::holds:
        return measured == expected.value;
    }
    return false;
}

} // namespace

Verdict judge(const Expected& expected, double measured) noexcept {
    return satisfies(expected, measured) ? Verdict::supported : Verdict::refuted;
}

} // namespace moe
