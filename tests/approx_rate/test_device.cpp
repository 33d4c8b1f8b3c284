// The rows and claims that thm_approx_rate adds on a GPU, with the processor in its place.

#include "approx_rate/device.hpp"

#include "constructions/kuhn.hpp"
#include "support/float32_stand_in.hpp"
#include "targets/lipschitz.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

using moe::Float32Use;
using moe::Judgement;
using moe::Verdict;
using moe::test::forward_on_host;

namespace {

/// A Kuhn model of the cones in the plane, 3 x 3 cells with M = 2.
struct KuhnModel {
    moe::test::ModelPath path;
    moe::KuhnExperts experts{2, 3, 2, moe::KuhnForm::wide};
    moe::LipschitzFunction target = moe::LipschitzFunction::cones(2, 9, 5, 1.0);
    moe::RandomStream random{3, 32, 1};
    std::vector<double> inputs = moe::uniform_points(2, 300, random);
    moe::StoredModel model{
        path.get(),
        {experts.grid(), experts.architecture(),
         [this](std::span<const std::int64_t> cell, std::span<double> parameters) {
             experts.fill_from_values(cell, experts.node_values(cell, target), parameters);
         }},
        inputs};

    [[nodiscard]] approx_rate::ModelRow row() const {
        approx_rate::ModelRow row;
        row.ladder = "kuhn.r1.n2";
        row.construction = "kuhn";
        row.n = 2;
        row.size = 2;
        row.family = "cones";
        row.touched_experts = 9;
        return row;
    }
};

/// The claims for a table with this one row.
Judgement judged(const moe::Row& row) {
    moe::Table table(approx_rate::device_parts().tables.at(0));
    table.add(row);
    Judgement judgement;
    approx_rate::judge_device(judgement, table);
    return judgement;
}

Judgement judged(KuhnModel& kuhn, const moe::Float32Forward& forward) {
    return judged(approx_rate::device_row(kuhn.row(), kuhn.model, kuhn.inputs, forward));
}

} // namespace

BOOST_AUTO_TEST_SUITE(device)

BOOST_AUTO_TEST_CASE(a_pass_within_one_expert_supports_both_claims) {
    KuhnModel kuhn;
    const Judgement judgement = judged(kuhn, forward_on_host);
    BOOST_TEST_REQUIRE(judgement.claims.size() == 2U);
    BOOST_TEST(judgement.claims[0].id == "kuhn.device-residency");
    BOOST_TEST((judgement.claims[0].verdict == Verdict::supported));
    BOOST_TEST(judgement.claims[1].id == "kuhn.device-rounding");
    BOOST_TEST((judgement.claims[1].verdict == Verdict::supported));
    BOOST_TEST(judgement.claims[1].evidence.find("1 of 1 models within 1e-5") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_second_expert_or_a_second_load_refutes_the_residency) {
    KuhnModel kuhn;
    for (const Float32Use extra : {Float32Use{4, 0}, Float32Use{0, 1}}) {
        const Judgement judgement = judged(kuhn, [&](const auto& router, auto& experts, auto inputs,
                                                     auto outputs, std::uint64_t budget) {
            const Float32Use use = forward_on_host(router, experts, inputs, outputs, budget);
            return Float32Use{use.peak_expert_bytes + extra.peak_expert_bytes,
                              use.loads + extra.loads};
        });
        BOOST_TEST((judgement.claims.at(0).verdict == Verdict::refuted));
        BOOST_TEST((judgement.claims.at(1).verdict == Verdict::supported));
    }
}

BOOST_AUTO_TEST_CASE(a_wrong_output_refutes_the_rounding) {
    KuhnModel kuhn;
    const Judgement judgement = judged(kuhn, [&](const auto& router, auto& experts, auto inputs,
                                                 auto outputs, std::uint64_t budget) {
        const Float32Use use = forward_on_host(router, experts, inputs, outputs, budget);
        outputs[11] = outputs[12];
        return use;
    });
    BOOST_TEST((judgement.claims.at(0).verdict == Verdict::supported));
    BOOST_TEST((judgement.claims.at(1).verdict == Verdict::refuted));
}

BOOST_AUTO_TEST_CASE(codes_of_bit_extraction_are_not_judged_by_their_rounding) {
    KuhnModel kuhn;
    approx_rate::ModelRow row = kuhn.row();
    row.construction = "bit-extraction";
    const Judgement judgement =
        judged(approx_rate::device_row(row, kuhn.model, kuhn.inputs, forward_on_host));
    BOOST_TEST_REQUIRE(judgement.claims.size() == 1U);
    BOOST_TEST(judgement.claims[0].id == "bit-extraction.device-residency");
}

BOOST_AUTO_TEST_CASE(every_claim_of_the_device_is_declared_and_of_a_check_of_its_own) {
    const moe::DeviceParts parts = approx_rate::device_parts();
    BOOST_TEST(parts.has_parts());
    BOOST_TEST(parts.claims.size() == 5U);
    for (const moe::ClaimInfo& claim : parts.claims) {
        BOOST_TEST(claim.id.find(claim.check + ".device-") == 0U);
        BOOST_TEST(!claim.statement.empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
