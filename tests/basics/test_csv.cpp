#include "basics/csv.hpp"

#include "basics/error.hpp"
#include "basics/random.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace {

moe::TableSchema schema() {
    return {"sizes",
            "one column of each type",
            {{"exact", moe::ColumnType::boolean, ""},
             {"experts", moe::ColumnType::integer, ""},
             {"epsilon", moe::ColumnType::real, ""},
             {"note", moe::ColumnType::text, ""}}};
}

std::string message_of(std::string_view text) {
    try {
        static_cast<void>(moe::parse_csv(text, schema(), "sizes.csv"));
    } catch (const moe::InputError& error) {
        return error.what();
    }
    return "accepted";
}

bool same(const moe::Value& a, const moe::Value& b) {
    if (const double* const x = std::get_if<double>(&a)) {
        const double* const y = std::get_if<double>(&b);
        if (y == nullptr) return false;
        return std::isnan(*x)
                   ? std::isnan(*y)
                   : std::bit_cast<std::uint64_t>(*x) == std::bit_cast<std::uint64_t>(*y);
    }
    return a == b;
}

moe::Value random_entry(moe::ColumnType type, moe::RandomStream& random) {
    if (random.below(6) == 0) return {};
    switch (type) {
    case moe::ColumnType::boolean:
        return random.below(2) == 0;
    case moe::ColumnType::integer:
        return static_cast<std::int64_t>(random.bits() >> random.below(64));
    case moe::ColumnType::real: {
        const auto value = std::bit_cast<double>(random.bits());
        return random.below(2) == 0 ? value : random.normal();
    }
    case moe::ColumnType::text:
        break;
    }
    constexpr std::string_view letters = "ab\",\r\n' \t;#\0\xC3\xA9";
    std::string text;
    for (std::uint64_t left = random.below(8); left > 0; --left) {
        text += letters[random.below(letters.size())];
    }
    return text;
}

constexpr std::string_view header = "exact,experts,epsilon,note\r\n";

std::string with_header(std::string_view rest) {
    return std::string(header) + std::string(rest);
}

} // namespace

BOOST_AUTO_TEST_SUITE(csv)

BOOST_AUTO_TEST_CASE(a_table_is_written_as_rfc_4180_says) {
    moe::Table table(schema());
    table.add({true, std::int64_t{-3}, 0.1, std::string("plain")});
    table.add({false, std::monostate{}, 1e300, std::string("a \"b\", c")});
    table.add({std::monostate{}, std::int64_t{7}, std::int64_t{2}, std::string()});
    BOOST_TEST(moe::to_csv(table) == with_header("true,-3,0.1,plain\r\n"
                                                 "false,,1e+300,\"a \"\"b\"\", c\"\r\n"
                                                 ",7,2,\"\"\r\n"));
}

BOOST_AUTO_TEST_CASE(random_tables_come_back_exactly) {
    moe::RandomStream random(20240203, moe::cell_key("csv"), 0);
    for (int trial = 0; trial < 300; ++trial) {
        moe::Table table(schema());
        for (std::uint64_t rows = random.below(12); rows > 0; --rows) {
            moe::Row row;
            for (const moe::Column& column : table.schema().columns) {
                row.push_back(random_entry(column.type, random));
            }
            table.add(std::move(row));
        }
        const std::string text = moe::to_csv(table);
        const moe::Table back = moe::parse_csv(text, schema(), "sizes.csv");
        BOOST_TEST_REQUIRE(back.rows() == table.rows());
        for (std::size_t r = 0; r < table.rows(); ++r) {
            for (std::size_t c = 0; c < table.row(r).size(); ++c) {
                BOOST_TEST(same(table.row(r)[c], back.row(r)[c]), text);
            }
        }
        BOOST_TEST(moe::to_csv(back) == text);
    }
}

BOOST_AUTO_TEST_CASE(edges_of_the_number_types_come_back_exactly) {
    using Real = std::numeric_limits<double>;
    using Integer = std::numeric_limits<std::int64_t>;
    constexpr std::array reals{
        Real::min(),       Real::max(),       Real::lowest(), Real::denorm_min(), Real::infinity(),
        -Real::infinity(), Real::quiet_NaN(), -0.0,           0.1 + 0.2};
    moe::Table table(schema());
    for (const double value : reals) {
        table.add({{}, Integer::min(), value, {}});
        table.add({{}, Integer::max(), -value, {}});
    }
    const moe::Table back = moe::parse_csv(moe::to_csv(table), schema(), "sizes.csv");
    BOOST_TEST_REQUIRE(back.rows() == table.rows());
    for (std::size_t r = 0; r < table.rows(); ++r) {
        BOOST_TEST(same(table.row(r)[1], back.row(r)[1]));
        BOOST_TEST(same(table.row(r)[2], back.row(r)[2]));
    }
}

BOOST_AUTO_TEST_CASE(line_ends_of_unix_are_read_too) {
    const moe::Table table =
        moe::parse_csv("exact,experts,epsilon,note\ntrue,1,2,x\n", schema(), "sizes.csv");
    BOOST_TEST(table.rows() == 1U);
    BOOST_TEST(table.real(0, "epsilon") == 2.0);
}

