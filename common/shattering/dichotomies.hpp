#pragma once
// Which labelings of at most 12 integer points of the plane affine classifiers and small mixtures
// of them realise, by exact enumeration (the project's notes on arXiv:2402.03460, 4.3).

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

struct PlanePoint {
    std::int64_t x = 0;
    std::int64_t y = 0;
    friend bool operator==(const PlanePoint&, const PlanePoint&) = default;
};

inline constexpr std::size_t max_plane_points = 12;
/// Coordinates up to this size keep every orientation within 64 bits.
inline constexpr std::int64_t max_plane_coordinate = std::int64_t{1} << 29U;

/// Bit j of a labeling is the label of point j.
using Labeling = std::uint32_t;

/// A set of labelings of up to 12 points: one bit for each of the 2^m labelings.
class LabelingSet {
  public:
    void insert(Labeling labeling) noexcept {
        words_[labeling / 64] |= std::uint64_t{1} << (labeling % 64);
    }
    [[nodiscard]] bool contains(Labeling labeling) const noexcept {
        return (words_[labeling / 64] >> (labeling % 64) & 1U) != 0;
    }
    [[nodiscard]] std::uint32_t size() const noexcept {
        std::uint32_t count = 0;
        for (const std::uint64_t word : words_)
            count += static_cast<std::uint32_t>(std::popcount(word));
        return count;
    }
    /// All members, ascending.
    [[nodiscard]] std::vector<Labeling> members() const;
    friend bool operator==(const LabelingSet&, const LabelingSet&) = default;

  private:
    std::array<std::uint64_t, (std::size_t{1} << max_plane_points) / 64> words_{};
};

/// Sign of the orientation of the triangle a, b, c: +1 counterclockwise, 0 on one line.
[[nodiscard]] int orientation(PlanePoint a, PlanePoint b, PlanePoint c) noexcept;

/// No two points equal and no three on one line.
[[nodiscard]] bool in_general_position(std::span<const PlanePoint> points) noexcept;

/// Throws InputError naming the points: fewer than 1 or more than 12, a coordinate above
/// max_plane_coordinate, equal points, three on one line.
void check_plane_points(std::span<const PlanePoint> points);

/// The dichotomies of points by lines: {j : h(x_j) > 0} over all affine h that vanish at no point.
/// For every pair the line through it splits the others; the pair takes all four labelings. Throws
/// as check_plane_points does.
[[nodiscard]] LabelingSet linear_dichotomies(std::span<const PlanePoint> points);

/// Labelings of two linear experts: (D1 within A) or (D2 outside A), A, D1, D2 dichotomies of m
/// points.
[[nodiscard]] LabelingSet two_linear_experts(const LabelingSet& dichotomies, std::size_t m);

/// Labelings of three constant experts (flat routing and binary trees agree): intersections of two
/// dichotomies, and their complements.
[[nodiscard]] LabelingSet three_constant_experts(const LabelingSet& dichotomies, std::size_t m);

/// The small mixtures whose labelings are enumerated.
enum class SearchedClass { two_linear, three_const };

/// two_linear_experts or three_constant_experts.
[[nodiscard]] LabelingSet realised_labelings(SearchedClass searched, const LabelingSet& dichotomies,
                                             std::size_t m);

/// Counts of realised labelings; 2^m means shattered.
struct LabelingCounts {
    std::uint32_t dichotomies = 0;
    std::uint32_t two_linear = 0;
    std::uint32_t three_const = 0;
    friend bool operator==(const LabelingCounts&, const LabelingCounts&) = default;
};

/// Throws as check_plane_points does.
[[nodiscard]] LabelingCounts count_labelings(std::span<const PlanePoint> points);

/// Sets that two linear experts (10 points) and three constant experts (6 points) shatter; found by
/// search, verified by the enumeration.
inline constexpr std::array<PlanePoint, 10> ten_points{{{25, 24},
                                                        {12, 38},
                                                        {11, 14},
                                                        {15, 8},
                                                        {5, 16},
                                                        {24, 33},
                                                        {34, 5},
                                                        {39, 31},
                                                        {12, 26},
                                                        {39, 37}}};
inline constexpr std::array<PlanePoint, 6> six_points{
    {{11, 0}, {6, 11}, {3, 1}, {8, 0}, {3, 4}, {0, 9}}};

} // namespace moe
