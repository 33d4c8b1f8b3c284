#include "basics/cholesky.hpp"

#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace {

/// B B' + I with random B: condition about `size`.
moe::SymmetricMatrix random_matrix(std::ptrdiff_t size) {
    moe::RandomStream random(5, moe::cell_key("cholesky"), static_cast<std::uint32_t>(size));
    std::vector<double> factor(static_cast<std::size_t>(size * size));
    for (double& entry : factor)
        entry = random.normal();
    moe::SymmetricMatrix result(size);
    for (std::ptrdiff_t j = 0; j < size; ++j) {
        for (std::ptrdiff_t i = j; i < size; ++i) {
            double sum = i == j ? 1.0 : 0.0;
            for (std::ptrdiff_t k = 0; k < size; ++k)
                sum += factor[static_cast<std::size_t>(i * size + k)] *
                       factor[static_cast<std::size_t>(j * size + k)];
            result(i, j) = sum;
        }
    }
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(cholesky)

BOOST_AUTO_TEST_CASE(the_factor_times_its_transpose_is_the_matrix_and_solves_systems) {
    for (const std::ptrdiff_t size : {1, 2, 3, 7, 8, 9, 31, 64, 100}) {
        BOOST_TEST_CONTEXT("size " << size) {
            const moe::SymmetricMatrix matrix = random_matrix(size);
            moe::SymmetricMatrix factor = random_matrix(size);
            BOOST_REQUIRE(cholesky_factor(factor));
            double worst = 0.0;
            std::vector<double> x(static_cast<std::size_t>(size));
            std::vector<double> b(x.size(), 0.0);
            for (std::size_t i = 0; i < x.size(); ++i)
                x[i] = std::sin(static_cast<double>(i) + 1.0);
            for (std::ptrdiff_t i = 0; i < size; ++i) {
                for (std::ptrdiff_t j = 0; j <= i; ++j) {
                    double sum = 0.0;
                    for (std::ptrdiff_t k = 0; k <= j; ++k)
                        sum += factor(i, k) * factor(j, k);
                    worst = std::max(worst, std::abs(sum - matrix(i, j)));
                    b[static_cast<std::size_t>(i)] += matrix(i, j) * x[static_cast<std::size_t>(j)];
                    if (i != j)
                        b[static_cast<std::size_t>(j)] +=
                            matrix(i, j) * x[static_cast<std::size_t>(i)];
                }
            }
            BOOST_TEST(worst < 1e-13 * static_cast<double>(size));
            cholesky_solve(factor, b.data());
            for (std::size_t i = 0; i < x.size(); ++i)
                BOOST_TEST(std::abs(b[i] - x[i]) < 1e-11);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_instruction_set_gives_the_same_bits) {
    for (const std::ptrdiff_t size : {1, 5, 8, 37}) {
        moe::SymmetricMatrix reference = random_matrix(size);
        BOOST_REQUIRE(cholesky_factor(moe::InstructionSet::baseline, reference));
        for (const auto set : {moe::InstructionSet::avx2, moe::InstructionSet::avx512}) {
            if (!moe::available(set)) continue;
            moe::SymmetricMatrix factor = random_matrix(size);
            BOOST_REQUIRE(cholesky_factor(set, factor));
            for (std::ptrdiff_t j = 0; j < size; ++j) {
                for (std::ptrdiff_t i = j; i < size; ++i)
                    BOOST_TEST(factor(i, j) == reference(i, j));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(matrices_that_are_not_positive_definite_have_no_factor) {
    moe::SymmetricMatrix singular(2);
    singular(0, 0) = singular(1, 0) = singular(1, 1) = 4.0;
    BOOST_TEST(!cholesky_factor(singular));
    moe::SymmetricMatrix zero(1);
    BOOST_TEST(!cholesky_factor(zero));
    moe::SymmetricMatrix not_numbers(1);
    not_numbers(0, 0) = std::nan("");
    BOOST_TEST(!cholesky_factor(not_numbers));
}

BOOST_AUTO_TEST_SUITE_END()
