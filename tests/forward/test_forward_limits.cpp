// The batched pass at its limits: which input an error names, how many inputs it takes, and which
// expert it announces next.

#include "forward/forward.hpp"

#include "models/resident_experts.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/mman.h>

#include <array>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

using moe::Architecture;
using moe::GridTree;
using moe::ResidentExperts;
using moe::Router;

namespace {

template<class Error, class Call>
void refuses(const Call& call, const std::string& culprit) {
    BOOST_CHECK_EXCEPTION(call(), Error, [&](const Error& error) {
        return std::string(error.what()).find(culprit) != std::string::npos;
    });
}

/// Tells in which order its experts were acquired and announced.
class Diary final : public moe::ExpertSource<double> {
  public:
    explicit Diary(ResidentExperts<double>& experts)
        : experts_(experts) {}
    [[nodiscard]] const Architecture& architecture() const override {
        return experts_.architecture();
    }
    [[nodiscard]] std::uint64_t experts() const override { return experts_.experts(); }
    [[nodiscard]] moe::ExpertLease<double> acquire(std::uint64_t expert) override {
        entries += "acquire " + std::to_string(expert) + "\n";
        return {*this, expert, experts_.parameters(expert)};
    }
    [[nodiscard]] std::span<const double> ahead(std::uint64_t expert) const noexcept override {
        entries += "ahead " + std::to_string(expert) + "\n";
        return {};
    }
    mutable std::string entries;

  private:
    void give_back(std::uint64_t /*expert*/) noexcept override {}
    ResidentExperts<double>& experts_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(forward_limits)

BOOST_AUTO_TEST_CASE(the_input_whose_expert_is_missing_is_named_in_any_block) {
    const Architecture architecture = Architecture::dense(std::array{1U, 1U});
    ResidentExperts<double> experts(architecture, std::vector<double>(4, 1.0));
    std::vector<double> inputs(10000, 0.1);
    inputs[7003] = 0.9;
    std::vector<double> outputs(10000);
    refuses<std::out_of_range>(
        [&] {
            (void)moe::forward<double>(Router{GridTree({3})}, experts, inputs, outputs,
                                       {.threads = 3});
        },
        "input 7003 is routed to expert 2");
}

BOOST_AUTO_TEST_CASE(more_inputs_than_rows_have_numbers_are_refused) {
    // Addresses without memory: nothing may be read.
    constexpr std::size_t batch = std::size_t{1} << 32U;
    void* const nowhere = mmap(nullptr, batch * sizeof(double), PROT_NONE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    BOOST_REQUIRE(nowhere != MAP_FAILED);
    ResidentExperts<double> experts(Architecture::dense(std::array{1U, 1U}), {1.0, 1.0});
    const std::span<double> numbers(static_cast<double*>(nowhere), batch);
    refuses<std::invalid_argument>(
        [&] { (void)moe::forward<double>(Router{GridTree({1})}, experts, numbers, numbers); },
        "4294967296 inputs");
    munmap(nowhere, batch * sizeof(double));
}

BOOST_AUTO_TEST_CASE(the_expert_that_follows_is_announced_while_one_runs) {
    ResidentExperts<double> experts(Architecture::dense(std::array{1U, 1U}),
                                    std::vector<double>(10, 1.0));
    Diary diary(experts);
    const std::vector<double> inputs{0.9, 0.1, 0.5, 0.9};
    std::vector<double> outputs(4);
    (void)moe::forward<double>(Router{GridTree({5})}, diary, inputs, outputs);
    std::size_t runs = diary.entries.find("acquire 0");
    for (const std::string expert : {"2", "4"}) {
        const std::size_t next = diary.entries.find("acquire " + expert);
        BOOST_REQUIRE(next != std::string::npos);
        BOOST_TEST(diary.entries.find("ahead " + expert, runs) < next);
        runs = next;
    }
    for (const char* const untouched : {"1", "3"}) {
        BOOST_TEST(diary.entries.find(untouched) == std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
