// Binomial deviates by rejection. For a log-concave law on the integers with mode m and
// p = P(m), P(m + i)/P(m) <= min(1, exp(1 - p |i|)) (L. Devroye, "A simple generator for discrete
// log-concave distributions", Computing 39, 1987; in short: with r^i = P(m + i)/p < 1,
// log-concavity gives p (1 + r + ... + r^i) <= 1, and i (1 - r)/(1 - r^(i+1)) <= 1 + i log(1/r)).
// Cut into blocks of c = ceil(1/p) integers, the hat is at most exp(1 - j) on block j: the block is
// drawn by one exponential deviate, the place in it as an integer, so that no deviate is too coarse
// for the 10^6 integers that matter at n = 10^12. About 5 proposals a deviate.
#include "datasets/grid_reduction.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace moe {

namespace {

/// log(Gamma(y)) - (y - 1/2) log(y) + y - log(2 pi)/2 for y >= 1, good to 1e-15.
double stirling_remainder(double y) {
    if (y < 16.0) {
        const double half_log_two_pi = 0.9189385332046727;
        double factorial = 1.0; // y is an integer, and 15! is exact
        for (double factor = 2.0; factor < y; factor += 1.0) {
            factorial *= factor;
        }
        return std::log(factorial) - ((y - 0.5) * std::log(y) - y) - half_log_two_pi;
    }
    // Bernoulli series; the first term left out is below 1e-16 for y >= 16.
    const double t = 1.0 / (y * y);
    const double inner =
        1.0 / 1260.0 - t * (1.0 / 1680.0 - t * (1.0 / 1188.0 - t * 691.0 / 360360.0));
    return (1.0 / 12.0 - t * (1.0 / 360.0 - t * inner)) / y;
}

/// (1 + e) log(1 + e) - e for e > -1, to a few units of its last place.
double excess(double e) {
    if (std::abs(e) > 0.1) return (1.0 + e) * std::log1p(e) - e;
    // sum_{i >= 2} (-e)^i / (i (i - 1)); 0.1^16 is below the rounding.
    double power = e * e;
    double sum = 0.0;
    for (int i = 2; i < 18; ++i) {
        sum += power / (i * (i - 1));
        power *= -e;
    }
    return sum;
}

/// log(Gamma(y + d)/Gamma(y)) - d log(y), without the cancellation of two large logarithms.
double log_gamma_ratio(double y, double d) {
    const double e = d / y;
    return y * excess(e) - 0.5 * std::log1p(e) + stirling_remainder(y + d) - stirling_remainder(y);
}

class Binomial {
  public:
    Binomial(std::int64_t n, std::int64_t favourable, std::int64_t outcomes)
        : n_(n)
        , mode_(largest_quotient(n + 1, favourable, outcomes))
        , log_quotient_(log_of_quotient(favourable, outcomes - favourable))
        , block_(static_cast<std::int64_t>(
              std::ceil(1.0 / mode_probability_from_below(favourable, outcomes)))) {}

    /// log(P(k)/P(mode)) for 0 <= k <= n.
    [[nodiscard]] double log_ratio(std::int64_t k) const {
        const auto d = static_cast<double>(k - mode_);
        const auto y = static_cast<double>(mode_ + 1);
        const auto z = static_cast<double>(n_ - mode_ + 1);
        return d * log_quotient_ - log_gamma_ratio(y, d) - log_gamma_ratio(z, -d);
    }

    [[nodiscard]] std::int64_t draw(RandomStream& stream) const {
        // Blocks 0 and 1 have weight 1, block j >= 1 has exp(1 - j).
        constexpr double tail = std::numbers::e / (std::numbers::e - 1.0);
        for (;;) {
            double height = 1.0;
            std::int64_t block = 0;
            if (stream.uniform() * (1.0 + tail) >= 1.0) {
                const double exponential = -std::log(1.0 - stream.uniform());
                block = 1 + static_cast<std::int64_t>(exponential);
                height = std::exp(1.0 - static_cast<double>(block));
            }
            const std::uint64_t bits = stream.below(2 * static_cast<std::uint64_t>(block_));
            const std::int64_t offset = block * block_ + static_cast<std::int64_t>(bits >> 1);
            const std::int64_t k = (bits & 1) != 0 ? mode_ + offset : mode_ - 1 - offset;
            const double level = (1.0 - stream.uniform()) * height;
            if (k >= 0 && k <= n_ && level <= std::exp(log_ratio(k))) return k;
        }
    }

