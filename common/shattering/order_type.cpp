#include "shattering/order_type.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

namespace moe {

namespace {

void check_coded(std::size_t m) {
    if (m < 3 || m > max_coded_points)
        throw std::invalid_argument("OrderTypeCode: " + std::to_string(m) +
                                    " points, must be 3 to 11");
}

std::uint16_t bit(std::size_t k) noexcept {
    return static_cast<std::uint16_t>(1U << k);
}

/// The mask without its bit q, the higher bits one place down.
std::uint16_t squeezed(std::uint16_t mask, std::size_t q) noexcept {
    const unsigned below = mask & (bit(q) - 1U);
    return static_cast<std::uint16_t>(below | ((static_cast<unsigned>(mask) >> (q + 1)) << q));
}

} // namespace

OrderType::OrderType(std::span<const PlanePoint> points)
    : m_(points.size()) {
    check_plane_points(points);
    for (std::size_t i = 0; i < m_; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            for (std::size_t k = 0; k < m_; ++k) {
                if (k == i || k == j) continue;
                const bool left = orientation(points[i], points[j], points[k]) > 0;
                (left ? left_[i][j] : left_[j][i]) |= bit(k);
            }
        }
    }
}

OrderType::OrderType(OrderTypeCode code, std::size_t m)
    : m_(m) {
    check_coded(m);
    const auto turn = [&](std::size_t i, std::size_t j, std::size_t k, bool left) {
        (left ? left_[i][j] : left_[j][i]) |= bit(k);
        (left ? left_[j][k] : left_[k][j]) |= bit(i);
        (left ? left_[k][i] : left_[i][k]) |= bit(j);
    };
    // The code lists the triples i < j < k with i >= 1 from its lowest bit on, last triple first.
    for (std::size_t i = m - 1; i-- > 0;) {
        for (std::size_t j = m - 1; j-- > i + 1;) {
            for (std::size_t k = m; k-- > j + 1;) {
                turn(i, j, k, i == 0 || (code.low & 1U) != 0);
                if (i == 0) continue;
                code.low = code.low >> 1U | code.high << 63U;
                code.high >>= 1U;
            }
        }
    }
}

OrderTypeCode OrderType::code() const {
    check_coded(m_);
    const auto all = static_cast<std::uint16_t>((1U << m_) - 1U);
    OrderTypeCode least{~std::uint64_t{0}, ~std::uint64_t{0}};
    std::array<std::size_t, max_coded_points> names{};
    const auto consider = [&](bool mirrored) {
        OrderTypeCode code;
        for (std::size_t i = 1; i + 2 < m_; ++i) {
            for (std::size_t j = i + 1; j + 1 < m_; ++j) {
                const unsigned left =
                    mirrored ? left_[names[j]][names[i]] : left_[names[i]][names[j]];
                for (std::size_t k = j + 1; k < m_; ++k) {
                    code.high = code.high << 1U | code.low >> 63U;
                    code.low = code.low << 1U | (left >> names[k] & 1U);
                }
            }
        }
        least = std::min(least, code);
    };
    for (std::size_t v = 0; v < m_; ++v) {
        // An extreme point sees the others within half a turn: a is followed by those to its left.
        bool extreme = false;
        for (std::size_t a = 0; a < m_; ++a) {
            if (a == v) continue;
            extreme = extreme || left_[v][a] == (all & ~(bit(v) | bit(a)));
            names[m_ - 1 - static_cast<std::size_t>(std::popcount(left_[v][a]))] = a;
        }
        if (!extreme) continue;
        names[0] = v;
        consider(false);
        std::reverse(names.begin() + 1, names.begin() + static_cast<std::ptrdiff_t>(m_));
        consider(true);
    }
    return least;
}

OrderType OrderType::without(std::size_t q) const {
    OrderType rest;
    rest.m_ = m_ - 1;
    for (std::size_t i = 0; i < rest.m_; ++i) {
        for (std::size_t j = 0; j < rest.m_; ++j)
            rest.left_[i][j] = squeezed(left_[i < q ? i : i + 1][j < q ? j : j + 1], q);
    }
    return rest;
}

OrderType OrderType::with(std::span<const Labeling> left) const {
    OrderType more = *this;
    const std::size_t p = m_;
    more.m_ = m_ + 1;
    for (std::size_t i = 0; i < p; ++i) {
        for (std::size_t j = 0; j < p; ++j) {
            if (i == j) continue;
            if ((left[i] >> j & 1U) != 0) {
                more.left_[i][j] |= bit(p);
                more.left_[p][i] |= bit(j);
            } else {
                more.left_[i][p] |= bit(j);
            }
        }
    }
    return more;
}

LabelingSet linear_dichotomies(const OrderType& type) {
    const Labeling all = (Labeling{1} << type.size()) - 1;
    LabelingSet dichotomies;
    dichotomies.insert(0);
    dichotomies.insert(all);
    // A dichotomy can be moved until its line meets two points; turned back, that line gives the
    // pair any of four labelings.
    for (std::size_t i = 0; i < type.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const Labeling left = type.left_of(i, j);
            const Labeling first = Labeling{1} << i;
            const Labeling second = Labeling{1} << j;
            for (const Labeling pair : {Labeling{0}, first, second, first | second}) {
                dichotomies.insert(left | pair);
                dichotomies.insert((left | pair) ^ all);
            }
        }
    }
    return dichotomies;
}

} // namespace moe
