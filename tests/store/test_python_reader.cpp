// What the writer writes, as a reader in another language sees it.

#include "basics/numbers.hpp"
#include "store/sample_models.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <map>
#include <sstream>

using moe::ModelPlan;
using moe::test::ScratchFolder;

namespace {

boost::test_tools::assertion_result has_python(boost::unit_test::test_unit_id /*unit*/) {
    boost::test_tools::assertion_result answer(
        std::system("python3 -c 'import struct, json' >/dev/null 2>&1") == 0);
    if (!answer) answer.message() << "python3 does not run here";
    return answer;
}

struct Listing {
    std::map<std::string, std::string> metadata;             ///< JSON texts
    std::map<std::string, std::vector<std::string>> tensors; ///< dtype, shape, values
};

Listing listing_of(const std::filesystem::path& path, const ScratchFolder& folder) {
    const std::filesystem::path script =
        std::filesystem::path(__FILE__).parent_path() / "read_safetensors.py";
    const std::filesystem::path output = folder.file("listing");
    const std::string command =
        "python3 '" + script.string() + "' '" + path.string() + "' > '" + output.string() + "'";
    BOOST_REQUIRE(std::system(command.c_str()) == 0);
    Listing listing;
    std::ifstream stream(output);
    for (std::string line; std::getline(stream, line);) {
        std::istringstream words(line);
        std::string kind;
        std::string name;
        words >> kind >> name;
        if (kind == "metadata") {
            std::getline(words >> std::ws, listing.metadata[name]);
        } else {
            listing.tensors[name] = {std::istream_iterator<std::string>(words), {}};
        }
    }
    return listing;
}

template<class T>
void check_tensor(const Listing& listing, const std::string& name, const std::string& dtype,
                  const std::string& shape, const std::vector<T>& expected) {
    BOOST_TEST_CONTEXT(name) {
        BOOST_REQUIRE(listing.tensors.count(name) == 1U);
        const std::vector<std::string>& words = listing.tensors.at(name);
        BOOST_TEST(words.at(0) == dtype);
        BOOST_TEST(words.at(1) == shape);
        BOOST_REQUIRE(words.size() == expected.size() + 2);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if constexpr (std::is_integral_v<T>) {
                BOOST_TEST(moe::parse_integer<T>(words[i + 2]).value() == expected[i]);
            } else {
                // Python prints the shortest decimal that reads back to the same double.
                BOOST_TEST(moe::parse_real(words[i + 2]).value() ==
                           static_cast<double>(expected[i]));
            }
        }
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(python_reader, *boost::unit_test::precondition(has_python))

BOOST_AUTO_TEST_CASE(python_reads_the_numbers_that_were_written) {
    const ScratchFolder folder;
    ModelPlan plan = moe::test::tree_plan(moe::test::dense_net(moe::Activation::prelu));
    plan.description = "t\xc3\xa9xt";
    const auto experts = moe::test::write_model<float>(folder.file("model"), plan);
    const Listing listing = listing_of(folder.file("model"), folder);
    BOOST_TEST(listing.metadata.at("description") == "\"t\\u00e9xt\"");
    BOOST_TEST(listing.metadata.at("widths") == "\"2,3,1\"");
    BOOST_TEST(listing.metadata.at("router") == "\"tree\"");

    // 2-3-1 with PReLU, flat: 6 weights, 3 biases, 3 slopes, 3 weights, 1 bias.
    std::map<std::string, std::vector<float>> stacked;
    for (const std::vector<float>& expert : experts) {
        const auto add = [&](const std::string& name, std::ptrdiff_t first, std::ptrdiff_t end) {
            stacked[name].insert(stacked[name].end(), expert.begin() + first, expert.begin() + end);
        };
        add("experts.layers.0.weight", 0, 6);
        add("experts.layers.0.bias", 6, 9);
        add("experts.layers.0.slope", 9, 12);
        add("experts.layers.1.weight", 12, 15);
        add("experts.layers.1.bias", 15, 16);
    }
    check_tensor(listing, "experts.layers.0.weight", "F32", "[6,3,2]",
                 stacked["experts.layers.0.weight"]);
    check_tensor(listing, "experts.layers.0.bias", "F32", "[6,3]",
                 stacked["experts.layers.0.bias"]);
    check_tensor(listing, "experts.layers.0.slope", "F32", "[6,3]",
                 stacked["experts.layers.0.slope"]);
    check_tensor(listing, "experts.layers.1.weight", "F32", "[6,1,3]",
                 stacked["experts.layers.1.weight"]);
    check_tensor(listing, "experts.layers.1.bias", "F32", "[6,1]",
                 stacked["experts.layers.1.bias"]);
    check_tensor(listing, "router.nodes", "F64", "[11,2]", plan.tree->prototypes);
    check_tensor(listing, "router.first_child", "U32", "[11]", plan.tree->first_child);
    check_tensor(listing, "router.child_count", "U32", "[11]", plan.tree->child_count);
    check_tensor(listing, "router.expert", "U32", "[11]", plan.tree->expert);
    BOOST_TEST(listing.tensors.size() == 9U);
}

BOOST_AUTO_TEST_CASE(python_reads_lazy_sparse_models_with_their_empty_tensors) {
    const ScratchFolder folder;
    const ModelPlan plan = moe::test::lazy_plan();
    moe::test::write_model<double>(folder.file("model"), plan);
    const Listing listing = listing_of(folder.file("model"), folder);
    check_tensor(listing, "experts.id", "U64", "[4]", *plan.stored_ids);
    check_tensor(listing, "experts.layers.1.bias_values", "F64", "[4,0]", std::vector<double>{});
    check_tensor(listing, "pattern.layers.1.bias_row", "U32", "[0]", std::vector<std::uint32_t>{});
    check_tensor(listing, "pattern.layers.0.col", "U32", "[4]",
                 std::vector<std::uint32_t>{0, 1, 0, 1});
    BOOST_TEST(listing.metadata.at("cells_per_axis") == "\"1024,1024\"");
    BOOST_TEST(listing.metadata.at("experts") == "\"1048576\"");
}

BOOST_AUTO_TEST_SUITE_END()
