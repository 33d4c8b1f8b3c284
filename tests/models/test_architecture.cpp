#include "models/architecture.hpp"
#include "models/resident_experts.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using moe::Activation;
using moe::Architecture;
using moe::SparsePattern;

namespace {

/// A throwing call whose message must name the culprit.
template<class Call>
void refuses(const Call& call, const std::string& culprit) {
    BOOST_CHECK_EXCEPTION(call(), std::invalid_argument, [&](const std::invalid_argument& error) {
        return std::string(error.what()).find(culprit) != std::string::npos;
    });
}

Architecture one_layer(SparsePattern pattern) {
    return Architecture::sparse(3, std::array{2U}, {std::move(pattern)});
}

} // namespace

BOOST_AUTO_TEST_SUITE(architecture)

BOOST_AUTO_TEST_CASE(a_dense_net_counts_all_weights_biases_and_slopes) {
    // 2-3-4-1: (2+1)3 + (3+1)4 + (4+1)1 = 30; PReLU adds one slope for each of the 3 + 4 units.
    const std::array widths{2U, 3U, 4U, 1U};
    const Architecture relu = Architecture::dense(widths);
    BOOST_TEST(relu.parameters() == 30U);
    BOOST_TEST(relu.dense_parameters() == 30U);
    BOOST_TEST(relu.hidden_units() == 7U);
    BOOST_TEST(relu.depth() == 3U);
    BOOST_TEST(relu.widest() == 4U);
    BOOST_TEST(relu.inputs() == 2U);
    BOOST_TEST(relu.outputs() == 1U);
    BOOST_TEST(!relu.is_sparse());
    const Architecture prelu = Architecture::dense(widths, Activation::prelu);
    BOOST_TEST(prelu.parameters() == 37U);
    BOOST_TEST(prelu.dense_parameters() == 37U);
}

BOOST_AUTO_TEST_CASE(the_parameters_of_the_layers_tile_the_array_without_gap_or_overlap) {
    const Architecture net = Architecture::dense(std::array{2U, 3U, 4U, 1U}, Activation::prelu);
    std::size_t next = 0;
    for (const moe::Layer& layer : net.layers()) {
        BOOST_TEST(layer.weight_offset == next);
        BOOST_TEST(layer.bias_offset == layer.weight_offset + layer.weights);
        BOOST_TEST(layer.slope_offset == layer.bias_offset + layer.biases);
        next = layer.slope_offset + (layer.slopes ? layer.outputs : 0);
    }
    BOOST_TEST(next == net.parameters());
    BOOST_TEST(!net.layers().back().slopes);
}

BOOST_AUTO_TEST_CASE(a_sparse_net_counts_listed_entries_only) {
    // Layer 0: 3 weights and 1 bias on 2 units; layer 1: 2 weights, no bias.
    const SparsePattern first{{0, 0, 1}, {0, 2, 1}, {1}};
    const SparsePattern second{{0, 0}, {0, 1}, {}};
    const Architecture net = Architecture::sparse(3, std::array{2U, 1U}, {first, second});
    BOOST_TEST(net.parameters() == 6U);
    BOOST_TEST(net.dense_parameters() == 4U * 2U + 3U * 1U);
    BOOST_TEST(net.is_sparse());
    const std::vector<std::uint32_t> starts{0, 2, 3};
    const std::vector<std::int32_t> biases{-1, 0};
    BOOST_TEST(net.layer(0).row_start == starts, boost::test_tools::per_element());
    BOOST_TEST(net.layer(0).bias_of == biases, boost::test_tools::per_element());
    const Architecture with_slopes =
        Architecture::sparse(3, std::array{2U, 1U}, {first, second}, Activation::prelu);
    BOOST_TEST(with_slopes.parameters() == 8U);
}

BOOST_AUTO_TEST_CASE(a_constant_expert_has_one_parameter) {
    const Architecture constant =
        Architecture::sparse(4, std::array{1U}, {SparsePattern{{}, {}, {0}}});
    BOOST_TEST(constant.parameters() == 1U);
    BOOST_TEST(constant.hidden_units() == 0U);
}

BOOST_AUTO_TEST_CASE(the_published_counts_of_narrow_kuhn_experts_come_out) {
    // Widths of the narrow Kuhn expert for M^n nodes: n, 2n, n, then per node n + 3, n + 5 (once
    // for each k = 2..n), n + 2, then 1. Published: P = 65, J = 7 for (n, M) = (1, 2); 413 and 15
    // for (2, 2).
    const Architecture line = Architecture::dense(std::array{1U, 2U, 1U, 4U, 3U, 4U, 3U, 1U});
    BOOST_TEST(line.parameters() == 65U);
    BOOST_TEST(line.depth() == 7U);
    const Architecture plane = Architecture::dense(
        std::array{2U, 4U, 2U, 5U, 7U, 4U, 5U, 7U, 4U, 5U, 7U, 4U, 5U, 7U, 4U, 1U});
    BOOST_TEST(plane.parameters() == 413U);
    BOOST_TEST(plane.depth() == 15U);
}

