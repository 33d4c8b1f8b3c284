#include "shattering/search.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"

#include <algorithm>
#include <string>

namespace moe {

namespace {

/// Evaluation t draws from its own 2^5 blocks of the Philox stream (t / 2^27),
/// so that a search goes on from the number of its evaluations alone.
RandomStream draws_of(const SearchState& state) {
    const std::uint64_t t = state.evaluations;
    RandomStream random(state.spec.seed, cell_key("shattering search"),
                        static_cast<std::uint32_t>(t >> 27U));
    random.seek(static_cast<std::uint32_t>(t << 5U));
    return random;
}

std::int64_t anywhere(RandomStream& random, std::int64_t grid) {
    return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(grid)));
}

/// Two-sided offset of a random scale: small and large moves are equally
/// frequent.
std::int64_t offset(RandomStream& random, std::int64_t grid) {
    std::int64_t reach = 1;
    while (reach < grid / 2 && random.below(4) != 0)
        reach *= 2;
    return anywhere(random, 2 * reach + 1) - reach;
}

std::vector<PlanePoint> random_points(RandomStream& random, const SearchSpec& spec) {
    std::vector<PlanePoint> points(spec.points);
    for (PlanePoint& point : points)
        point = {anywhere(random, spec.grid), anywhere(random, spec.grid)};
    return points;
}

std::vector<PlanePoint> moved(RandomStream& random, const SearchState& state) {
    std::vector<PlanePoint> points = state.current;
    const std::int64_t grid = state.spec.grid;
    PlanePoint& point = points[random.below(points.size())];
    point.x = std::clamp<std::int64_t>(point.x + offset(random, grid), 0, grid - 1);
    point.y = std::clamp<std::int64_t>(point.y + offset(random, grid), 0, grid - 1);
    return points;
}

void check_spec(const SearchSpec& spec) {
    if (spec.points < 3 || spec.points > max_plane_points)
        throw InputError("points = " + std::to_string(spec.points) + ": must be 3 to " +
                         std::to_string(max_plane_points));
    if (spec.grid < 16 || spec.grid > std::int64_t{1} << 20U)
        throw InputError("grid = " + std::to_string(spec.grid) + ": must be 16 to 2^20");
    if (spec.patience < 1) throw InputError("patience = 0: must be at least 1");
}

void check_counts(const SearchState& state) {
    const auto check = [&](const char* name, const std::vector<PlanePoint>& points,
                           std::uint32_t count) {
        if (points.empty() && count == 0) return;
        if (points.size() != state.spec.points || realised(state.spec.searched, points) != count)
            throw InputError(std::string("search state: ") + name + " count " +
                             std::to_string(count) + " is not that of its points");
    };
    check("current", state.current, state.count);
    check("best", state.best, state.best_count);
}

} // namespace

std::uint32_t realised(SearchedClass searched, std::span<const PlanePoint> points) {
    return realised_labelings(searched, linear_dichotomies(points), points.size()).size();
}

SearchState start_search(const SearchSpec& spec) {
    check_spec(spec);
    SearchState state;
    state.spec = spec;
    return state;
}

bool shattered(const SearchState& state) noexcept {
    return state.best_count == Labeling{1} << state.spec.points;
}

void advance(SearchState& state, std::uint64_t evaluations) {
    check_spec(state.spec);
    check_counts(state);
    for (std::uint64_t i = 0; i < evaluations && !shattered(state); ++i) {
        RandomStream random = draws_of(state);
        const bool restart = state.current.empty() || state.since_gain >= state.spec.patience;
        std::vector<PlanePoint> points =
            restart ? random_points(random, state.spec) : moved(random, state);
        ++state.evaluations;
        ++state.since_gain;
        if (!in_general_position(points)) continue;
        const std::uint32_t count = realised(state.spec.searched, points);
        if (restart || count >= state.count) {
            if (restart || count > state.count) state.since_gain = 0;
            if (restart) ++state.restarts;
            state.current = std::move(points);
            state.count = count;
        }
        if (state.count > state.best_count) {
            state.best_count = state.count;
            state.best = state.current;
            state.best_at = state.evaluations;
        }
    }
}

} // namespace moe
