#include "training/stack_shape.hpp"

#include "basics/error.hpp"
#include "training/initialisation.hpp"
#include "training/training_cases.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace {

using moe::AffineBlock;
using moe::StackShape;

} // namespace

BOOST_AUTO_TEST_SUITE(stack_shape)

BOOST_AUTO_TEST_CASE(parameters_are_counted_as_the_notes_count_them) {
    for (const std::size_t m : {1U, 10U, 16U, 128U}) {
        const StackShape deep({{2, 4, 3, {m}, true}, {4, 1, 3, {m}, true}});
        BOOST_TEST(deep.parameters() == 39 * m + 39);
        const StackShape shallow({{2, 1, 6, {m}, true}});
        BOOST_TEST(shallow.parameters() == 24 * m + 24);
        for (const std::size_t d : {2U, 16U, 128U}) {
            const StackShape circle({{d, 1, 4, {m}, true}});
            BOOST_TEST(circle.active_parameters() == m * (d + 2) + 1 + 4 * (d + 1));
        }
    }
    BOOST_TEST(StackShape({{3, 2, 1, {}, false}}).parameters() == 8U);
}

BOOST_AUTO_TEST_CASE(the_blocks_fill_the_flat_array_without_gap_or_overlap) {
    for (const auto& [name, shape] : cases::shapes()) {
        BOOST_TEST_CONTEXT(name) {
            std::size_t next = 0;
            const auto follows = [&next](const AffineBlock& block) {
                BOOST_TEST(block.offset == next);
                next += block.parameters();
            };
            for (std::size_t l = 0; l < shape.depth(); ++l) {
                if (shape.layer(l).gated)
                    follows(shape.gate(l));
                else
                    BOOST_CHECK_THROW((void)shape.gate(l), std::out_of_range);
                for (std::size_t e = 0; e < shape.layer(l).experts; ++e) {
                    for (const AffineBlock& map : shape.expert(l, e))
                        follows(map);
                }
            }
            BOOST_TEST(next == shape.parameters());
        }
    }
}

BOOST_AUTO_TEST_CASE(shapes_that_make_no_stack_are_refused) {
    const auto refused = [](std::vector<moe::LayerShape> layers) {
        BOOST_CHECK_THROW(StackShape(std::move(layers)), moe::InputError);
    };
    refused({});
    refused({{0, 1, 1, {}, true}});
    refused({{1, 0, 1, {}, true}});
    refused({{1, 1, 0, {}, true}});
    refused({{1, 1, 2, {3, 0}, true}});
    refused({{1, 1, 2, {3}, false}});
    refused({{2, 3, 2, {3}, true}, {2, 1, 2, {3}, true}});
}

BOOST_AUTO_TEST_CASE(starts_lie_within_their_bounds_and_fill_them) {
    const StackShape shape({{16, 4, 4, {10, 5}, true}, {4, 1, 3, {}, true}});
    for (const auto kind : {moe::Initialisation::data_scaled, moe::Initialisation::fan_in}) {
        const std::vector<double> start = moe::initial_parameters(shape, kind, cases::stream(77));
        const auto largest = [&](const AffineBlock& block, bool biases) {
            double value = 0.0;
            const std::size_t weights = block.inputs * block.outputs;
            for (std::size_t i = biases ? weights : 0; i < (biases ? block.parameters() : weights);
                 ++i)
                value = std::max(value, std::abs(start[block.offset + i]));
            return value;
        };
        const bool unit = kind == moe::Initialisation::data_scaled;
        for (std::size_t l = 0; l < 2; ++l) {
            const double first = unit ? 1.0 : l == 0 ? 0.25 : 0.5; // 1/sqrt(16), 1/sqrt(4)
            BOOST_TEST(largest(shape.gate(l), false) <= first);
            BOOST_TEST(largest(shape.gate(l), false) > 0.7 * first);
            BOOST_TEST(largest(shape.gate(l), true) == 0.0);
            BOOST_TEST(largest(shape.expert(l, 0)[0], false) <= first);
            BOOST_TEST(largest(shape.expert(l, 1)[0], true) > 0.0);
            BOOST_TEST(largest(shape.expert(l, 1)[0], true) <= first);
        }
        const double second = 1.0 / std::sqrt(10.0);
        BOOST_TEST(largest(shape.expert(0, 0)[1], false) <= second);
        BOOST_TEST(largest(shape.expert(0, 0)[1], false) > 0.8 * second);
        BOOST_TEST(largest(shape.expert(0, 0)[2], false) <= 1.0 / std::sqrt(5.0));
    }
}

BOOST_AUTO_TEST_SUITE_END()