  private:
    /// floor(a favourable / outcomes), the mode for a = n + 1; at most n.
    [[nodiscard]] static std::int64_t largest_quotient(std::int64_t a, std::int64_t favourable,
                                                       std::int64_t outcomes) {
        return std::min(a * favourable / outcomes, a - 1);
    }
    /// log of (n - mode + 1) p / ((mode + 1) q), which is near 0: the distance of the argument from
    /// 1 is a quotient of integers (below outcomes (n + 2) <= 2^60).
    [[nodiscard]] double log_of_quotient(std::int64_t favourable, std::int64_t unfavourable) const {
        const std::int64_t denominator = (mode_ + 1) * unfavourable;
        const std::int64_t above_one = (n_ - mode_ + 1) * favourable - denominator;
        return std::log1p(static_cast<double>(above_one) / static_cast<double>(denominator));
    }
    /// P(mode), rounded down by more than its error: what keeps the hat above the law. Stirling's
    /// formula for Gamma(n+1), Gamma(mode+1), Gamma(n-mode+1), the logarithms joined in pairs.
    [[nodiscard]] double mode_probability_from_below(std::int64_t favourable,
                                                     std::int64_t outcomes) const {
        const auto N = static_cast<double>(n_ + 1);
        const auto y = static_cast<double>(mode_ + 1);
        const auto z = static_cast<double>(n_ - mode_ + 1);
        // N p - y and N q - z, exact but for the quotient.
        const std::int64_t unfavourable = outcomes - favourable;
        const auto scale = static_cast<double>(outcomes);
        const auto above_y =
            static_cast<double>((n_ + 1) * favourable - (mode_ + 1) * outcomes) / scale;
        const auto above_z =
            static_cast<double>((n_ + 1) * unfavourable - (n_ - mode_ + 1) * outcomes) / scale;
        const double logarithm =
            (y - 1.0) * std::log1p(above_y / y) + (z - 1.0) * std::log1p(above_z / z) +
            0.5 * std::log(N / (y * z)) + 1.0 - 0.5 * std::log(2.0 * std::numbers::pi) +
            stirling_remainder(N) - stirling_remainder(y) - stirling_remainder(z);
        return std::exp(logarithm) * (1.0 - 1e-9);
    }

    std::int64_t n_;
    std::int64_t mode_;
    double log_quotient_;
    std::int64_t block_;
};

void require_experiment(const GatedFunction& truth, std::size_t fitted_atoms,
                        std::span<const double> points, std::int64_t n, double s) {
    if (n < 1 || n > max_samples) {
        throw InputError("n = " + std::to_string(n) + " samples, allowed: 1 to " +
                         std::to_string(max_samples));
    }
    if (!(s > 0.0) || !std::isfinite(s)) {
        throw InputError("s = " + shortest(s) + ", allowed: a positive finite noise level");
    }
    if (points.size() < 4 * fitted_atoms) {
        throw InputError("M = " + std::to_string(points.size()) +
                         " grid points, allowed: at least " + std::to_string(4 * fitted_atoms) +
                         " for k = " + std::to_string(fitted_atoms));
    }
    if (truth.expert == ExpertActivation::relu) {
        throw InputError("experts: relu on a grid, allowed: gelu, tanh, linear, square, constant "
                         "(a kink between two grid points is not identified)");
    }
}

/// The counts of a multinomial with equal probabilities, by halves.
void divide(std::int64_t n, std::span<std::int64_t> counts, RandomStream& stream) {
    if (counts.size() == 1) {
        counts[0] = n;
        return;
    }
    const std::size_t left = counts.size() / 2;
    const std::int64_t to_the_left = draw_binomial(
        n, static_cast<std::int64_t>(left), static_cast<std::int64_t>(counts.size()), stream);
    divide(to_the_left, counts.first(left), stream);
    divide(n - to_the_left, counts.subspan(left), stream);
}

} // namespace

std::int64_t draw_binomial(std::int64_t n, std::int64_t favourable, std::int64_t outcomes,
                           RandomStream& stream) {
    constexpr std::int64_t most_outcomes = 1'000'000;
    if (n < 0 || n > max_samples || outcomes < 1 || outcomes > most_outcomes || favourable < 0 ||
        favourable > outcomes) {
        throw std::invalid_argument("draw_binomial: arguments out of range");
    }
    if (n == 0 || favourable == 0) return 0;
    if (favourable == outcomes) return n;
    return Binomial(n, favourable, outcomes).draw(stream);
}

std::vector<std::int64_t> draw_uniform_counts(std::int64_t n, std::size_t M, RandomStream& stream) {
    if (M == 0) throw std::invalid_argument("draw_uniform_counts: no cells");
    std::vector<std::int64_t> counts(M);
    divide(n, counts, stream);
    return counts;
}

GridData draw_grid_data(const GatedFunction& truth, std::size_t fitted_atoms,
                        std::span<const double> points, std::int64_t n, double s,
                        RandomStream& stream) {
    require_experiment(truth, fitted_atoms, points, n, s);
    const std::vector<double> values = values_on(truth, points);
    const std::vector<std::int64_t> counts = draw_uniform_counts(n, points.size(), stream);
    GridData data;
    data.points.assign(points.begin(), points.end());
    for (std::size_t b = 0; b < points.size(); ++b) {
        if (!std::isfinite(values[b])) {
            throw InputError("truth: f(" + shortest(points[b]) + ") = " + shortest(values[b]) +
                             ", allowed: finite values");
        }
        const auto count = static_cast<double>(counts[b]);
        data.weights.push_back(count / (s * s));
        data.means.push_back(counts[b] == 0 ? 0.0
                                            : values[b] + s / std::sqrt(count) * stream.normal());
    }
    return data;
}

GridData pseudo_noise_data(const GatedFunction& truth, std::span<const double> points, double S) {
    GridData data;
    data.points.assign(points.begin(), points.end());
    data.weights.assign(points.size(), 1.0);
    data.means = values_on(truth, points);
    for (std::size_t i = 0; i < points.size(); ++i) {
        const auto b = static_cast<double>(i);
        data.means[i] += S * std::sin(1.0 + 7.3 * b + 0.11 * b * b);
    }
    return data;
}

} // namespace moe
