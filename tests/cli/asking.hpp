#pragma once
// Asking the theorem programs questions as a user would: --query on the command line or on stdin.

#include "support/process.hpp"

#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace moe_test {

inline std::string theorem(const std::string& name) {
    return std::string(PROGRAM_FOLDER) + "/" + name;
}

/// The answer, an empty object if the program refuses (which fails the test). The question goes
/// through stdin, which takes texts of any length.
inline nlohmann::json ask(const std::string& program, const nlohmann::json& question) {
    const ProcessResult result = run({.program = theorem(program),
                                      .arguments = {"--query", "-"},
                                      .standard_input = question.dump()});
    const bool answered =
        result.exit_code == 0 && result.err.empty() && std::ranges::count(result.out, '\n') == 1;
    BOOST_TEST(answered, program << " " << question << ": " << result.err);
    return answered ? nlohmann::json::parse(result.out) : nlohmann::json::object();
}

/// Whether two values agree: reals to a relative 1e-9, everything else exactly.
inline bool agree(const nlohmann::json& found, const nlohmann::json& expected) {
    if (expected.is_array()) {
        if (!found.is_array() || found.size() != expected.size()) return false;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (!agree(found[i], expected[i])) return false;
        }
        return true;
    }
    if (!expected.is_number_float()) return found == expected;
    if (!found.is_number()) return false;
    const auto value = expected.get<double>();
    return std::abs(found.get<double>() - value) <= 1e-9 * std::max(1.0, std::abs(value));
}

/// Fails unless the answer holds these values, each under its key; it may hold others.
inline void check_answer(const std::string& program, const nlohmann::json& question,
                         const nlohmann::json& expected) {
    const nlohmann::json answer = ask(program, question);
    for (const auto& [key, value] : expected.items()) {
        BOOST_TEST((answer.contains(key) && agree(answer.at(key), value)),
                   question << ": " << key << " should be " << value << ", answer " << answer);
    }
}

/// Fails unless the arguments are refused as bad usage: exit 2, one line on stderr that names the
/// culprit, nothing on stdout.
inline void check_refused(const std::string& program, const std::vector<std::string>& arguments,
                          const std::string& culprit) {
    const ProcessResult result = run({.program = theorem(program), .arguments = arguments});
    BOOST_TEST_CONTEXT(program << " " << nlohmann::json(arguments) << ": " << result.err) {
        BOOST_TEST(result.exit_code == 2);
        BOOST_TEST(result.out.empty());
        BOOST_TEST(std::ranges::count(result.err, '\n') == 1);
        BOOST_TEST(result.err.find(culprit) != std::string::npos, "does not name " << culprit);
    }
}

} // namespace moe_test
