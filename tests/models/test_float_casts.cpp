// Float64 experts handed out in float32.

#include "models/float_casts.hpp"

#include "basics/parallel.hpp"
#include "models/resident_experts.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

using moe::Architecture;
using moe::ExpertLease;
using moe::FloatCasts;

namespace {

/// Three experts with P = 3; parameter k of expert i is (i + 1) / (k + 3), which float32 rounds.
moe::ResidentExperts<double> thirds() {
    std::vector<double> parameters;
    for (int expert = 0; expert < 3; ++expert) {
        for (int k = 0; k < 3; ++k) {
            parameters.push_back((expert + 1.0) / (k + 3.0));
        }
    }
    return {Architecture::dense(std::array{2U, 1U}), std::move(parameters)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(float_casts)

BOOST_AUTO_TEST_CASE(a_lease_holds_the_rounded_parameters_of_its_expert) {
    moe::ResidentExperts<double> source = thirds();
    FloatCasts casts(source);
    BOOST_TEST(casts.experts() == 3U);
    BOOST_TEST(casts.architecture().parameters() == 3U);
    const ExpertLease<float> one = casts.acquire(1);
    const ExpertLease<float> two = casts.acquire(2);
    const ExpertLease<float> same = casts.acquire(1);
    BOOST_TEST(one.parameters()[0] == 2.0F / 3.0F);
    BOOST_TEST(one.parameters()[2] == 0.4F);
    BOOST_TEST(two.parameters()[0] == 1.0F);
    BOOST_TEST(same.parameters()[0] == one.parameters()[0]);
    BOOST_CHECK_THROW((void)casts.acquire(3), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(several_threads_may_hold_leases_of_the_same_expert) {
    moe::ResidentExperts<double> source = thirds();
    FloatCasts casts(source);
    std::atomic<int> wrong = 0;
    moe::parallel_for(4000, 4, [&](std::size_t k) {
        const std::uint64_t expert = k % 3;
        const ExpertLease<float> lease = casts.acquire(expert);
        if (lease.parameters()[1] != static_cast<float>((static_cast<double>(expert) + 1.0) / 4.0))
            ++wrong;
    });
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()
