#include "store/expert_store.hpp"

#include "forward/forward.hpp"
#include "store/sample_models.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <limits>
#include <set>

using moe::Activation;
using moe::ExpertStore;
using moe::InputError;
using moe::ModelPlan;
using moe::ModelWriter;
using moe::StoreCounters;
using moe::test::refuses;
using moe::test::ScratchFolder;

namespace {

/// Least-recently-used residency in its plainest form: a list of experts, the latest last.
struct ResidencyModel {
    std::size_t capacity;
    std::vector<std::uint64_t> resident{};
    std::uint64_t loads = 0;
    std::uint64_t hits = 0;
    std::uint64_t evictions = 0;
    std::size_t peak = 0;

    /// `pinned` are the experts that may not leave.
    void acquire(std::uint64_t expert, const std::vector<std::uint64_t>& pinned) {
        const auto found = std::find(resident.begin(), resident.end(), expert);
        if (found != resident.end()) {
            ++hits;
            resident.erase(found);
        } else {
            ++loads;
            if (resident.size() == capacity) {
                const auto victim = std::find_if(resident.begin(), resident.end(), [&](auto e) {
                    return std::find(pinned.begin(), pinned.end(), e) == pinned.end();
                });
                BOOST_REQUIRE((victim != resident.end()));
                resident.erase(victim);
                ++evictions;
            }
        }
        resident.push_back(expert);
        peak = std::max(peak, resident.size());
    }
};

std::vector<double> copy(std::span<const double> values) {
    return {values.begin(), values.end()};
}

/// Bytes of mapped files that the system holds in memory for this process; 0 if it does not say.
std::uint64_t mapped_bytes_in_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("RssFile:")) return std::stoull(line.substr(8)) * 1024;
    }
    return 0;
}

boost::test_tools::assertion_result memory_is_reported(boost::unit_test::test_unit_id /*unit*/) {
    boost::test_tools::assertion_result answer(mapped_bytes_in_memory() > 0);
    if (!answer) answer.message() << "no RssFile in /proc/self/status";
    return answer;
}

} // namespace

BOOST_AUTO_TEST_SUITE(expert_store)

BOOST_AUTO_TEST_CASE(with_a_budget_of_one_expert_exactly_its_parameters_are_resident) {
    const ScratchFolder folder;
    for (const Activation activation : {Activation::relu, Activation::prelu}) {
        // 7 listed parameters; 3 more with one slope for each hidden unit.
        const std::uint64_t parameters = activation == Activation::relu ? 7 : 10;
        const ModelPlan plan{moe::test::sparse_net(activation), 9};
        const auto weights = moe::test::write_model<double>(folder.file("model"), plan);
        ExpertStore<double> store(folder.file("model"), 8 * parameters);
        BOOST_TEST(store.expert_bytes() == 8 * parameters);
        BOOST_TEST(store.counters().resident_parameters == 0U);
        for (const std::uint64_t expert : {4U, 0U, 8U, 8U, 4U}) {
            const auto lease = store.acquire(expert);
            BOOST_TEST(copy(lease.parameters()) == weights[expert]);
            BOOST_TEST(store.counters().resident_parameters == parameters);
        }
        const StoreCounters counters = store.counters();
        BOOST_TEST(counters.loads == 4U);
        BOOST_TEST(counters.hits == 1U);
        BOOST_TEST(counters.evictions == 3U);
        BOOST_TEST(counters.parameters_read == 4 * parameters);
        BOOST_TEST(counters.expert_bytes_read == 4 * 8 * parameters);
        BOOST_TEST(counters.peak_resident_experts == 1U);
        BOOST_TEST(counters.peak_resident_parameters == parameters);
        BOOST_TEST(counters.peak_resident_bytes == 8 * parameters);
        BOOST_TEST(counters.resident_bytes == 8 * parameters);
        BOOST_TEST(store.file_bytes() == std::filesystem::file_size(folder.file("model")));
    }
}

