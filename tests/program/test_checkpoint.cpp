// Finished cells on disk: exact, recomputed when torn, refused when of another run.

#include "basics/error.hpp"
#include "program/checkpoint.hpp"
#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace moe;
using moe_test::TemporaryFolder;
namespace fs = std::filesystem;

const RunIdentity identity = {{"program", "toy"}, {"--seed", "1"}, {"--size", "3"}};

CellResult with_real(double value) {
    CellResult result;
    result.add("table", {value});
    return result;
}

fs::path only_cell_file(const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".cell") return entry.path();
    return {};
}

std::string refusal(const fs::path& folder, const RunIdentity& other) {
    try {
        const Checkpoint checkpoint(folder, other, true);
    } catch (const InputError& error) {
        return error.what();
    }
    BOOST_ERROR("the checkpoint was accepted");
    return "";
}

} // namespace

BOOST_AUTO_TEST_SUITE(checkpoint)

BOOST_AUTO_TEST_CASE(every_value_comes_back_bit_by_bit) {
    const TemporaryFolder place;
    const Checkpoint first(place.path() / "checkpoint", identity, false);
    using Limits = std::numeric_limits<double>;
    const std::vector<double> reals = {0.1,
                                       -0.0,
                                       Limits::denorm_min(),
                                       Limits::max(),
                                       Limits::min(),
                                       Limits::infinity(),
                                       -Limits::infinity(),
                                       Limits::quiet_NaN(),
                                       1.0 / 3.0,
                                       std::bit_cast<double>(0xfff8000000000123U)};
    CellResult result;
    for (const double real : reals)
        result.add("reals", {real});
    const Row mixed = {std::monostate{},
                       true,
                       false,
                       std::int64_t{-9223372036854775807 - 1},
                       std::int64_t{9223372036854775807},
                       std::string("r3fb9"),
                       std::string(),
                       std::string("quote \" comma, \n line \xc3\xa9")};
    result.add("mixed", mixed);
    result.add_timing("sorting", 0.1);
    first.save("a cell/with: odd name", result);

    const Checkpoint second(place.path() / "checkpoint", identity, true);
    BOOST_TEST((second.start() == Checkpoint::Start::resumed));
    const auto loaded = second.load("a cell/with: odd name");
    BOOST_REQUIRE(loaded.has_value());
    const auto& rows = loaded->rows();
    BOOST_REQUIRE(rows.size() == reals.size() + 1);
    for (std::size_t i = 0; i < reals.size(); ++i)
        BOOST_TEST(std::bit_cast<std::uint64_t>(std::get<double>(rows[i].second[0])) ==
                   std::bit_cast<std::uint64_t>(reals[i]));
    BOOST_TEST(rows.back().first == "mixed");
    BOOST_TEST((rows.back().second == mixed));
    BOOST_TEST((loaded->timings() == result.timings()));
    BOOST_TEST(!second.load("another cell").has_value());
}

BOOST_AUTO_TEST_CASE(a_torn_or_changed_cell_file_counts_as_not_finished) {
    const TemporaryFolder place;
    const fs::path folder = place.path() / "checkpoint";
    const Checkpoint made(folder, identity, false);
    made.save("cell", with_real(0.25));
    const fs::path file = only_cell_file(folder);
    std::ifstream in(file);
    const std::string good((std::istreambuf_iterator<char>(in)), {});
    const auto load_with = [&](const std::string& bytes) {
        std::ofstream(file, std::ios::trunc) << bytes;
        return made.load("cell");
    };
    for (std::size_t length = 0; length < good.size(); ++length)
        BOOST_TEST(!load_with(good.substr(0, length)).has_value());
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string changed = good;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        BOOST_TEST(!load_with(changed).has_value());
    }
    BOOST_TEST(load_with(good).has_value());
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_another_run_is_refused_by_what_differs) {
    const TemporaryFolder place;
    const fs::path folder = place.path() / "checkpoint";
    Checkpoint(folder, identity, false).save("cell", with_real(1.0));
    RunIdentity other = identity;
    other[1].second = "2";
    const std::string message = refusal(folder, other);
    BOOST_TEST(message.find("--seed \"1\"") != std::string::npos);
    BOOST_TEST(message.find("\"2\"") != std::string::npos);
    other = identity;
    other.emplace_back("--new", "5");
    BOOST_TEST(refusal(folder, other).find("--new") != std::string::npos);
    other = identity;
    other.pop_back();
    BOOST_TEST(refusal(folder, other).find("another version") != std::string::npos);
    std::ofstream(folder / "manifest.json") << "{";
    BOOST_TEST(refusal(folder, identity).find("manifest.json") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_resume_an_existing_checkpoint_is_discarded) {
    const TemporaryFolder place;
    const fs::path folder = place.path() / "checkpoint";
    const Checkpoint first(folder, identity, false);
    BOOST_TEST((first.start() == Checkpoint::Start::fresh));
    first.save("cell", with_real(1.0));
    const Checkpoint second(folder, identity, false);
    BOOST_TEST((second.start() == Checkpoint::Start::discarded_other));
    BOOST_TEST(!second.load("cell").has_value());
    second.remove();
    BOOST_TEST(!fs::exists(folder));
    BOOST_TEST((Checkpoint(folder, identity, true).start() == Checkpoint::Start::fresh));
}

BOOST_AUTO_TEST_CASE(cells_that_survived_their_manifest_are_not_taken_for_ours) {
    const TemporaryFolder place;
    const fs::path folder = place.path() / "checkpoint";
    const Checkpoint first(folder, identity, false);
    first.save("cell", with_real(1.0));
    RunIdentity other = identity;
    other[1].second = "2";
    const fs::path kept = place.path() / "kept";
    fs::copy(only_cell_file(folder), kept);
    const fs::path file = only_cell_file(folder).filename();
    const Checkpoint second(folder, other, false);
    fs::copy(kept, folder / file);
    BOOST_TEST(!second.load("cell").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
