#include "vc_bound/exact_cases.hpp"

#include "vc_bound/tables.hpp"

#include "shattering/dichotomies.hpp"
#include "shattering/order_type.hpp"
#include "shattering/separability.hpp"
#include "theory/growth.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

namespace vc_bound {

namespace {

std::vector<moe::PlanePoint> random_points(moe::RandomStream& random, std::int64_t m) {
    std::vector<moe::PlanePoint> points;
    while (as_integer(points.size()) < m) {
        points.push_back({static_cast<std::int64_t>(random.below(1000)),
                          static_cast<std::int64_t>(random.below(1000))});
        if (!moe::in_general_position(points)) points.pop_back();
    }
    return points;
}

/// Fewest consecutive cells such that the labels of m collinear points change at most
/// `changes_per_cell` times inside each: greedily, every cell as long as possible.
std::int64_t cells_needed(std::uint64_t word, std::int64_t m, std::int64_t changes_per_cell) {
    std::int64_t cells = 1;
    std::int64_t changes = 0;
    for (std::int64_t j = 1; j < m; ++j) {
        const auto bit = static_cast<unsigned>(j);
        if (((word >> bit ^ word >> (bit - 1)) & 1U) == 0) continue;
        if (++changes <= changes_per_cell) continue;
        ++cells;
        changes = 0;
    }
    return cells;
}

} // namespace

moe::CellResult measure_counts(const moe::CellContext& context) {
    moe::CellResult result;
    moe::RandomStream random = context.stream(0);
    for (std::int64_t m = 1; m <= 12; ++m) {
        const auto cover = static_cast<std::int64_t>(moe::cover(static_cast<std::uint64_t>(m), 2));
        FractionRow best;
        best.points = m;
        const double all = std::exp2(static_cast<double>(m));
        best.cover = static_cast<double>(cover) / all;
        for (int set = 0; set < 20; ++set) {
            const std::vector<moe::PlanePoint> points = random_points(random, m);
            const moe::LabelingCounts counts = moe::count_labelings(points);
            best.two_linear = std::max(best.two_linear, counts.two_linear / all);
            best.three_const = std::max(best.three_const, counts.three_const / all);
            if (set > 0) continue;
            best.one_linear = counts.dichotomies / all;
            const CountRow row{"plane", m, 2, counts.dichotomies, cover};
            result.add("counts", vc_bound::row(row));
        }
        result.add("fractions", vc_bound::row(best));
    }
    // L cells of a line, each with a constant (no label change inside) or affine expert (one).
    for (const std::int64_t changes_per_cell : {0, 1}) {
        for (std::int64_t L = 1; L <= 5; ++L) {
            const std::int64_t changes = L * (changes_per_cell + 1) - 1;
            for (std::int64_t m = 1; m <= 12; ++m) {
                std::int64_t count = 0;
                for (std::uint64_t word = 0; word >> static_cast<unsigned>(m) == 0; ++word) {
                    if (cells_needed(word, m, changes_per_cell) <= L) ++count;
                }
                const auto growth = moe::line_growth(static_cast<std::uint64_t>(m),
                                                     static_cast<std::uint64_t>(changes));
                const CountRow row{"line", m, changes, count, static_cast<std::int64_t>(growth)};
                result.add("counts", vc_bound::row(row));
            }
        }
    }
    return result;
}

moe::CellResult measure_plane(const std::string& name, std::span<const moe::PlanePoint> points) {
    const moe::LabelingSet dichotomies = moe::linear_dichotomies(points);
    const moe::LabelingCounts counts = moe::count_labelings(points);
    moe::IntegerPoints coordinates{2, {}};
    for (const moe::PlanePoint& point : points)
        coordinates.coordinates.insert(coordinates.coordinates.end(), {point.x, point.y});
    PlaneRow row;
    row.set = name;
    row.points = as_integer(points.size());
    row.dichotomies = counts.dichotomies;
    row.two_linear = counts.two_linear;
    row.three_const = counts.three_const;
    for (moe::Labeling labeling = 0; labeling < moe::Labeling{1} << points.size(); ++labeling) {
        std::string labels;
        for (std::size_t j = 0; j < points.size(); ++j)
            labels.push_back((labeling >> j & 1U) != 0 ? '1' : '0');
        const moe::SeparabilityProof proof = moe::separate(coordinates, labels);
        const bool agrees = moe::proves(proof, coordinates, labels) &&
                            proof.separable == dichotomies.contains(labeling);
        ++row.programs;
        if (!agrees) ++row.disagreements;
    }
    moe::CellResult result;
    result.add("plane", vc_bound::row(row));
    return result;
}

moe::CellResult measure_order_types(const moe::CellContext& context, const std::string& name,
                                    moe::SearchedClass searched, std::int64_t largest) {
    const auto is_shattered = [&](const moe::OrderType& type) {
        context.leave_if_stopped();
        const moe::LabelingSet lines = moe::linear_dichotomies(type);
        return moe::realised_labelings(searched, lines, type.size()).size() == std::uint32_t{1}
                                                                                   << type.size();
    };
    std::vector<moe::OrderTypeCode> level = moe::order_types_of_four();
    std::erase_if(level, [&](const moe::OrderTypeCode& code) {
        return !is_shattered(moe::OrderType(code, 4));
    });
    moe::CellResult result;
    for (std::int64_t points = 4;; ++points) {
        result.add("order_types", {name, points, as_integer(level.size())});
        if (level.empty() || points == largest) return result;
        level = moe::next_level(level, static_cast<std::size_t>(points), is_shattered, 1);
    }
}

moe::CellResult search(const moe::CellContext& context, moe::SearchedClass searched,
                       std::uint32_t points, std::uint64_t budget) {
    moe::SearchState state = moe::start_search(
        {.searched = searched, .points = points, .seed = context.stream(0).bits()});
    while (state.evaluations < budget && !moe::shattered(state)) {
        context.leave_if_stopped();
        moe::advance(state, std::min<std::uint64_t>(1000, budget - state.evaluations));
    }
    const moe::LabelingCounts counts = moe::count_labelings(state.best);
    SearchRow row;
    row.searched = searched == moe::SearchedClass::two_linear ? "two_linear" : "three_const";
    row.points = points;
    row.evaluations = as_integer(state.evaluations);
    row.best = state.best_count;
    row.recount =
        searched == moe::SearchedClass::two_linear ? counts.two_linear : counts.three_const;
    row.all = std::int64_t{1} << points;
    row.found = moe::shattered(state);
    row.best_points = describe(state.best);
    moe::CellResult result;
    result.add("search", vc_bound::row(row));
    return result;
}

} // namespace vc_bound