BOOST_AUTO_TEST_CASE(malformed_dense_nets_are_refused) {
    refuses([] { (void)Architecture::dense(std::array{3U}); }, "1 widths");
    refuses([] { (void)Architecture::dense(std::array{3U, 0U, 1U}); }, "layer 0");
    constexpr std::uint32_t huge = std::numeric_limits<std::uint32_t>::max();
    refuses([] { (void)Architecture::dense(std::array{huge, huge}); }, "2^62");
}

BOOST_AUTO_TEST_CASE(malformed_sparse_nets_are_refused) {
    refuses([] { (void)Architecture::sparse(3, {}, {}); }, "0 patterns");
    refuses(
        [] {
            (void)Architecture::sparse(3, std::array{2U, 1U}, {SparsePattern{}});
        },
        "1 patterns");
    refuses([] { (void)Architecture::sparse(0, std::array{1U}, {SparsePattern{}}); }, "width");
    refuses([] { (void)one_layer({{0}, {0, 1}, {}}); }, "1 row indices");
    refuses([] { (void)one_layer({{2}, {0}, {}}); }, "row 2");
    refuses([] { (void)one_layer({{0}, {3}, {}}); }, "column 3");
    refuses([] { (void)one_layer({{0, 0}, {1, 0}, {}}); }, "entry 1");
    refuses([] { (void)one_layer({{0, 0}, {1, 1}, {}}); }, "entry 1");
    refuses([] { (void)one_layer({{1, 0}, {0, 1}, {}}); }, "entry 1");
    refuses([] { (void)one_layer({{}, {}, {2}}); }, "bias row 2");
    refuses([] { (void)one_layer({{}, {}, {1, 0}}); }, "bias row 0");
    refuses([] { (void)one_layer({{}, {}, {1, 1}}); }, "bias row 1");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(resident_experts)

BOOST_AUTO_TEST_CASE(an_expert_is_its_slice_of_the_array) {
    const Architecture net = Architecture::dense(std::array{1U, 1U});
    moe::ResidentExperts<double> experts(net, {1, 2, 3, 4, 5, 6});
    BOOST_TEST(experts.experts() == 3U);
    const auto lease = experts.acquire(2);
    BOOST_TEST(lease.expert() == 2U);
    BOOST_REQUIRE(lease.parameters().size() == 2U);
    BOOST_TEST(lease.parameters()[0] == 5.0);
    BOOST_TEST(lease.parameters()[1] == 6.0);
}

BOOST_AUTO_TEST_CASE(experts_that_do_not_exist_and_broken_sizes_are_refused) {
    const Architecture net = Architecture::dense(std::array{1U, 1U});
    moe::ResidentExperts<float> experts(net, {1, 2});
    BOOST_CHECK_THROW((void)experts.acquire(1), std::out_of_range);
    refuses([&] { moe::ResidentExperts<float>(net, {1, 2, 3}); }, "3 parameters");
    refuses([&] { moe::ResidentExperts<float>(net, {}); }, "0 parameters");
}

namespace {

class CountingSource final : public moe::ExpertSource<double> {
  public:
    [[nodiscard]] const Architecture& architecture() const override { return net_; }
    [[nodiscard]] std::uint64_t experts() const override { return 2; }
    [[nodiscard]] moe::ExpertLease<double> acquire(std::uint64_t expert) override {
        ++alive[expert];
        return {*this, expert, values_};
    }
    std::array<int, 2> alive{};

  private:
    void give_back(std::uint64_t expert) noexcept override { --alive.at(expert); }
    Architecture net_ = Architecture::dense(std::array{1U, 1U});
    std::vector<double> values_{1, 2};
};

} // namespace

BOOST_AUTO_TEST_CASE(a_lease_is_given_back_exactly_once) {
    CountingSource source;
    {
        auto lease = source.acquire(0);
        BOOST_TEST(source.alive[0] == 1);
        auto moved = std::move(lease);
        BOOST_TEST(source.alive[0] == 1);
        auto other = source.acquire(1);
        other = std::move(moved); // gives expert 1 back
        BOOST_TEST(source.alive[0] == 1);
        BOOST_TEST(source.alive[1] == 0);
        other.release();
        BOOST_TEST(source.alive[0] == 0);
        BOOST_TEST(other.parameters().empty());
        other.release();
    }
    BOOST_TEST(source.alive[0] == 0);
    BOOST_TEST(source.alive[1] == 0);
}

BOOST_AUTO_TEST_SUITE_END()
