#include "shattering/dichotomies.hpp"

#include "basics/error.hpp"
#include "shattering/order_type.hpp"

#include <string>

namespace moe {

namespace {

std::string text(PlanePoint point) {
    return "(" + std::to_string(point.x) + "," + std::to_string(point.y) + ")";
}

Labeling all_points(std::size_t m) noexcept {
    return (Labeling{1} << m) - 1;
}

/// The distinct restrictions of dichotomies to the points of `part`.
void restrictions(std::span<const Labeling> dichotomies, Labeling part,
                  std::vector<Labeling>& restricted) {
    LabelingSet seen;
    restricted.clear();
    for (const Labeling dichotomy : dichotomies) {
        const Labeling labeling = dichotomy & part;
        if (seen.contains(labeling)) continue;
        seen.insert(labeling);
        restricted.push_back(labeling);
    }
}

/// Adds the complement of every member.
void close_under_complement(LabelingSet& labelings, Labeling all) {
    for (const Labeling labeling : labelings.members())
        labelings.insert(labeling ^ all);
}

} // namespace

std::vector<Labeling> LabelingSet::members() const {
    std::vector<Labeling> labelings;
    labelings.reserve(size());
    for (std::size_t w = 0; w < words_.size(); ++w) {
        for (std::uint64_t word = words_[w]; word != 0; word &= word - 1)
            labelings.push_back(
                static_cast<Labeling>(64 * w + static_cast<std::size_t>(std::countr_zero(word))));
    }
    return labelings;
}

int orientation(PlanePoint a, PlanePoint b, PlanePoint c) noexcept {
    const std::int64_t area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    return static_cast<int>(area > 0) - static_cast<int>(area < 0);
}

bool in_general_position(std::span<const PlanePoint> points) noexcept {
    for (std::size_t i = 0; i < points.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (points[i] == points[j]) return false;
            for (std::size_t k = 0; k < j; ++k) {
                if (orientation(points[i], points[j], points[k]) == 0) return false;
            }
        }
    }
    return true;
}

void check_plane_points(std::span<const PlanePoint> points) {
    if (points.empty() || points.size() > max_plane_points)
        throw InputError("points: " + std::to_string(points.size()) + " given, must be 1 to " +
                         std::to_string(max_plane_points));
    for (std::size_t i = 0; i < points.size(); ++i) {
        const auto [x, y] = points[i];
        if (x < -max_plane_coordinate || x > max_plane_coordinate || y < -max_plane_coordinate ||
            y > max_plane_coordinate)
            throw InputError("points[" + std::to_string(i) + "] = " + text(points[i]) +
                             ": coordinates must be within +-2^29");
        for (std::size_t j = 0; j < i; ++j) {
            if (points[i] == points[j])
                throw InputError("points[" + std::to_string(i) + "] = " + text(points[i]) +
                                 ": equals points[" + std::to_string(j) + "]");
        }
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            for (std::size_t k = 0; k < j; ++k) {
                if (orientation(points[i], points[j], points[k]) == 0)
                    throw InputError("points: " + text(points[k]) + ", " + text(points[j]) +
                                     " and " + text(points[i]) +
                                     " lie on one line; general position is needed");
            }
        }
    }
}

LabelingSet linear_dichotomies(std::span<const PlanePoint> points) {
    return linear_dichotomies(OrderType(points));
}

LabelingSet two_linear_experts(const LabelingSet& dichotomies, std::size_t m) {
    const Labeling all = all_points(m);
    const Labeling last = Labeling{1} << (m - 1);
    const std::vector<Labeling> lines = dichotomies.members();
    std::vector<Labeling> inside;
    std::vector<Labeling> outside;
    LabelingSet labelings;
    // Splits A and A^c are the same, and so are labelings and their complements:
    // take the splits with the last point inside and the labelings that give it
    // 0.
    for (const Labeling split : lines) {
        if ((split & last) == 0) continue;
        restrictions(lines, split, inside);
        restrictions(lines, all ^ split, outside);
        for (const Labeling first : inside) {
            if ((first & last) != 0) continue;
            for (const Labeling second : outside)
                labelings.insert(first | second);
        }
    }
    close_under_complement(labelings, all);
    return labelings;
}

LabelingSet three_constant_experts(const LabelingSet& dichotomies, std::size_t m) {
    const std::vector<Labeling> lines = dichotomies.members();
    LabelingSet labelings;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        for (std::size_t j = 0; j <= i; ++j)
            labelings.insert(lines[i] & lines[j]);
    }
    close_under_complement(labelings, all_points(m));
    return labelings;
}

LabelingSet realised_labelings(SearchedClass searched, const LabelingSet& dichotomies,
                               std::size_t m) {
    return searched == SearchedClass::two_linear ? two_linear_experts(dichotomies, m)
                                                 : three_constant_experts(dichotomies, m);
}

LabelingCounts count_labelings(std::span<const PlanePoint> points) {
    const LabelingSet dichotomies = linear_dichotomies(points);
    return {dichotomies.size(), two_linear_experts(dichotomies, points.size()).size(),
            three_constant_experts(dichotomies, points.size()).size()};
}

} // namespace moe
