#pragma once
// A search for point sets of the plane that small mixtures shatter: hill climbing with restarts. It
// can only find; that nothing was found within a budget bounds nothing (order_type.hpp can).

#include "shattering/dichotomies.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace moe {

struct SearchSpec {
    SearchedClass searched = SearchedClass::two_linear;
    std::uint32_t points = 11;     ///< 3 to 12
    std::int64_t grid = 64;        ///< coordinates 0 to grid - 1; 16 to 2^20
    std::uint64_t patience = 3000; ///< evaluations without a gain after which a climb restarts
    std::uint64_t seed = 1;
    friend bool operator==(const SearchSpec&, const SearchSpec&) = default;
};

/// All that a search needs to go on: saved and restored, it continues as if never stopped.
struct SearchState {
    SearchSpec spec;
    std::uint64_t evaluations =
        0; ///< point sets counted so far; also the place in the random stream
    std::uint64_t restarts = 0;
    std::uint64_t since_gain = 0;
    std::uint32_t count = 0; ///< labelings realised on `current`
    std::vector<PlanePoint> current;
    std::uint32_t best_count = 0;
    std::vector<PlanePoint> best;
    std::uint64_t best_at = 0; ///< evaluations when the best set was met
};

/// Number of labelings of the points that the mixture realises.
[[nodiscard]] std::uint32_t realised(SearchedClass searched, std::span<const PlanePoint> points);

/// A search before its first evaluation. Throws InputError for values outside the ranges above.
[[nodiscard]] SearchState start_search(const SearchSpec& spec);

/// Whether a shattered set has been met.
[[nodiscard]] bool shattered(const SearchState& state) noexcept;

/// Spends up to `evaluations` more evaluations; stops early at a shattered set. The result depends
/// on the state alone: one call with a + b equals calls with a and b. Throws InputError where a
/// restored state has a spec out of range or counts that are not those of its points.
void advance(SearchState& state, std::uint64_t evaluations);

} // namespace moe