BOOST_AUTO_TEST_CASE(a_wrong_header_names_the_column) {
    BOOST_TEST(message_of("exact,expert,epsilon,note\r\n") ==
               "sizes.csv: line 1, column 2: expected 'experts', found 'expert'");
    BOOST_TEST(message_of("exact,experts,epsilon\r\n") ==
               "sizes.csv: line 1, column 4: expected 'note', found the end of the header");
    BOOST_TEST(message_of("exact,experts,epsilon,note,more\r\n") ==
               "sizes.csv: line 1, column 5: expected no further column, found 'more'");
    BOOST_TEST(message_of("") == "sizes.csv: line 1: no header (empty file)");
}

BOOST_AUTO_TEST_CASE(a_ragged_row_names_its_line) {
    BOOST_TEST(message_of(with_header("true,1,2,x\r\ntrue,1,2\r\n")) ==
               "sizes.csv: line 3: 3 fields, the header has 4");
    BOOST_TEST(message_of(with_header("true,1,2,x,\r\n")) ==
               "sizes.csv: line 2: 5 fields, the header has 4");
    BOOST_TEST(message_of(with_header("\r\n")) == "sizes.csv: line 2: 1 fields, the header has 4");
}

BOOST_AUTO_TEST_CASE(a_field_of_another_type_names_line_and_column) {
    BOOST_TEST(message_of(with_header("1,1,2,x\r\n")) ==
               "sizes.csv: line 2, column 1 (exact): '1' is not true or false");
    BOOST_TEST(message_of(with_header("true,1.5,2,x\r\n")) ==
               "sizes.csv: line 2, column 2 (experts): '1.5' is not an integer");
    BOOST_TEST(message_of(with_header("true,9223372036854775808,2,x\r\n")) ==
               "sizes.csv: line 2, column 2 (experts): '9223372036854775808' is not an integer");
    for (const char* const text : {"1e999", "0x10", " 1", "1 ", "+1", "NaN", "infinity", "\"1\""}) {
        BOOST_TEST_CONTEXT(text) {
            const std::string message =
                message_of(with_header("true,1," + std::string(text) + ",x\r\n"));
            BOOST_TEST(message.find("line 2, column 3 (epsilon): ") != std::string::npos, message);
        }
    }
}

BOOST_AUTO_TEST_CASE(stray_quotes_are_refused_where_they_stand) {
    BOOST_TEST(message_of(with_header("true,1,2,x\"y\r\n")) ==
               "sizes.csv: line 2, column 4: stray quote in a field that is not quoted");
    BOOST_TEST(message_of(with_header("true,1,2,\"x\"y\r\n")) ==
               "sizes.csv: line 2, column 4: text after the closing quote");
    BOOST_TEST(message_of(with_header("true,1,2,\"x\r\n\r\n")) ==
               "sizes.csv: line 4, column 4: a quote is not closed");
    BOOST_TEST(message_of(with_header("true,1\r,2,x\r\n")) ==
               "sizes.csv: line 2, column 2: carriage return inside a line");
}

BOOST_AUTO_TEST_CASE(every_truncation_of_a_file_is_refused_or_ends_at_a_row) {
    const std::string text = with_header("true,1,2,\"x\r\ny\"\r\nfalse,22,0.25,\r\n");
    for (std::size_t length = 0; length < text.size(); ++length) {
        const bool row_end = length > 0 && text[length - 1] == '\n' && text[length - 2] == '\r' &&
                             text[length - 3] != 'x';
        BOOST_TEST((message_of(text.substr(0, length)) == "accepted") == row_end,
                   "cut at " << length);
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_missing_is_bad_input) {
    BOOST_CHECK_THROW(static_cast<void>(moe::read_csv("no/such/sizes.csv", schema())),
                      moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(table)

BOOST_AUTO_TEST_CASE(rows_that_do_not_fit_the_schema_are_refused) {
    moe::Table table(schema());
    BOOST_CHECK_THROW(table.add({true}), std::invalid_argument);
    BOOST_CHECK_THROW(table.add({std::int64_t{1}, std::int64_t{1}, 1.0, std::string()}),
                      std::invalid_argument);
    BOOST_CHECK_THROW(table.add({true, 1.0, 1.0, std::string()}), std::invalid_argument);
    BOOST_CHECK_THROW(table.add({{}, {}, (std::int64_t{1} << 53) + 1, {}}), std::invalid_argument);
    BOOST_TEST(table.rows() == 0U);
}

BOOST_AUTO_TEST_CASE(entries_are_read_by_name_and_type) {
    moe::Table table(schema());
    table.add({true, std::int64_t{5}, std::int64_t{2}, {}});
    BOOST_TEST(table.boolean(0, "exact"));
    BOOST_TEST(table.integer(0, "experts") == 5);
    BOOST_TEST(table.real(0, "epsilon") == 2.0);
    BOOST_TEST(table.empty_at(0, "note"));
    BOOST_CHECK_THROW(static_cast<void>(table.text(0, "note")), std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(table.real(0, "experts")), std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(table.real(0, "delta")), std::out_of_range);
    BOOST_CHECK_THROW(static_cast<void>(table.real(1, "epsilon")), std::out_of_range);
}

BOOST_AUTO_TEST_SUITE_END()
