// The choice of a device, and what a program adds where a GPU was chosen. The machine may have a
// GPU or none: either way the answers must fit together.

#include "program/device.hpp"

#include "basics/error.hpp"
#include "forward/cuda/device.hpp"
#include "program/describe.hpp"
#include "program/program.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <utility>

using moe::choose_device;
using moe::ClaimInfo;
using moe::DeviceChoice;
using moe::Program;

namespace {

Program program_with_parts() {
    Program program;
    program.name = "small";
    program.checks = {{"alpha", ""}};
    program.presets = {{"quick", 1.0}, {"full", 1.0}};
    program.claims = {{"alpha.one", "alpha", "", "", ""}};
    program.tables = {{"points", "", {}}};
    program.on_device = {{{"device", "", {}}}, {{"alpha.device", "alpha", "", "", ""}}};
    program.plan = [](const moe::Options&) { return moe::Plan{}; };
    program.judge = [](const moe::Options&, const moe::Tables&) { return moe::Judgement{}; };
    return program;
}

} // namespace

BOOST_AUTO_TEST_SUITE(device)

BOOST_AUTO_TEST_CASE(a_device_is_usable_or_there_is_a_reason_in_one_line) {
    const moe::cuda::Device found = moe::cuda::find_device();
    if (found.usable) {
        BOOST_TEST(found.reason.empty());
        BOOST_TEST(!found.name.empty());
        BOOST_TEST(found.major >= 8);
        BOOST_TEST(found.memory_bytes > 0U);
        BOOST_TEST(!found.driver.empty());
        BOOST_TEST(found.text().find(found.name) == 0U);
    } else {
        BOOST_TEST(!found.reason.empty());
        BOOST_TEST(found.reason.find('\n') == std::string::npos);
        BOOST_TEST(found.text().empty());
    }
}

BOOST_AUTO_TEST_CASE(auto_takes_the_gpu_where_there_is_one_and_says_why) {
    const moe::cuda::Device found = moe::cuda::find_device();
    const DeviceChoice choice = choose_device("auto", true);
    BOOST_TEST(choice.name == (found.usable ? "cuda" : "cpu"));
    BOOST_TEST(choice.reason ==
               "auto: " + (found.usable ? found.text() : "no usable GPU: " + found.reason));
}

BOOST_AUTO_TEST_CASE(a_program_without_device_parts_stays_on_the_processor) {
    const DeviceChoice choice = choose_device("auto", false);
    BOOST_TEST(choice.name == "cpu");
    BOOST_TEST(!choice.reason.empty());
    BOOST_TEST(choose_device("cpu", false).reason.empty());
    BOOST_TEST(choose_device("cpu", true).name == "cpu");
}

BOOST_AUTO_TEST_CASE(cuda_without_a_gpu_is_a_failure_of_the_environment) {
    const moe::cuda::Device found = moe::cuda::find_device();
    for (const bool has_parts : {false, true}) {
        if (!found.usable) {
            const std::string expected =
                "--device cuda: no usable GPU: " + found.reason + "; use --device cpu";
            BOOST_CHECK_EXCEPTION(
                (void)choose_device("cuda", has_parts), moe::EnvironmentError,
                [&](const moe::EnvironmentError& error) { return error.what() == expected; });
        } else if (has_parts) {
            BOOST_TEST(choose_device("cuda", true).name == "cuda");
        } else {
            BOOST_CHECK_THROW((void)choose_device("cuda", false), moe::InputError);
        }
    }
}

BOOST_AUTO_TEST_CASE(only_a_run_on_the_gpu_sees_the_parts_for_it) {
    const Program on_cpu = moe::for_device(program_with_parts(), "cpu");
    BOOST_TEST(on_cpu.claims.size() == 1U);
    BOOST_TEST(on_cpu.tables.size() == 1U);
    const Program on_gpu = moe::for_device(program_with_parts(), "cuda");
    BOOST_TEST_REQUIRE(on_gpu.claims.size() == 2U);
    BOOST_TEST(on_gpu.claims[1].id == "alpha.device");
    BOOST_TEST_REQUIRE(on_gpu.tables.size() == 2U);
    BOOST_TEST(on_gpu.tables[1].name == "device");
    BOOST_TEST(!on_gpu.on_device.has_parts());
}

BOOST_AUTO_TEST_CASE(a_program_describes_its_parts_for_the_gpu_apart_from_the_others) {
    const auto about = nlohmann::json::parse(moe::describe(program_with_parts()));
    BOOST_TEST(about.at("claims").size() == 1U);
    const auto& parts = about.at("with_device_cuda");
    BOOST_TEST(parts.at("claims").at(0).at("id") == "alpha.device");
    BOOST_TEST(parts.at("tables").at(0).at("name") == "device");
}

BOOST_AUTO_TEST_CASE(parts_that_contradict_the_program_are_a_defect) {
    moe::validate(program_with_parts());
    Program same_claim = program_with_parts();
    same_claim.on_device.claims[0].id = "alpha.one";
    BOOST_CHECK_THROW(moe::validate(same_claim), std::logic_error);
    Program same_table = program_with_parts();
    same_table.on_device.tables[0].name = "points";
    BOOST_CHECK_THROW(moe::validate(same_table), std::logic_error);
    Program other_check = program_with_parts();
    other_check.on_device.claims[0].check = "beta";
    BOOST_CHECK_THROW(moe::validate(other_check), std::logic_error);
}

BOOST_AUTO_TEST_SUITE_END()
