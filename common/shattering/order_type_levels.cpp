#include "basics/parallel.hpp"
#include "shattering/order_type.hpp"

#include <algorithm>
#include <bitset>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <string>

namespace moe {

namespace {

constexpr std::size_t few = 5;
/// Triples i < j < k of five names in lexicographic order.
constexpr std::size_t triples_of_five = 10;

/// Turns of all ordered triples of five names, from one bit for each sorted triple.
class FivePoints {
  public:
    explicit FivePoints(unsigned turns) noexcept {
        std::size_t at = 0;
        for (std::size_t i = 0; i < few; ++i) {
            for (std::size_t j = i + 1; j < few; ++j) {
                for (std::size_t k = j + 1; k < few; ++k) {
                    const bool left = (turns >> at++ & 1U) != 0;
                    left_[i][j][k] = left_[j][k][i] = left_[k][i][j] = left;
                    left_[i][k][j] = left_[k][j][i] = left_[j][i][k] = !left;
                }
            }
        }
    }

    /// Knuth's axioms 4 (interiority) and 5 (transitivity) for all namings; the other three hold by
    /// construction.
    [[nodiscard]] bool obey_axioms() const noexcept {
        std::array<std::size_t, few> name{0, 1, 2, 3, 4};
        do {
            const auto [p, q, r, s, t] = name;
            const bool inside = left_[t][q][r] && left_[p][t][r] && left_[p][q][t];
            if (inside && !left_[p][q][r]) return false;
            const bool seen = left_[t][s][p] && left_[t][s][q] && left_[t][s][r];
            if (seen && left_[t][p][q] && left_[t][q][r] && !left_[t][p][r]) return false;
        } while (std::next_permutation(name.begin(), name.end()));
        return true;
    }

  private:
    bool left_[few][few][few] = {};
};

using FivePointTable = std::bitset<1U << triples_of_five>;

const FivePointTable& order_types_of_five() {
    static const FivePointTable table = [] {
        FivePointTable valid;
        for (unsigned turns = 0; turns < valid.size(); ++turns)
            valid[turns] = FivePoints(turns).obey_axioms();
        return valid;
    }();
    return table;
}

/// Depth-first choice of the turns i, j, p of a new point p, for the pairs i < j in the order of j,
/// then i. The axioms speak of at most five points: every four old points whose turns with p are
/// chosen are checked with p.
class Extensions {
  public:
    Extensions(const OrderType& type, const std::function<void(const OrderType&)>& visit)
        : type_(type)
        , visit_(visit) {}

    void choose(std::size_t i, std::size_t j) {
        if (j == type_.size()) {
            visit_(type_.with(std::span(left_).first(type_.size())));
            return;
        }
        for (const bool left : {false, true}) {
            set(i, j, left);
            if (!allowed(i, j)) continue;
            if (i + 1 < j)
                choose(i + 1, j);
            else
                choose(0, j + 1);
        }
    }

  private:
    void set(std::size_t i, std::size_t j, bool left) noexcept {
        const auto put = [&](std::size_t from, std::size_t to, bool value) {
            left_[from] =
                (left_[from] & ~(Labeling{1} << to)) | (static_cast<Labeling>(value) << to);
        };
        put(i, j, left);
        put(j, i, !left);
    }

    [[nodiscard]] unsigned old_turn(std::size_t a, std::size_t b, std::size_t c) const noexcept {
        return type_.left_of(a, b) >> c & 1U;
    }
    [[nodiscard]] unsigned new_turn(std::size_t a, std::size_t b) const noexcept {
        return left_[a] >> b & 1U;
    }

