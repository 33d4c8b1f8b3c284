#include "mixtures/gated_kernels.hpp"

#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

using moe::Index;
using moe::tile_samples;

constexpr Index K = 5;
constexpr Index p = 7;
constexpr Index forms = 6;
constexpr Index count = 200;

/// Everything that the kernels of an instruction set compute from one tile of random numbers, some
/// of them far out, not numbers, or infinite.
class Outputs {
  public:
    explicit Outputs(moe::InstructionSet set)
        : kernels_(moe::gated_kernels(set)) {
        const std::vector<double> x = random_rows(p, 0, 1.0);
        const std::vector<double> coefficients = random_rows(1, 1, 1.0);
        std::vector<double> logits = random_rows(forms, 2, 10.0);
        std::vector<double> densities = random_rows(K, 3, 100.0);
        std::vector<double> y = random_rows(1, 4, 1.0);
        std::vector<double> classes(y);
        for (double& label : classes)
            label = std::floor(std::abs(label) * 3.0);
        std::vector<double> weights = random_rows(K, 5, 1.0);
        logits[3] = std::numeric_limits<double>::quiet_NaN();
        logits[tile_samples + 5] = std::numeric_limits<double>::infinity();
        densities[7] = -std::numeric_limits<double>::infinity();
        logits[11] = 800.0;
        densities[12] = -1e6;

        kernels_.linear_forms(x.data(), p, coefficients.data(), forms, count, rows(forms));
        for (const Index used : {Index{1}, forms}) {
            double* const probabilities = rows(used);
            double* const last = rows(1);
            kernels_.softmax(logits.data(), used, count, probabilities, last, rows(1));
        }
        kernels_.class_log_density(logits.data(), densities.data(), classes.data(), forms, count,
                                   rows(1));
        kernels_.normal_log_density(densities.data(), y.data(), -0.9, 1.7, count, rows(1));
        for (const Index experts : {Index{1}, Index{2}, K}) {
            double* const r = rows(experts);
            double* const pi = rows(experts);
            kernels_.posterior(logits.data(), densities.data(), experts, count, r, tile_samples, pi,
                               rows(1));
        }
        double* const slopes = rows(K);
        kernels_.gate_slopes(logits.data(), weights.data(), tile_samples, K, count, slopes,
                             rows(1));
        kernels_.class_slopes(logits.data(), classes.data(), weights.data(), forms, count,
                              rows(forms));
        moe::LaneSums squares;
        moe::LaneSums masses;
        kernels_.normal_slopes(y.data(), weights.data(), y.data(), 1.3, count, rows(1), squares,
                               masses);
        keep(squares);
        keep(masses);
        moe::LaneSums costs;
        kernels_.gate_cost(weights.data(), y.data(), weights.data(), tile_samples, K - 1, count,
                           costs);
        keep(costs);
        moe::LaneSums weighted;
        kernels_.weighted_cost(weights.data(), y.data(), count, weighted);
        keep(weighted);
        moe::LaneSums sums;
        kernels_.add(weights.data(), count, sums);
        keep(sums);
        for (const bool same : {false, true})
            kernels_.softmax_curvature(weights.data(), y.data(), weights.data(), same, count,
                                       rows(1));
        kernels_.scale(x.data(), y.data(), p, count, rows(p));
        kernels_.products(x.data(), p, weights.data(), K, count, false, rows(1), p);
        double* const gram = rows(1);
        kernels_.products(x.data(), p, x.data(), p, count, true, gram, p);
        for (Index j = 0; j < p; ++j) // only the lower triangle is promised
            std::fill_n(gram + j * p, j, 0.0);
    }

    [[nodiscard]] std::vector<std::uint64_t> bits() const {
        std::vector<std::uint64_t> result;
        for (const std::vector<double>& array : arrays_) {
            for (const double value : array)
                result.push_back(std::isnan(value) ? 0 : std::bit_cast<std::uint64_t>(value));
        }
        return result;
    }

  private:
    static std::vector<double> random_rows(Index count_of_rows, std::uint32_t stream,
                                           double scale) {
        moe::RandomStream random(3, moe::cell_key("gated kernels"), stream);
        std::vector<double> result(static_cast<std::size_t>(count_of_rows * tile_samples));
        for (double& value : result)
            value = scale * random.normal();
        return result;
    }
    double* rows(Index count_of_rows) {
        arrays_.emplace_back(static_cast<std::size_t>(count_of_rows * tile_samples), 0.0);
        return arrays_.back().data();
    }
    void keep(const moe::LaneSums& sums) {
        arrays_.push_back({sums.total()});
        arrays_.emplace_back(std::begin(sums.lane), std::end(sums.lane));
    }

    const moe::GatedKernels& kernels_;
    std::vector<std::vector<double>> arrays_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(gated_kernels)

BOOST_AUTO_TEST_CASE(every_instruction_set_gives_the_same_bits) {
    const auto reference = Outputs(moe::InstructionSet::baseline).bits();
    for (const auto set : {moe::InstructionSet::avx2, moe::InstructionSet::avx512}) {
        if (!moe::available(set)) {
            BOOST_TEST_MESSAGE("this processor lacks instruction set " << static_cast<int>(set));
            continue;
        }
        BOOST_TEST((Outputs(set).bits() == reference));
    }
}

BOOST_AUTO_TEST_CASE(products_are_sums_over_the_samples_for_every_number_of_rows) {
    std::vector<double> left(9 * tile_samples);
    std::vector<double> right(9 * tile_samples);
    moe::RandomStream random(4, moe::cell_key("gated kernels"), 0);
    for (double& value : left)
        value = random.normal();
    for (double& value : right)
        value = random.normal();
    const moe::GatedKernels& kernels = moe::gated_kernels(moe::best_instruction_set());
    double worst = 0.0;
    for (Index a = 1; a <= 9; ++a) {
        for (Index b = 1; b <= 9; ++b) {
            for (const bool lower : {false, true}) {
                std::vector<double> result(static_cast<std::size_t>(a * b), 1.0);
                kernels.products(left.data(), a, right.data(), b, count, lower, result.data(), a);
                for (Index j = 0; j < b; ++j) {
                    for (Index i = lower ? j : 0; i < a; ++i) {
                        double expected = 1.0;
                        for (Index t = 0; t < count; ++t)
                            expected += left[static_cast<std::size_t>(i * tile_samples + t)] *
                                        right[static_cast<std::size_t>(j * tile_samples + t)];
                        worst =
                            std::max(worst, std::abs(result[static_cast<std::size_t>(j * a + i)] -
                                                     expected));
                    }
                }
            }
        }
    }
    BOOST_TEST(worst < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
