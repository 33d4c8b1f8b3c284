// A table that is made once enough inputs were routed without it.

#include "routing/earned_table.hpp"

#include "basics/parallel.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>

using moe::EarnedTable;

BOOST_AUTO_TEST_SUITE(earned_table)

BOOST_AUTO_TEST_CASE(the_input_that_reaches_the_price_gets_the_table) {
    EarnedTable<int> table(5);
    int made = 0;
    const auto make = [&] {
        ++made;
        return std::make_unique<const int>(7);
    };
    BOOST_TEST((table.after(2, make) == nullptr));
    BOOST_TEST((table.after(0, make) == nullptr));
    BOOST_TEST((table.after(2, make) == nullptr));
    BOOST_TEST(made == 0);
    const int* const there = table.after(1, make);
    BOOST_REQUIRE(there != nullptr);
    BOOST_TEST(*there == 7);
    BOOST_TEST((table.after(1000, make) == there));
    BOOST_TEST((table.made() == there));
    BOOST_TEST(made == 1);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_made_is_tried_once) {
    for (const bool throws : {false, true}) {
        EarnedTable<int> table(0); // counts as 1
        int tries = 0;
        const auto make = [&]() -> std::unique_ptr<const int> {
            ++tries;
            if (throws) throw std::runtime_error("no memory");
            return nullptr;
        };
        if (throws)
            BOOST_CHECK_THROW((void)table.after(3, make), std::runtime_error);
        else
            BOOST_TEST((table.after(3, make) == nullptr));
        BOOST_TEST((table.after(3, make) == nullptr));
        BOOST_TEST(tries == 1);
    }
}

BOOST_AUTO_TEST_CASE(of_many_threads_one_makes_it) {
    for (int trial = 0; trial < 50; ++trial) {
        EarnedTable<int> table(100);
        std::atomic<int> made = 0;
        std::atomic<int> without = 0;
        moe::parallel_for(400, 4, [&](std::size_t /*call*/) {
            const int* const value = table.after(1, [&] {
                ++made;
                return std::make_unique<const int>(7);
            });
            if (value == nullptr || *value != 7) ++without;
        });
        BOOST_TEST(made == 1);
        BOOST_TEST(without >= 99);
        BOOST_TEST((table.made() != nullptr && *table.made() == 7));
    }
}

BOOST_AUTO_TEST_SUITE_END()
