#include "fitting/least_squares_qr.hpp"

#include <array>
#include <cmath>
#include <cstring>

namespace moe::fitting {

namespace {

using Pair [[gnu::vector_size(16)]] = double;

Pair load(const double* from) noexcept {
    Pair pair;
    std::memcpy(&pair, from, sizeof(Pair));
    return pair;
}

void store(Pair pair, double* to) noexcept {
    std::memcpy(to, &pair, sizeof(Pair));
}

double sum_of_squares(const double* v, std::size_t size) noexcept {
    Pair even{};
    Pair odd{};
    std::size_t i = 0;
    for (; i + 4 <= size; i += 4) {
        even += load(v + i) * load(v + i);
        odd += load(v + i + 2) * load(v + i + 2);
    }
    const Pair sums = even + odd;
    double sum = sums[0] + sums[1];
    for (; i < size; ++i) {
        sum += v[i] * v[i];
    }
    return sum;
}

/// A reflection I - scale w w^T with w = (head, v).
struct Reflection {
    double head;
    const double* v;
    std::size_t size; ///< of v
    double scale;
};

/// Reflects `count` columns, each (entry for the head, then those for v), side by side: v is read
/// once for all of them.
template<std::size_t count>
void reflect(const Reflection& reflection, const std::array<double*, count>& columns) noexcept {
    const double* const v = reflection.v;
    const std::size_t size = reflection.size;
    std::array<Pair, count> sums{};
    std::size_t i = 0;
    for (; i + 2 <= size; i += 2) {
        const Pair entry = load(v + i);
        for (std::size_t c = 0; c < count; ++c) {
            sums[c] += entry * load(columns[c] + 1 + i);
        }
    }
    std::array<double, count> factors;
    for (std::size_t c = 0; c < count; ++c) {
        double sum = sums[c][0] + sums[c][1] + reflection.head * columns[c][0];
        if (i < size) sum += v[i] * columns[c][1 + i];
        factors[c] = reflection.scale * sum;
        columns[c][0] -= factors[c] * reflection.head;
        if (i < size) columns[c][1 + i] -= factors[c] * v[i];
    }
    for (i = 0; i + 2 <= size; i += 2) {
        const Pair entry = load(v + i);
        for (std::size_t c = 0; c < count; ++c) {
            store(load(columns[c] + 1 + i) - factors[c] * entry, columns[c] + 1 + i);
        }
    }
}

} // namespace

void triangularise(const ColumnMatrix& matrix, std::size_t pivots) noexcept {
    for (std::size_t j = 0; j < pivots; ++j) {
        double* const pivot = matrix.column(j) + j;
        const std::size_t below = matrix.rows - j - 1;
        const double squares = sum_of_squares(pivot + 1, below);
        const double norm = std::sqrt(*pivot * *pivot + squares);
        if (norm == 0.0) continue;
        const double diagonal = *pivot > 0.0 ? -norm : norm;
        const Reflection reflection{*pivot - diagonal, pivot + 1, below,
                                    1.0 / (norm * (norm + std::abs(*pivot)))};
        *pivot = diagonal;
        std::size_t c = j + 1;
        for (; c + 4 <= matrix.columns; c += 4) {
            reflect<4>(reflection, {matrix.column(c) + j, matrix.column(c + 1) + j,
                                    matrix.column(c + 2) + j, matrix.column(c + 3) + j});
        }
        for (; c < matrix.columns; ++c) {
            reflect<1>(reflection, {matrix.column(c) + j});
        }
    }
}

} // namespace moe::fitting
