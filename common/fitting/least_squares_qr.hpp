#pragma once
// Householder triangularisation of small dense matrices, in place and without allocation.

#include <cstddef>

namespace moe::fitting {

/// Columns of `rows` numbers, `stride` apart: entry (i, j) is numbers[i + j stride].
struct ColumnMatrix {
    double* numbers;
    std::size_t rows;
    std::size_t columns;
    std::size_t stride;

    [[nodiscard]] double* column(std::size_t j) const noexcept { return numbers + j * stride; }
    [[nodiscard]] double& at(std::size_t i, std::size_t j) const noexcept {
        return numbers[i + j * stride];
    }
};

/// Multiplies by reflections from the left so that the first `pivots` columns become upper
/// triangular. What is below their diagonal is left undefined; Q is not formed: the columns
/// behind the pivots are multiplied by Q^T. Needs pivots <= rows and pivots <= columns.
void triangularise(const ColumnMatrix& matrix, std::size_t pivots) noexcept;

} // namespace moe::fitting
