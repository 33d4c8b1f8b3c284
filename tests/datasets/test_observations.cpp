#include "datasets/observations.hpp"

#include "support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// A CSV file for one test, removed with it.
class CsvFile {
  public:
    explicit CsvFile(std::string_view text)
        : path_(folder_.path() / "data.csv") {
        std::ofstream(path_, std::ios::binary) << text;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    moe_test::TemporaryFolder folder_;
    std::filesystem::path path_;
};

moe::Observations read(std::string_view text) {
    return moe::read_observations(CsvFile(text).path());
}

/// Requires one line with the path and every part.
void check_refused(std::string_view text, const std::vector<std::string>& parts) {
    const CsvFile file(text);
    try {
        (void)moe::read_observations(file.path());
        BOOST_ERROR("accepted: " << text);
    } catch (const moe::InputError& error) {
        const std::string message = error.what();
        BOOST_TEST_CONTEXT(message) {
            BOOST_TEST(message.starts_with(file.path().string() + ": "));
            BOOST_TEST(message.find('\n') == std::string::npos);
            for (const std::string& part : parts)
                BOOST_TEST(message.find(part) != std::string::npos, part);
        }
    }
}

BOOST_AUTO_TEST_SUITE(observations)

BOOST_AUTO_TEST_CASE(a_file_of_responses_and_features_is_read) {
    const moe::Observations data = read("y,x1,x2\n1.5,1,-2e-3\n-0.25,1,3\n");
    BOOST_REQUIRE_EQUAL(data.samples.x.rows(), 2);
    BOOST_REQUIRE_EQUAL(data.samples.x.cols(), 2);
    BOOST_TEST(data.samples.y(0) == 1.5);
    BOOST_TEST(data.samples.y(1) == -0.25);
    BOOST_TEST(data.samples.x(0, 0) == 1.0);
    BOOST_TEST(data.samples.x(0, 1) == -2e-3);
    BOOST_TEST(data.samples.x(1, 1) == 3.0);
    BOOST_TEST(data.responsibilities.size() == 0);
    BOOST_TEST(data.expert.empty());
}

BOOST_AUTO_TEST_CASE(start_responsibilities_and_known_experts_are_read_where_there_are_any) {
    const moe::Observations data = read("y,x1,r0,r1,r2,z\n1,2,0.25,0.25,0.5,2\n3,4,0,1,0,0\n");
    BOOST_REQUIRE_EQUAL(data.responsibilities.rows(), 2);
    BOOST_REQUIRE_EQUAL(data.responsibilities.cols(), 3);
    BOOST_TEST(data.responsibilities(0, 2) == 0.5);
    BOOST_TEST(data.responsibilities(1, 1) == 1.0);
    BOOST_TEST(data.expert == (std::vector<moe::Index>{2, 0}));
    BOOST_TEST(read("y,x1,z\n1,2,7\n").expert == (std::vector<moe::Index>{7}));
}

BOOST_AUTO_TEST_CASE(line_ends_of_both_kinds_and_a_missing_last_one_are_allowed) {
    for (const char* text : {"y,x1\n1,2\n3,4\n", "y,x1\r\n1,2\r\n3,4\r\n", "y,x1\n1,2\n3,4"}) {
        const moe::Observations data = read(text);
        BOOST_REQUIRE_EQUAL(data.samples.y.size(), 2);
        BOOST_TEST(data.samples.x(1, 0) == 4.0);
    }
}

BOOST_AUTO_TEST_CASE(seventeen_digits_read_back_to_the_same_double) {
    BOOST_TEST(read("y,x1\n0.10000000000000001,-1.1433491390700411\n").samples.y(0) == 0.1);
}

BOOST_AUTO_TEST_CASE(numbers_that_are_not_finite_are_refused_by_line_and_column) {
    for (const char* bad : {"nan", "NaN", "inf", "-inf", "1e999", "", "1 ", "0x1", "1;2", "\"1\""})
        check_refused(std::string("y,x1,x2\n1,2,3\n4,") + bad + ",6\n",
                      {"line 3", "column 2", "x1", "allowed: a finite number"});
    check_refused("y,x1\nNA,1\n", {"line 2", "column 1 (y)", "'NA'"});
    check_refused("y,x1,r0,r1\n1,1,nan,1\n", {"line 2", "column 3 (r0)", "'nan'"});
}

BOOST_AUTO_TEST_CASE(headers_of_another_form_are_refused_by_column) {
    check_refused("x1,y\n1,2\n", {"line 1", "column 1", "'x1'", "allowed: y"});
    check_refused("y\n1\n", {"line 1", "column 2", "end of the header", "allowed: x1"});
    check_refused("y,x2\n1,2\n", {"column 2", "'x2'", "allowed: x1"});
    check_refused("y,x1,x3\n1,2,3\n", {"column 3", "'x3'", "x2"});
    check_refused("y,x1,r1\n1,2,1\n", {"column 3", "'r1'", "r0"});
    check_refused("y,x1,r0\n1,2,1\n", {"column 4", "allowed: r1"});
    check_refused("y,x1,r0,z\n1,2,1,0\n", {"column 4", "'z'", "allowed: r1"});
    check_refused("y,x1,z,r0\n1,2,0,1\n", {"column 4", "'r0'", "no column after z"});
    check_refused("y,x1,r0,r1,q\n1,2,0,1,1\n", {"column 5", "'q'", "r2"});
    check_refused("y,x1, x2\n1,2,3\n", {"column 3", "' x2'"});
}

BOOST_AUTO_TEST_CASE(responsibilities_must_be_a_distribution_in_each_row) {
    check_refused("y,x1,r0,r1\n1,2,0.5,0.5\n1,2,-0.1,1.1\n",
                  {"line 3", "column 3 (r0)", "'-0.1'", ">= 0"});
    check_refused("y,x1,r0,r1\n1,2,0.5,0.4\n", {"line 2", "column 3", "0.9", "1 within 1e-9"});
    check_refused("y,x1,r0,r1\n1,2,0.5,0.500000002\n", {"line 2", "1 within 1e-9"});
    check_refused("y,x1,r0,r1\n1,2,1e308,1e308\n", {"line 2", "inf"});
    BOOST_TEST(read("y,x1,r0,r1\n1,2,0.5,0.5000000005\n").responsibilities(0, 0) == 0.5);
}

BOOST_AUTO_TEST_CASE(known_experts_are_counted_from_zero) {
    for (const char* bad : {"-1", "1.0", "a", "", "99999999999"})
        check_refused(std::string("y,x1,z\n1,2,0\n1,2,") + bad + "\n",
                      {"line 3", "column 3 (z)", "expert's number"});
}

BOOST_AUTO_TEST_CASE(files_without_rows_and_ragged_rows_are_refused) {
    check_refused("", {"line 1", "empty file"});
    check_refused("y,x1\n", {"line 2", "no rows", "at least 1"});
    check_refused("y,x1\n1,2\n1\n", {"line 3", "1 fields", "the header has 2"});
    check_refused("y,x1\n1,2\n1,2,3\n", {"line 3", "3 fields"});
    check_refused("y,x1\n1,2\n\n", {"line 3"});
}

BOOST_AUTO_TEST_CASE(a_path_that_is_no_file_is_refused) {
    for (const char* path : {"/nonexistent/data.csv", "/"}) {
        try {
            (void)moe::read_observations(path);
            BOOST_ERROR("accepted: " << path);
        } catch (const moe::InputError& error) {
            BOOST_TEST(std::string(error.what()).find(path) != std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