    [[nodiscard]] bool allowed(std::size_t i, std::size_t j) const {
        for (std::size_t b = 1; b < i; ++b) {
            for (std::size_t a = 0; a < b; ++a) {
                const unsigned turns = old_turn(a, b, i) | old_turn(a, b, j) << 1U |
                                       new_turn(a, b) << 2U | old_turn(a, i, j) << 3U |
                                       new_turn(a, i) << 4U | new_turn(a, j) << 5U |
                                       old_turn(b, i, j) << 6U | new_turn(b, i) << 7U |
                                       new_turn(b, j) << 8U | new_turn(i, j) << 9U;
                if (!valid_[turns]) return false;
            }
        }
        return true;
    }

    const OrderType& type_;
    const std::function<void(const OrderType&)>& visit_;
    const FivePointTable& valid_ = order_types_of_five();
    std::array<Labeling, max_coded_points> left_{};
};

/// Extensions of one order type of m points all of whose subsets of m points belong to the level.
std::vector<OrderTypeCode> candidates(const OrderType& type, std::span<const OrderTypeCode> level) {
    std::vector<OrderTypeCode> codes;
    // Neighbouring extensions mostly fail for the same subset: it is tried first.
    std::vector<std::size_t> order(type.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for_each_extension(type, [&](const OrderType& extended) {
        for (auto q = order.begin(); q != order.end(); ++q) {
            if (!std::binary_search(level.begin(), level.end(), extended.without(*q).code())) {
                std::rotate(order.begin(), q, std::next(q));
                return;
            }
        }
        codes.push_back(extended.code());
    });
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    return codes;
}

} // namespace

void for_each_extension(const OrderType& type, const std::function<void(const OrderType&)>& visit) {
    if (type.size() < 4 || type.size() >= max_coded_points)
        throw std::invalid_argument("for_each_extension: " + std::to_string(type.size()) +
                                    " points, must be 4 to 10");
    Extensions(type, visit).choose(0, 1);
}

std::vector<OrderTypeCode> order_types_of_four() {
    // Points 1, 2, 3 around point 0: turning right, 2 lies within the triangle of the others;
    // turning left, all are extreme.
    return {OrderTypeCode{0, 0}, OrderTypeCode{0, 1}};
}

std::vector<OrderTypeCode> next_level(std::span<const OrderTypeCode> level, std::size_t m,
                                      const HereditaryProperty& property, unsigned threads) {
    if (m < 4 || m >= max_coded_points)
        throw std::invalid_argument("next_level: m = " + std::to_string(m) + ", must be 4 to 10");
    std::vector<OrderTypeCode> found;
    // Blocks bound the memory: most candidates of neighbouring order types coincide.
    constexpr std::size_t block = 1024;
    for (std::size_t first = 0; first < level.size(); first += block) {
        const std::size_t count = std::min(block, level.size() - first);
        std::vector<std::vector<OrderTypeCode>> parts(count);
        parallel_for(count, threads, [&](std::size_t i) {
            parts[i] = candidates(OrderType(level[first + i], m), level);
        });
        for (const auto& part : parts)
            found.insert(found.end(), part.begin(), part.end());
        std::sort(found.begin(), found.end());
        found.erase(std::unique(found.begin(), found.end()), found.end());
    }
    std::vector<char> has(found.size());
    parallel_for(found.size(), threads, [&](std::size_t i) {
        has[i] = static_cast<char>(property(OrderType(found[i], m + 1)));
    });
    std::vector<OrderTypeCode> next;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (has[i] != 0) next.push_back(found[i]);
    }
    return next;
}

std::vector<std::uint64_t> shattered_order_types(SearchedClass searched, std::size_t max_points,
                                                 unsigned threads) {
    const auto is_shattered = [searched](const OrderType& type) {
        return realised_labelings(searched, linear_dichotomies(type), type.size()).size() ==
               Labeling{1} << type.size();
    };
    std::vector<OrderTypeCode> level = order_types_of_four();
    std::vector<std::uint64_t> counts{level.size()};
    for (std::size_t m = 4; m < max_points && !level.empty(); ++m) {
        level = next_level(level, m, is_shattered, threads);
        counts.push_back(level.size());
    }
    return counts;
}

} // namespace moe
