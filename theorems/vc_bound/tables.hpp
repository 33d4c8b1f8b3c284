#pragma once
// The tables of thm_vc_bound: their columns and one struct a row.

#include "basics/table.hpp"
#include "shattering/dichotomies.hpp"

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vc_bound {

template<std::unsigned_integral T>
[[nodiscard]] constexpr std::int64_t as_integer(T value) noexcept {
    return static_cast<std::int64_t>(value);
}

/// One certificate.
struct ShatteringRow {
    std::string construction;
    std::string plan;
    bool exhaustive = true;
    std::int64_t L = 1;
    std::int64_t n = 1;
    std::int64_t depth = 1;
    std::int64_t weights = 0;
    std::int64_t points = 0; ///< m: VC >= m if all labelings are realised
    std::int64_t bound_tree = 0;
    std::int64_t bound_flat = 0;
    bool routed = false;
    std::int64_t labelings = 0;
    std::int64_t realised = 0;
    std::int64_t float64_models = 0;
    std::int64_t float64_differing = 0;
};

/// Lower and upper bound of one class.
struct BracketRow {
    std::string ladder; ///< "experts.n2.tree", ..., "grid" (no lower bound)
    std::int64_t abscissa = 1;
    std::string router;
    std::int64_t L = 1;
    std::int64_t n = 1;
    std::int64_t depth = 1;
    std::int64_t width = 1;
    std::int64_t weights = 0;
    std::int64_t lower = 0;
    std::int64_t verified = 0; ///< random labelings; 0: beyond 128 bits, proof only; -1: failed
    std::int64_t upper = 0;
    double paper = 0.0; ///< the paper's shape, W = weights, without constant
};

/// One size of the width or depth test.
struct ReadingRow {
    std::string test;
    std::int64_t abscissa = 1; ///< t, or J
    std::int64_t lower = 0;
    std::int64_t verified = 0;
    std::int64_t weights_bound = 0;
    double neurons_plain = 0.0;
    double neurons_logarithms = 0.0;
};

/// A count by enumeration and by formula.
struct CountRow {
    std::string where; ///< "plane" or "line"
    std::int64_t points = 0;
    std::int64_t parameter = 0; ///< n, or the label changes that are allowed
    std::int64_t enumerated = 0;
    std::int64_t formula = 0;
};

/// Fractions of all 2^m labelings that are realised, the best of 20 random planar sets of m points.
struct FractionRow {
    std::int64_t points = 0;
    double cover = 0.0; ///< Cover's count / 2^m
    double one_linear = 0.0;
    double two_linear = 0.0;
    double three_const = 0.0;
};

struct PlaneRow {
    std::string set;
    std::int64_t points = 0;
    std::int64_t dichotomies = 0;
    std::int64_t two_linear = 0;
    std::int64_t three_const = 0;
    std::int64_t programs = 0; ///< labelings decided by the linear program
    std::int64_t disagreements = 0;
};

struct SearchRow {
    std::string searched;
    std::int64_t points = 0;
    std::int64_t evaluations = 0;
    std::int64_t best = 0;
    std::int64_t recount = 0;
    std::int64_t all = 0;
    bool found = false;
    std::string best_points;
};

[[nodiscard]] std::vector<moe::TableSchema> schemas();

[[nodiscard]] moe::Row row(const ShatteringRow& certificate);
[[nodiscard]] moe::Row row(const BracketRow& bracket);
[[nodiscard]] moe::Row row(const ReadingRow& reading);
[[nodiscard]] moe::Row row(const CountRow& count);
[[nodiscard]] moe::Row row(const FractionRow& fraction);
[[nodiscard]] moe::Row row(const PlaneRow& plane);
[[nodiscard]] moe::Row row(const SearchRow& search);

/// "(25,24) (12,38) ...".
[[nodiscard]] std::string describe(std::span<const moe::PlanePoint> points);

} // namespace vc_bound