BOOST_AUTO_TEST_CASE(a_budget_below_one_expert_is_an_environment_error_that_names_the_bytes) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("model"), {moe::test::dense_net(), 2});
    ExpertStore<double> store(folder.file("model"), 8 * 13 - 1);
    refuses<moe::EnvironmentError>([&] { (void)store.acquire(0); }, {"104 bytes", "103 bytes"});
    BOOST_CHECK_THROW((void)store.acquire(2), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(experts_leave_in_the_order_of_a_plain_simulation) {
    const ScratchFolder folder;
    const ModelPlan plan{moe::test::dense_net(), 20};
    const auto weights = moe::test::write_model<double>(folder.file("model"), plan);
    for (const std::size_t capacity : {1U, 2U, 5U, 19U, 20U, 100U}) {
        ExpertStore<double> store(folder.file("model"), capacity * 104 + 103);
        ResidencyModel model{capacity};
        moe::RandomStream random(capacity, 0, 0);
        std::set<const double*> buffers;
        for (int step = 0; step < 2000; ++step) {
            // Half of the accesses go to three experts, so that there are hits at every size.
            const std::uint64_t expert = random.below(2) == 0 ? random.below(3) : random.below(20);
            model.acquire(expert, {});
            const auto lease = store.acquire(expert);
            BOOST_REQUIRE(copy(lease.parameters()) == weights[expert]);
            buffers.insert(lease.parameters().data());
            const StoreCounters counters = store.counters();
            BOOST_REQUIRE(counters.loads == model.loads);
            BOOST_REQUIRE(counters.hits == model.hits);
            BOOST_REQUIRE(counters.evictions == model.evictions);
            BOOST_REQUIRE(counters.resident_parameters == 13 * model.resident.size());
            BOOST_REQUIRE(counters.peak_resident_parameters == 13 * model.peak);
        }
        // Loads go into the buffers of experts that left.
        BOOST_TEST(buffers.size() == std::min<std::size_t>(capacity, 20));
    }
}

BOOST_AUTO_TEST_CASE(parameters_stand_ahead_of_a_lease_only_while_they_are_resident) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("model"), {moe::test::dense_net(), 3});
    ExpertStore<double> store(folder.file("model"), 2 * 8 * 13);
    BOOST_TEST(store.ahead(1).empty());
    BOOST_TEST(store.ahead(99).empty());
    const double* const place = store.acquire(1).parameters().data();
    BOOST_TEST(store.ahead(1).data() == place);
    (void)store.acquire(0);
    BOOST_TEST(!store.ahead(1).empty());
    (void)store.acquire(2);
    BOOST_TEST(store.ahead(1).empty());
    BOOST_TEST(store.counters().loads == 3U);
}

BOOST_AUTO_TEST_CASE(a_repeated_pass_begins_with_the_experts_that_are_still_there) {
    const ScratchFolder folder;
    const moe::GridTree grid({6, 2});
    ModelPlan plan{moe::test::dense_net(), 12};
    moe::test::write_model<double>(folder.file("model"), plan);
    ExpertStore<double> store(folder.file("model"), 5 * 8 * 13);
    std::vector<double> inputs;
    for (std::uint64_t leaf = 0; leaf < 12; ++leaf) {
        const auto centre = grid.centre(leaf);
        inputs.insert(inputs.end(), centre.begin(), centre.end());
    }
    std::vector<double> outputs(12);
    for (const std::uint64_t loads : {12U, 12U + 7U, 12U + 2 * 7U}) {
        std::vector<double> again(12);
        (void)moe::forward<double>(moe::Router(grid), store, inputs, again);
        BOOST_TEST(store.counters().loads == loads);
        if (loads > 12) BOOST_TEST((again == outputs));
        outputs = again;
    }
}

