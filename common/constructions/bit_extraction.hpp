#pragma once
// Bit-extraction experts BE(k), k = 1, 2: ReLU networks of P parameters whose error is of order
// P^{-2/k} on the k axes that they handle (the project's notes on arXiv:2402.03460, 3.3(iii); the
// technique is that of Bartlett, Maiorov and Meir and of Yarotsky). The other n - k axes are cut
// into slabs on whose centre the expert is built. Everything is a function of axes 1..k on a slab.

#include "models/architecture.hpp"
#include "targets/lipschitz.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

enum class BitExtractionForm {
    median,     ///< three shifted copies, output = median
    single_copy ///< copy e = 0 alone: garbage in the step zones (the sabotage of the median)
};

/// Refuses with InputError: n outside 1..8, k not 1 or 2 or above n, d < 2, m < 1,
/// d + ceil(log2 max(m, 2)) > 52 (codes would no longer be exact in float64), m d >= 2^47.
void check_bit_extraction_size(int n, int k, std::int64_t m, std::int64_t d);

/// P = 27m + 87d + 21 (k = 1), 24m + 87d + 30 (k = 2).
[[nodiscard]] std::uint64_t bit_extraction_parameters(int k, std::int64_t m,
                                                      std::int64_t d) noexcept;
/// J = 3d + 8.
[[nodiscard]] std::uint64_t bit_extraction_depth(std::int64_t d) noexcept;
/// Error on the slab centre: lambda (1 + 1/16)/(m d) for k = 1, lambda ((1/2 + 1/16)/m + 1/d) for
/// k = 2.
[[nodiscard]] double bit_extraction_bound(int k, std::int64_t m, std::int64_t d,
                                          double lambda) noexcept;
/// What the slabs add: lambda sqrt(n - k)/(2 K'), 0 for n = k.
[[nodiscard]] double slab_bound(int n, int k, std::int64_t slabs_per_axis, double lambda) noexcept;

/// The zig-zag paths of one slab as integers and starting values. k = 1: m consecutive pieces of
/// one path; k = 2: m columns with a path each. A path steps by q = lambda/(m d) or lambda/d.
struct BitPaths {
    int k = 1;
    std::int64_t d = 2;              ///< bits (steps) per code
    double q = 0.0;                  ///< height of a step
    std::vector<std::uint64_t> code; ///< c_0..c_{m-1}, first bit most significant, 1 = up
    std::vector<double> start;       ///< V_0..V_{m-1}

    /// Value of piece or column `kappa` at time tau in [0, d] (clamped), linear between nodes.
    [[nodiscard]] double value(std::size_t kappa, double tau) const;
};

class BitExtractionExperts {
  public:
    /// Largest expert that is built (parameters): 2^27, 1 GiB of float64.
    static constexpr std::uint64_t max_parameters = std::uint64_t{1} << 27U;

    /// Experts for [0,1]^k times each of the slabs_per_axis^{n-k} slabs. Refuses what
    /// check_bit_extraction_size refuses, slabs_per_axis < 1, 2^62 or more slabs, and an expert
    /// above max_parameters.
    BitExtractionExperts(int n, int k, std::int64_t m, std::int64_t d, std::int64_t slabs_per_axis,
                         BitExtractionForm form = BitExtractionForm::median);

    [[nodiscard]] const Architecture& architecture() const noexcept { return architecture_; }
    [[nodiscard]] int dimension() const noexcept { return n_; }
    [[nodiscard]] int handled_axes() const noexcept { return k_; }
    [[nodiscard]] std::int64_t pieces() const noexcept { return m_; }
    [[nodiscard]] std::int64_t bits() const noexcept { return d_; }
    [[nodiscard]] std::int64_t slabs_per_axis() const noexcept { return slabs_; }
    [[nodiscard]] BitExtractionForm form() const noexcept { return form_; }
    [[nodiscard]] std::uint64_t experts() const noexcept { return experts_; }
    /// The argument of GridTree: 1 on axes 1..k, slabs_per_axis on the others.
    [[nodiscard]] std::vector<std::int64_t> grid() const;
    /// Centre of a cell of that grid (n entries; 1/2 on axes 1..k). A bad cell throws InputError.
    [[nodiscard]] std::vector<double> slab_centre(std::span<const std::int64_t> cell) const;

    /// The paths of f on the slab through `centre` (n entries, the first k are not used). lambda
    /// must be a Lipschitz constant of f for the bound to hold.
    [[nodiscard]] BitPaths paths(std::span<const double> centre, const ScalarField& f,
                                 double lambda) const;
    /// Writes the expert into parameters[0..architecture().parameters()): for the slab of `cell`,
    /// or from given paths.
    void fill(std::span<const std::int64_t> cell, const ScalarField& f, double lambda,
              std::span<double> parameters) const;
    void fill_from_paths(const BitPaths& paths, std::span<double> parameters) const;
    /// Codes and starting values read back from an expert's parameters, one entry per copy (3, or 1
    /// for single_copy): the inverse of fill_from_paths, for certification. Nothing (an empty
    /// vector) if a stored code is not an integer of d bits. Starting values carry rounding errors
    /// of some 1e-16.
    [[nodiscard]] std::vector<BitPaths> stored_paths(std::span<const double> parameters,
                                                     double lambda) const;

    /// What copy e = -1, 0, +1 computes at x outside step zones: the path value at the shifted x.
    [[nodiscard]] double copy_value(const BitPaths& paths, int e, std::span<const double> x) const;
    /// Median of the three copy values (the single copy e = 0 for single_copy), by direct
    /// evaluation of the paths: no network.
    [[nodiscard]] double path_value(const BitPaths& paths, std::span<const double> x) const;
    /// Is a copy at x within `margin` (in units of the stretched axis) of a step zone
    /// (i step - 1/32, i step)? Inside, that copy's value is implementation-dependent.
    [[nodiscard]] bool in_step_zone(std::span<const double> x, double margin = 0.0) const;
    /// `per_zone` equidistant inputs inside each of the m - 1 step zones of copy e = 0 on the slab
    /// of `cell`, n entries each, x_1 = 1/3 for k = 2: where only the median saves the bound.
    /// Uniform samples rarely meet a zone (measure about 1/32 of a step).
    [[nodiscard]] std::vector<double> zone_points(std::span<const std::int64_t> cell,
                                                  std::size_t per_zone = 1) const;

    /// Bound of the error against f on the whole slab: bit_extraction_bound + slab_bound.
    [[nodiscard]] double error_bound(double lambda) const noexcept;

  private:
    [[nodiscard]] double step() const noexcept;
    [[nodiscard]] double stretched(std::span<const double> x, int e) const;

    int n_;
    int k_;
    std::int64_t m_;
    std::int64_t d_;
    std::int64_t slabs_;
    BitExtractionForm form_;
    std::uint64_t experts_;
    Architecture architecture_;
};

} // namespace moe
