// Options as checked value types, and their way from the command line.

#include "basics/error.hpp"
#include "program/command_line.hpp"
#include "program/options.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace moe;

const OptionSpec size = integer_option("size", "a size", {.low = 1, .high = 8}, 2, 4, "cells");
const OptionSpec epsilon =
    real_option("epsilon", "an accuracy", {.low = 0.0, .high = 0.5, .low_open = true}, 0.1, 0.01);
const OptionSpec form = choice_option("form", "a form", {"wide", "narrow"}, "wide", "wide");
const OptionSpec sizes =
    integers_option("sizes", "sizes", {.low = 1}, {1, 2}, {1, 2, 3}, "", {.least = 2, .most = 4});
const OptionSpec reals = reals_option("levels", "levels", {.low = 0.0}, {0.5}, {0.5});

/// The message with which a text is refused; fails the test if it is accepted.
std::string refusal(const OptionSpec& spec, const std::string& text) {
    try {
        const OptionValue value = parse_option(spec, text);
        BOOST_ERROR("'" << text << "' was accepted as " << to_string(value));
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

Program small_program() {
    Program program;
    program.name = "small";
    program.checks = {{"alpha", ""}, {"beta", ""}};
    program.options = {size,
                       epsilon,
                       form,
                       sizes,
                       flag_option("loud", "a flag"),
                       text_option("label", "a text", "none")};
    program.sabotages = {{"break", "it", "alpha", {}}};
    return program;
}

Command parse(const std::vector<std::string>& arguments) {
    return parse_command_line(small_program(), arguments);
}

std::string refusal(const std::vector<std::string>& arguments) {
    try {
        const Command command = parse(arguments);
        BOOST_ERROR("accepted, seed " << command.options.seed());
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

/// The message with which a list is refused for a value that stands in it twice; "" if it is not.
template<class T>
std::string repetition(const std::vector<T>& values) {
    try {
        require_different("sizes", values);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(option_values)

BOOST_AUTO_TEST_CASE(an_integer_is_taken_only_as_a_whole_and_inside_its_range) {
    BOOST_TEST(std::get<std::int64_t>(parse_option(size, "1")) == 1);
    BOOST_TEST(std::get<std::int64_t>(parse_option(size, "8")) == 8);
    for (const char* text : {"0", "9", "-1", "1.0", "1e0", " 1", "1 ", "+1", "0x1", "", "nan", "1x",
                             "99999999999999999999"})
        BOOST_TEST(contains(refusal(size, text), "--size: '" + std::string(text) + "'"));
    BOOST_TEST(refusal(size, "9") == "--size: '9' is not allowed; allowed: an integer 1..8");
}

BOOST_AUTO_TEST_CASE(a_real_respects_open_and_closed_ends_and_is_finite) {
    BOOST_TEST(std::get<double>(parse_option(epsilon, "0.5")) == 0.5);
    BOOST_TEST(std::get<double>(parse_option(epsilon, "1e-300")) == 1e-300);
    for (const char* text : {"0", "-0.1", "0.5000001", "nan", "NAN", "inf", "-inf", "infinity",
                             "1e999", "0.1x", "0,1", "", " 0.1", "--"})
        refusal(epsilon, text);
    BOOST_TEST(refusal(epsilon, "0") ==
               "--epsilon: '0' is not allowed; allowed: a real number (0, 0.5]");
}

BOOST_AUTO_TEST_CASE(a_choice_is_taken_only_in_full) {
    BOOST_TEST(std::get<std::string>(parse_option(form, "narrow")) == "narrow");
    for (const char* text : {"n", "Wide", "wide ", ""})
        BOOST_TEST(contains(refusal(form, text), "one of wide, narrow"));
}

BOOST_AUTO_TEST_CASE(a_list_is_checked_entry_by_entry_and_by_its_length) {
    const std::vector<std::int64_t> expected = {3, 5, 4};
    BOOST_TEST(std::get<std::vector<std::int64_t>>(parse_option(sizes, "3,5,4")) == expected,
               boost::test_tools::per_element());
    for (const char* text : {"3", "1,2,3,4,5", "1,,2", "1,2,", ",1,2", "1, 2", "1,0", "1;2", "1,x"})
        refusal(sizes, text);
    BOOST_TEST(to_string(parse_option(reals, "0.30000000000000004,1e-3")) ==
               "0.30000000000000004,0.001");
    refusal(reals, "0.1,nan");
    BOOST_TEST(
        contains(refusal(sizes, "3"), "allowed: 2 to 4 comma-separated integers at least 1"));
    BOOST_TEST(contains(refusal(reals, "x"), "allowed: comma-separated real numbers finite, >= 0"));
}

BOOST_AUTO_TEST_CASE(a_value_that_stands_in_a_list_twice_is_refused_wherever_it_stands) {
    using Integers = std::vector<std::int64_t>;
    using Reals = std::vector<double>;
    BOOST_TEST(repetition(Integers{}) == "");
    BOOST_TEST(repetition(Integers{3, -3, 1}) == "");
    BOOST_TEST(repetition(Reals{0.1, 0.1000000000000001}) == "");
    BOOST_TEST(repetition(Integers{3, 1, 3}) ==
               "--sizes: '3' is given twice; allowed: different values");
    BOOST_TEST(repetition(Reals{0.5, 1e-3, 0.001}) ==
               "--sizes: '0.001' is given twice; allowed: different values");
    BOOST_TEST(contains(repetition(Reals{0.0, -0.0}), "twice"));
}

BOOST_AUTO_TEST_CASE(an_input_file_must_be_a_readable_file) {
    const OptionSpec file = input_file_option("data", "a file");
    refusal(file, "/nonexistent/file");
    refusal(file, "/");
    BOOST_TEST(std::get<std::string>(parse_option(file, "/proc/self/exe")) == "/proc/self/exe");
}

BOOST_AUTO_TEST_CASE(a_default_outside_its_own_range_is_a_defect_of_the_declaration) {
    OptionSpec broken = size;
    validate(broken);
    broken.full = std::int64_t{9};
    BOOST_CHECK_THROW(validate(broken), std::invalid_argument);
    broken.full = 1.0;
    BOOST_CHECK_THROW(validate(broken), std::invalid_argument);
    OptionSpec misnamed = size;
    misnamed.name = "Size";
    BOOST_CHECK_THROW(validate(misnamed), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(accessors_refuse_names_and_types_that_were_not_declared) {
    const Options options = parse({}).options;
    BOOST_TEST(options.integer("size") == 2);
    BOOST_CHECK_THROW((void)options.integer("sise"), std::out_of_range);
    BOOST_CHECK_THROW((void)options.real("size"), std::invalid_argument);
    BOOST_CHECK_THROW((void)options.flag("epsilon"), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(command_line)

BOOST_AUTO_TEST_CASE(presets_set_the_defaults_and_given_options_override_them) {
    BOOST_TEST(parse({}).options.integer("size") == 2);
    const Options full = parse({"--preset", "full"}).options;
    BOOST_TEST(full.integer("size") == 4);
    BOOST_TEST(full.real("epsilon") == 0.01);
    const Options mixed = parse({"--size=3", "--preset=full"}).options;
    BOOST_TEST(mixed.integer("size") == 3);
    const auto effective = mixed.effective();
    BOOST_TEST(effective.size() == 6U);
    BOOST_TEST(effective[0].given);
    BOOST_TEST(effective[0].unit == "cells");
    BOOST_TEST(!effective[1].given);
}

BOOST_AUTO_TEST_CASE(both_ways_to_write_a_value_mean_the_same) {
    BOOST_TEST(parse({"--seed", "7"}).options.seed() == 7U);
    BOOST_TEST(parse({"--seed=18446744073709551615"}).options.seed() == 18446744073709551615U);
    BOOST_TEST(parse({"--label=--x"}).options.text("label") == "--x");
    BOOST_TEST(parse({"--label", "a b"}).options.text("label") == "a b");
}

BOOST_AUTO_TEST_CASE(what_is_not_exactly_an_option_is_refused_by_name) {
    BOOST_TEST(contains(refusal({"--sise", "3"}), "--sise"));
    BOOST_TEST(contains(refusal({"--see", "3"}), "--see"));
    BOOST_TEST(contains(refusal({"--Seed", "3"}), "--Seed"));
    BOOST_TEST(contains(refusal({"-s", "3"}), "-s"));
    BOOST_TEST(contains(refusal({"-h"}), "-h"));
    BOOST_TEST(contains(refusal({"stray"}), "stray"));
    BOOST_TEST(contains(refusal({"--", "stray"}), "stray"));
    BOOST_TEST(contains(refusal({"--loud", "yes"}), "yes"));
    BOOST_TEST(contains(refusal({""}), "''"));
    BOOST_TEST(contains(refusal({"-"}), "-"));
}

BOOST_AUTO_TEST_CASE(values_are_demanded_where_due_and_refused_elsewhere) {
    BOOST_TEST(contains(refusal({"--seed"}), "--seed"));
    BOOST_TEST(contains(refusal({"--seed="}), "--seed"));
    BOOST_TEST(contains(refusal({"--quiet=yes"}), "--quiet"));
    BOOST_TEST(contains(refusal({"--loud=no"}), "--loud"));
    BOOST_TEST(contains(refusal({"--out", "--quiet"}), "--out"));
    BOOST_TEST(contains(refusal({"--seed", "-1"}), "--seed: '-1'"));
    BOOST_TEST(contains(refusal({"--seed", "1e3"}), "--seed"));
    BOOST_TEST(contains(refusal({"--seed", "18446744073709551616"}), "--seed"));
    BOOST_TEST(contains(refusal({"--threads", "0"}), "--threads"));
    BOOST_TEST(contains(refusal({"--threads", "-2"}), "--threads: '-2'"));
    BOOST_TEST(contains(refusal({"--preset", "medium"}), "quick, full"));
    BOOST_TEST(contains(refusal({"--device", "tpu"}), "auto, cpu, cuda"));
}

BOOST_AUTO_TEST_CASE(an_option_may_be_given_once_except_only) {
    BOOST_TEST(contains(refusal({"--seed", "1", "--seed", "1"}), "--seed"));
    BOOST_TEST(contains(refusal({"--loud", "--loud"}), "--loud"));
    const Options options = parse({"--only", "beta", "--only", "alpha", "--only", "beta"}).options;
    BOOST_TEST(options.selected("alpha"));
    BOOST_TEST(options.only().size() == 2U);
    BOOST_TEST(!parse({"--only", "beta"}).options.selected("alpha"));
    BOOST_TEST(parse({}).options.selected("alpha"));
    BOOST_TEST(contains(refusal({"--only", "gamma"}), "alpha, beta"));
}

BOOST_AUTO_TEST_CASE(a_sabotage_must_be_a_declared_one) {
    BOOST_TEST(parse({"--sabotage", "break"}).options.sabotage() == "break");
    BOOST_TEST(contains(refusal({"--sabotage", "smash"}), "--sabotage: 'smash'"));
}

BOOST_AUTO_TEST_CASE(the_modes_exclude_each_other) {
    BOOST_TEST((parse({"--describe"}).mode == Mode::describe));
    BOOST_TEST((parse({"--query", "{}"}).mode == Mode::query));
    BOOST_TEST(contains(refusal({"--describe", "--help"}), "--describe"));
}

BOOST_AUTO_TEST_CASE(the_device_of_a_program_without_device_parts_is_the_cpu) {
    const Command command = parse({"--device", "auto"});
    BOOST_TEST(command.options.device() == "cpu");
    BOOST_TEST(!command.device_reason.empty());
    BOOST_TEST(parse({"--device", "cpu"}).device_reason.empty());
    // The environment fails, or there is a GPU and nothing to run there (test_device.cpp).
    BOOST_CHECK_THROW((void)parse({"--device", "cuda"}), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
