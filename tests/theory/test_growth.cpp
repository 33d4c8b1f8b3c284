#include "theory/growth.hpp"

#include "basics/error.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

/// log2 of a positive big integer from its leading 64 bits.
double log2_of(const moe::BigInteger& value) {
    const unsigned top = msb(value);
    if (top < 64) return std::log2(value.convert_to<double>());
    const moe::BigInteger leading = value >> (top - 63);
    return std::log2(leading.convert_to<double>()) + static_cast<double>(top - 63);
}

} // namespace

BOOST_AUTO_TEST_SUITE(growth)

BOOST_AUTO_TEST_CASE(binomial_sums_are_those_of_pascals_triangle) {
    std::vector<std::uint64_t> row{1};
    for (std::uint64_t m = 0; m <= 60; ++m) {
        std::uint64_t sum = 0;
        for (std::uint64_t d = 0; d <= m + 3; ++d) {
            if (d <= m) sum += row[d];
            BOOST_TEST((moe::binomial_sum(m, d) == sum));
        }
        std::vector<std::uint64_t> next(row.size() + 1, 1);
        for (std::size_t i = 1; i < row.size(); ++i)
            next[i] = row[i - 1] + row[i];
        row = next;
    }
}

BOOST_AUTO_TEST_CASE(logarithms_of_binomial_sums_agree_with_exact_integers) {
    for (const std::uint64_t m : {1U, 2U, 3U, 17U, 64U, 500U, 3001U}) {
        for (const std::uint64_t d : {0U, 1U, 2U, 5U, 31U, 250U, 1500U, 2500U, 3000U}) {
            const double exact = log2_of(moe::binomial_sum(m, d));
            BOOST_TEST(std::abs(moe::log2_binomial_sum(m, d) - exact) <= 4e-16 * (exact + 1.0));
        }
    }
    BOOST_TEST(moe::log2_binomial_sum(std::uint64_t{1} << 40U, 1) ==
               std::log2(std::ldexp(1.0, 40) + 1.0));
}

BOOST_AUTO_TEST_CASE(half_of_all_subsets_of_an_odd_set_are_smaller_than_their_complement) {
    for (const std::uint64_t m : {3U, 101U, 10'001U, 1'000'001U}) {
        const auto bits = static_cast<double>(m - 1);
        BOOST_TEST(std::abs(moe::log2_binomial_sum(m, (m - 1) / 2) - bits) <= 1e-15 * bits);
        BOOST_TEST(moe::log2_binomial_sum(m, m) == bits + 1.0);
        BOOST_TEST(moe::log2_binomial_sum(m, m + 5) == bits + 1.0);
    }
}

BOOST_AUTO_TEST_CASE(covers_count_has_the_known_values_and_obeys_covers_recursion) {
    using Row = std::array<std::uint64_t, 3>;
    for (const auto& [m, n, count] : {Row{5, 1, 10}, Row{8, 1, 16}, Row{5, 2, 22}, Row{7, 2, 44},
                                      Row{6, 3, 52}, Row{8, 3, 128}, Row{10, 2, 92}})
        BOOST_TEST((moe::cover(m, n) == count));
    for (std::uint64_t m = 1; m <= 80; ++m) {
        for (std::uint64_t n = 2; n <= 9; ++n) {
            BOOST_TEST((moe::cover(m + 1, n) == moe::cover(m, n) + moe::cover(m, n - 1)));
            BOOST_TEST(std::abs(moe::log2_cover(m, n) - log2_of(moe::cover(m, n))) <= 1e-13);
        }
        BOOST_TEST((moe::cover(m, 2) == m * m - m + 2));
    }
    BOOST_TEST(moe::log2_cover(9, 8) == 9.0);
}

BOOST_AUTO_TEST_CASE(growth_on_the_line_counts_the_labelings_with_few_changes) {
    for (std::uint64_t m = 1; m <= 12; ++m) {
        std::vector<std::uint64_t> with_changes(m, 0);
        for (std::uint64_t labeling = 0; labeling < std::uint64_t{1} << m; ++labeling) {
            const std::uint64_t inner = (std::uint64_t{1} << (m - 1)) - 1;
            ++with_changes[static_cast<std::size_t>(
                std::popcount((labeling ^ (labeling >> 1U)) & inner))];
        }
        std::uint64_t counted = 0;
        for (std::uint64_t s = 0; s < m; ++s) {
            counted += with_changes[s];
            BOOST_TEST((moe::line_growth(m, s) == counted));
            BOOST_TEST((counted == std::uint64_t{1} << m) == (m <= moe::line_vc_dimension(s)));
        }
    }
}

BOOST_AUTO_TEST_CASE(impossible_sizes_are_refused) {
    BOOST_CHECK_THROW(static_cast<void>(moe::cover(0, 2)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::cover(3, 0)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::log2_cover(0, 2)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::line_growth(0, 1)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::binomial_sum(1'000'000, 70'000)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::binomial_sum(1'000'000, 2'000'000)), moe::InputError);
    BOOST_CHECK_THROW(static_cast<void>(moe::log2_binomial_sum(100'000'000, 50'000'000)),
                      moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