BOOST_AUTO_TEST_CASE(leased_experts_stay_however_long_ago_they_were_acquired) {
    const ScratchFolder folder;
    const ModelPlan plan{moe::test::dense_net(), 20};
    const auto weights = moe::test::write_model<double>(folder.file("model"), plan);
    ExpertStore<double> store(folder.file("model"), 104 * 4);
    ResidencyModel model{4};
    const auto first = store.acquire(7);
    auto second = store.acquire(3);
    const auto again = store.acquire(7);
    model.acquire(7, {});
    model.acquire(3, {});
    model.acquire(7, {});
    moe::RandomStream random(5, 0, 0);
    for (int step = 0; step < 500; ++step) {
        if (step == 250) second.release();
        const std::uint64_t expert = random.below(20);
        model.acquire(expert, step < 250 ? std::vector<std::uint64_t>{7, 3}
                                         : std::vector<std::uint64_t>{7});
        const auto lease = store.acquire(expert);
        BOOST_REQUIRE(store.counters().loads == model.loads);
        BOOST_REQUIRE(store.counters().evictions == model.evictions);
    }
    BOOST_TEST(copy(first.parameters()) == weights[7]);
    BOOST_TEST(copy(again.parameters()) == weights[7]);
    BOOST_TEST(store.counters().peak_resident_experts == 4U);
}

BOOST_AUTO_TEST_CASE(a_thread_that_waits_for_its_own_lease_is_told) {
    const ScratchFolder folder;
    const ModelPlan plan{moe::test::dense_net(), 3};
    const auto weights = moe::test::write_model<double>(folder.file("model"), plan);
    ExpertStore<double> store(folder.file("model"), 104);
    auto lease = store.acquire(1);
    refuses<std::logic_error>([&] { (void)store.acquire(2); }, {"expert 2", "one at a time"});
    BOOST_TEST(copy(lease.parameters()) == weights[1]);
    // The same expert once more needs no room.
    BOOST_TEST(copy(store.acquire(1).parameters()) == weights[1]);
    lease.release();
    BOOST_TEST(copy(store.acquire(2).parameters()) == weights[2]);
}

BOOST_AUTO_TEST_CASE(an_expert_that_cannot_be_loaded_takes_no_room) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("model"), {moe::test::dense_net(), 3});
    std::vector<std::byte> bytes = moe::test::read_bytes(folder.file("model"));
    const std::uint64_t offset =
        moe::SafetensorsView("f", bytes).find("experts.layers.1.weight")->begin + 8 * 3;
    const double bad = std::numeric_limits<double>::infinity();
    std::memcpy(bytes.data() + offset, &bad, sizeof bad);
    moe::test::write_bytes(folder.file("model"), bytes);

    ExpertStore<double> store(folder.file("model"), 104);
    for (int round = 0; round < 3; ++round) {
        BOOST_TEST(store.acquire(0).parameters().size() == 13U);
        for (int attempt = 0; attempt < 2; ++attempt) {
            refuses<InputError>(
                [&] { (void)store.acquire(1); },
                {"model", "'experts.layers.1.weight'", "offset " + std::to_string(offset)});
            BOOST_TEST(store.counters().resident_parameters == 0U);
        }
    }
    BOOST_TEST(store.acquire(2).parameters().size() == 13U);
    BOOST_TEST(store.counters().peak_resident_experts == 1U);
    BOOST_TEST(store.counters().loads == 4U);
}

BOOST_AUTO_TEST_CASE(routing_counts_the_prototypes_of_visited_nodes_only) {
    const ScratchFolder folder;
    ModelPlan plan{moe::test::dense_net(), 64};
    plan.tree = moe::materialise(moe::GridTree({8, 8}));
    moe::test::write_model<double>(folder.file("model"), plan);
    const ExpertStore<double> store(folder.file("model"), 0);
    moe::RandomStream random(9, 0, 0);
    for (int i = 0; i < 100; ++i) {
        const std::array x{random.uniform(), random.uniform()};
        const moe::Route route = store.route(x);
        BOOST_TEST(route.leaf ==
                   static_cast<std::uint64_t>(x[0] * 8) * 8 + static_cast<std::uint64_t>(x[1] * 8));
    }
    // 64 leaves behind 6 binary splits, each reading 2 prototypes of 2 reals.
    const StoreCounters counters = store.counters();
    BOOST_TEST(counters.routes == 100U);
    BOOST_TEST(counters.router_reals_read == 100U * 6 * 2 * 2);
    BOOST_TEST(counters.router_bytes_read == 100U * 6 * 2 * 2 * 8);
    BOOST_TEST(counters.loads == 0U);

    moe::test::write_model<double>(folder.file("bare"), {moe::test::dense_net(), 2});
    const ExpertStore<double> bare(folder.file("bare"), 0);
    BOOST_CHECK_THROW((void)bare.route(std::array{0.5, 0.5}), std::logic_error);
    BOOST_TEST(!bare.router().has_value());
}

