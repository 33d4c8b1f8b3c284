#pragma once
// Symmetric positive definite systems: Cholesky's factorisation by machine vectors, the same bits
// on every instruction set.

#include "basics/aligned_array.hpp"
#include "basics/multiversion.hpp"

namespace moe {

/// A symmetric matrix, of which only the lower triangle counts: column-major, columns padded to a
/// whole number of cache lines.
class SymmetricMatrix {
  public:
    SymmetricMatrix() = default;
    explicit SymmetricMatrix(std::ptrdiff_t size)
        : size_(size)
        , stride_((size + 7) / 8 * 8)
        , entries_(static_cast<std::size_t>(stride_ * size)) {}

    [[nodiscard]] std::ptrdiff_t size() const noexcept { return size_; }
    /// Entries from one column to the next.
    [[nodiscard]] std::ptrdiff_t stride() const noexcept { return stride_; }
    [[nodiscard]] double* data() noexcept { return entries_.data(); }
    [[nodiscard]] const double* data() const noexcept { return entries_.data(); }
    [[nodiscard]] double& operator()(std::ptrdiff_t row, std::ptrdiff_t column) noexcept {
        return entries_.data()[column * stride_ + row];
    }
    [[nodiscard]] double operator()(std::ptrdiff_t row, std::ptrdiff_t column) const noexcept {
        return entries_.data()[column * stride_ + row];
    }

  private:
    std::ptrdiff_t size_ = 0;
    std::ptrdiff_t stride_ = 0;
    AlignedArray entries_;
};

/// Replaces A by L with A = L L'. False (A is then unspecified) if A is not positive definite: a
/// pivot is not above 0.
[[nodiscard]] bool cholesky_factor(SymmetricMatrix& matrix);
[[nodiscard]] bool cholesky_factor(InstructionSet set, SymmetricMatrix& matrix);

/// Replaces b (size entries) by the solution of L L' x = b.
void cholesky_solve(const SymmetricMatrix& factor, double* b);

} // namespace moe
