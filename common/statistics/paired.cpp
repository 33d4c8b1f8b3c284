#include "statistics/paired.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace moe {

namespace {

Verdict one_sided(double p_value, double p_value_reverse, double alpha) {
    if (p_value <= alpha) return Verdict::supported;
    return p_value_reverse <= alpha ? Verdict::refuted : Verdict::inconclusive;
}

} // namespace

double fair_binomial_tail(std::int64_t n, std::int64_t k) {
    if (n < 0) throw std::invalid_argument("fair_binomial_tail: n must not be negative");
    if (k <= 0) return 1.0;
    if (k > n) return 0.0;
    // P(X >= k) = I_{1/2}(k, n - k + 1), the regularised incomplete beta function.
    return boost::math::ibeta(static_cast<double>(k), static_cast<double>(n - k + 1), 0.5);
}

SignTest sign_test(std::span<const double> differences) {
    SignTest test{0, 0, 0, 1.0, 1.0};
    for (const double difference : differences) {
        if (std::isnan(difference)) throw std::invalid_argument("sign_test: NaN");
        if (difference > 0.0) {
            ++test.wins;
        } else if (difference < 0.0) {
            ++test.losses;
        } else {
            ++test.ties;
        }
    }
    const std::int64_t decided = test.wins + test.losses;
    test.p_value = fair_binomial_tail(decided, test.wins);
    test.p_value_reverse = fair_binomial_tail(decided, test.losses);
    return test;
}

Verdict verdict_of(const SignTest& test, double alpha) {
    return one_sided(test.p_value, test.p_value_reverse, alpha);
}

PairedT paired_t(std::span<const double> differences, double level) {
    if (differences.size() < 2) {
        throw std::invalid_argument("paired_t: at least two differences are needed");
    }
    if (!(level > 0.0 && level < 1.0)) {
        throw std::invalid_argument("paired_t: the level must lie in (0, 1)");
    }
    const auto count = static_cast<double>(differences.size());
    double sum = 0.0;
    for (const double difference : differences) {
        if (!std::isfinite(difference)) {
            throw std::invalid_argument("paired_t: a difference is not finite");
        }
        sum += difference;
    }
    PairedT test{};
    test.observations = static_cast<std::int64_t>(differences.size());
    test.mean = sum / count;
    double squares = 0.0;
    for (const double difference : differences) {
        squares += (difference - test.mean) * (difference - test.mean);
    }
    test.standard_error = std::sqrt(squares / (count - 1.0) / count);
    const double reach = student_quantile(0.5 + 0.5 * level, count - 1.0) * test.standard_error;
    test.interval = {test.mean - reach, test.mean + reach, level};
    if (test.standard_error == 0.0) {
        test.p_value = test.mean > 0.0 ? 0.0 : (test.mean < 0.0 ? 1.0 : 0.5);
        test.p_value_reverse = 1.0 - test.p_value;
        return test;
    }
    const boost::math::students_t student(count - 1.0);
    const double t = test.mean / test.standard_error;
    test.p_value = boost::math::cdf(boost::math::complement(student, t));
    test.p_value_reverse = boost::math::cdf(student, t);
    return test;
}

Verdict verdict_of(const PairedT& test, double alpha) {
    return one_sided(test.p_value, test.p_value_reverse, alpha);
}

double student_quantile(double probability, double degrees) {
    return boost::math::quantile(boost::math::students_t(degrees), probability);
}

double quantile(std::span<const double> values, double q) {
    if (values.empty()) throw std::invalid_argument("quantile: no values");
    if (!(q >= 0.0 && q <= 1.0)) throw std::invalid_argument("quantile: q must lie in [0, 1]");
    std::vector<double> sorted(values.begin(), values.end());
    if (std::any_of(sorted.begin(), sorted.end(), [](double v) { return std::isnan(v); })) {
        throw std::invalid_argument("quantile: NaN");
    }
    std::sort(sorted.begin(), sorted.end());
    const double place = q * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double share = place - static_cast<double>(below);
    // Without the neighbour where it has no weight: 0 times infinity is NaN.
    if (share == 0.0) return sorted[below];
    return (1.0 - share) * sorted[below] + share * sorted[below + 1];
}

} // namespace moe