BOOST_AUTO_TEST_CASE(a_lazy_model_serves_its_experts_by_slot) {
    const ScratchFolder folder;
    const ModelPlan plan = moe::test::lazy_plan();
    const auto weights = moe::test::write_model<float>(folder.file("model"), plan);
    ExpertStore<float> store(folder.file("model"), 4 * 7);
    BOOST_TEST(!store.materialised());
    BOOST_TEST(store.experts() == 4U);
    BOOST_TEST(store.model().experts() == std::uint64_t{1} << 20U);
    // The last leaf, cell (1023, 1023), is the last of the four in the file.
    const moe::Route route = store.route(std::array{1.0, 1.0});
    const auto lease = store.acquire(store.router()->expert(route.leaf));
    BOOST_TEST(std::vector<float>(lease.parameters().begin(), lease.parameters().end()) ==
               weights[3]);
    BOOST_TEST(store.counters().expert_bytes_read == 4U * 7);
    BOOST_TEST(store.counters().router_reals_read == 80U);
    BOOST_TEST(store.counters().router_bytes_read == 0U);
}

BOOST_AUTO_TEST_CASE(the_process_holds_little_of_a_large_file_as_the_system_counts_it,
                     *boost::unit_test::precondition(memory_is_reported)) {
    // 48 experts of 1 MiB.
    constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
    const ScratchFolder folder;
    const ModelPlan plan{moe::Architecture::dense(std::array{255U, 512U}), 48};
    {
        ModelWriter<double> writer(folder.file("model"), plan);
        const std::vector<double> expert(plan.architecture.parameters(), 1.0);
        BOOST_TEST(expert.size() * 8 == mebibyte);
        for (std::uint64_t slot = 0; slot < plan.experts; ++slot) {
            writer.write_expert(slot, std::span<const double>(expert));
        }
        writer.finish(false);
    }
    const auto most_held = [&](std::uint64_t limit) {
        ExpertStore<double> store(folder.file("model"), mebibyte, limit);
        const std::uint64_t before = mapped_bytes_in_memory();
        std::uint64_t most = before;
        for (std::uint64_t expert = 0; expert < store.experts(); ++expert) {
            (void)store.acquire(expert);
            most = std::max(most, mapped_bytes_in_memory());
        }
        return most - before;
    };
    BOOST_TEST(most_held(8 * mebibyte) < 16 * mebibyte);
    BOOST_TEST(most_held(256 * mebibyte) > 32 * mebibyte);
}

BOOST_AUTO_TEST_CASE(the_pattern_is_reported_besides_the_budget) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("dense"), {moe::test::dense_net(), 2});
    moe::test::write_model<double>(folder.file("sparse"), {moe::test::sparse_net(), 2});
    BOOST_TEST(ExpertStore<double>(folder.file("dense"), 0).pattern_bytes() == 0U);
    // Rows and columns of 6 weights, 1 bias row, CSR offsets of 3 + 1 and 1 + 1 rows, positions of
    // the biases of 3 + 1 rows, 4 bytes each.
    BOOST_TEST(ExpertStore<double>(folder.file("sparse"), 0).pattern_bytes() ==
               4U * (6 + 6 + 1 + 4 + 2 + 4));
}

BOOST_AUTO_TEST_CASE(the_wrong_precision_or_no_model_at_all_is_an_error) {
    const ScratchFolder folder;
    const std::filesystem::path path = folder.file("model");
    moe::test::write_model<double>(path, {moe::test::dense_net(), 2});
    refuses<InputError>([&] { ExpertStore<float>(path, 0); },
                        {path.string(), "'experts.layers.0.weight'", "F64", "F32"});
    moe::test::write_bytes(path, {});
    refuses<InputError>([&] { ExpertStore<double>(path, 0); }, {path.string(), "0 bytes"});
    BOOST_CHECK_THROW(ExpertStore<double>(folder.file("missing"), 0), moe::EnvironmentError);
}

BOOST_AUTO_TEST_SUITE_END()
