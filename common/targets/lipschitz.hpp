#pragma once
// Families of functions on [0,1]^n with an exactly known Lipschitz constant (Euclidean norm):
// |f(x) - f(y)| <= lambda |x - y|. A member is a fixed function of its integer parameters.
// Definitions: the project's notes on arXiv:2402.03460, 3.1.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace moe {

/// Any real function of a point in [0,1]^n: a target, or a network seen from outside.
using ScalarField = std::function<double(std::span<const double>)>;

class LipschitzFunction {
  public:
    /// Signed bumps at the lattice points j/N, j in {0..N}^n: sign_j max(0, lambda (1/(2N) - |x -
    /// j/N|)). The supports are disjoint balls. sign_j = +1 iff the top bit of mix1(seed XOR idx
    /// 0xD1342543DE82EF95) is 0, idx = row-major index of j in base N+1.
    /// All factories throw InputError for n outside 1..8, lambda not positive and finite and the
    /// bad size that each names; here N < 1 or (N+1)^n >= 2^62.
    [[nodiscard]] static LipschitzFunction bump(int n, std::int64_t N, std::uint64_t seed,
                                                double lambda = 1.0);

    /// Lower envelope min_j y_j + lambda |x - p_j| of Q cones at random points (McShane).
    /// Q in 1..10^6.
    [[nodiscard]] static LipschitzFunction cones(int n, std::int64_t Q, std::uint64_t seed,
                                                 double lambda = 1.0);

    /// Triangle wave of frequency omega along a random direction; omega positive and finite.
    [[nodiscard]] static LipschitzFunction ridge(int n, double omega, std::uint64_t seed,
                                                 double lambda = 1.0);

    /// lambda times the distance to the cell centres (j + 1/2)/N, j in {0..N-1}^n: the worst case
    /// of every constant or Kuhn expert on the nodes of that lattice. 1 <= N < 2^62.
    [[nodiscard]] static LipschitzFunction adv(int n, std::int64_t N, double lambda = 1.0);

    /// f(x) for x of dimension() entries in [0,1]; throws std::invalid_argument for another length.
    [[nodiscard]] double operator()(std::span<const double> x) const;

    [[nodiscard]] int dimension() const noexcept { return dimension_; }
    [[nodiscard]] double lipschitz() const noexcept { return lambda_; }
    /// Family with its parameters: "bump(N=8,seed=7)".
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

  private:
    struct Bump {
        std::int64_t N;
        std::uint64_t seed;
    };
    struct Cones {
        std::vector<double> apexes; ///< Q x n, one apex a row
        std::vector<double> heights;
    };
    struct Ridge {
        double omega;
        double phase;
        std::vector<double> direction;
    };
    struct Adv {
        std::int64_t N;
    };
    using Family = std::variant<Bump, Cones, Ridge, Adv>;

    LipschitzFunction(int n, double lambda, std::string name, Family family);

    [[nodiscard]] double value(const Bump& family, std::span<const double> x) const;
    [[nodiscard]] double value(const Cones& family, std::span<const double> x) const;
    [[nodiscard]] double value(const Ridge& family, std::span<const double> x) const;
    [[nodiscard]] double value(const Adv& family, std::span<const double> x) const;

    int dimension_;
    double lambda_;
    std::string name_;
    Family family_;
};

/// sign_j of bump(N, seed) at the lattice point j/N (+1.0 or -1.0); j has n entries in 0..N.
[[nodiscard]] double bump_sign(std::int64_t N, std::uint64_t seed,
                               std::span<const std::int64_t> j) noexcept;

} // namespace moe
