// A small program on the frame of the theorem programs, for the tests of that frame. Its claims:
// the mean of n uniform numbers misses 1/2 by C n^{-1/2} (root mean square over repetitions), and
// 1 + ... + n = n(n+1)/2.

#include "basics/error.hpp"
#include "program/program.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <fstream>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using moe::CellContext;
using moe::CellResult;
using moe::Options;

/// Waits in steps, as a long computation would poll.
void delay(const CellContext& context, std::int64_t milliseconds) {
    for (std::int64_t waited = 0; waited < milliseconds; ++waited) {
        context.leave_if_stopped();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

CellResult mean_error(const CellContext& context, const Options& options, std::int64_t n,
                      std::int64_t repetition) {
    delay(context, options.integer("delay"));
    auto random = context.stream(0);
    double sum = 0.0;
    for (std::int64_t i = 0; i < n; ++i)
        sum += random.uniform();
    const double bias = options.sabotage() == "bias" ? 0.25 : 0.0;
    CellResult result;
    result.add("errors", {n, repetition, std::abs(sum / static_cast<double>(n) - 0.5) + bias});
    return result;
}

/// Sums numbers that took the way through a scratch file.
CellResult triangle(const CellContext& context, const Options& options, std::int64_t n) {
    delay(context, options.integer("delay"));
    const auto file = context.scratch() / "numbers.txt";
    std::ofstream out(file);
    for (std::int64_t i = 1; i <= n; ++i)
        out << i << ' ';
    out.close();
    std::int64_t sum = options.sabotage() == "off-by-one" ? 1 : 0;
    std::ifstream in(file);
    for (std::int64_t i = 0; in >> i;)
        sum += i;
    CellResult result;
    result.add_timing("triangle", 0.25);
    result.add("sums", {n, sum, std::string("a \"quoted\", text"), std::monostate{}});
    return result;
}

/// Ways to fail, for the tests of exit codes.
CellResult failing(const std::string& how) {
    if (how == "memory") throw std::bad_alloc();
    if (how == "environment") throw moe::EnvironmentError("the disk is on fire");
    if (how == "input") throw moe::InputError("--failure: 'input' is not allowed; allowed: none");
    if (how == "defect") throw std::out_of_range("no such thing");
    return {};
}

moe::Plan plan(const Options& options) {
    if (options.integers("sizes").back() == 13)
        throw moe::InputError("--sizes: '13' is not allowed; allowed: other numbers");
    moe::Plan plan;
    for (const std::int64_t n : options.integers("sizes"))
        for (std::int64_t r = 0; r < options.integer("repetitions"); ++r)
            plan.push_back({.name = "mean.n" + std::to_string(n) + ".r" + std::to_string(r),
                            .check = "rates",
                            .cost = static_cast<double>(n),
                            .run = [=](const CellContext& context) {
                                return mean_error(context, options, n, r);
                            }});
    for (std::int64_t n = 1; n <= options.integer("terms"); ++n)
        plan.push_back(
            {.name = "triangle.n" + std::to_string(n),
             .check = "sums",
             .cost = 1.0,
             .run = [=](const CellContext& context) { return triangle(context, options, n); }});
    if (options.text("failure") != "none")
        plan.push_back(
            {.name = "failure",
             .check = "sums",
             .cost = 1e9,
             .run = [how = options.text("failure")](const CellContext&) { return failing(how); }});
    return plan;
}

moe::Judgement judge(const Options& options, const moe::Tables& tables) {
    moe::Judgement judgement;
    if (options.selected("rates")) {
        const moe::Table& errors = tables.at("errors");
        std::vector<double> sizes;
        std::vector<std::vector<double>> repetitions;
        for (std::size_t row = 0; row < errors.rows(); ++row) {
            const auto n = static_cast<double>(errors.integer(row, "n"));
            if (sizes.empty() || sizes.back() != n) {
                sizes.push_back(n);
                repetitions.emplace_back();
            }
            repetitions.back().push_back(errors.real(row, "error"));
        }
        judgement.rates.push_back(moe::bootstrap_rate({.id = "mean.rate",
                                                       .quantity = "error of the mean against n",
                                                       .claimed = -0.5,
                                                       .tolerance = options.real("tolerance")},
                                                      sizes, repetitions, options.seed()));
        moe::Claim claim;
        claim.id = "T.rate";
        judgement.claims.push_back(moe::rate_claim(judgement.rates.back(), claim));
    }
    if (tables.at("sums").rows() > 0) {
        const moe::Table& sums = tables.at("sums");
        bool equal = true;
        for (std::size_t row = 0; row < sums.rows(); ++row) {
            const std::int64_t n = sums.integer(row, "n");
            equal = equal && sums.integer(row, "sum") == n * (n + 1) / 2;
        }
        moe::Claim claim;
        claim.id = "T.sum";
        claim.expected = {moe::Relation::holds, 1.0, 0.0};
        claim.measured = {equal ? 1.0 : 0.0, std::nullopt, static_cast<std::int64_t>(sums.rows())};
        claim.verdict = moe::judge(claim.expected, claim.measured.estimate);
        claim.evidence = "exact integers, cannot alarm falsely";
        judgement.claims.push_back(claim);
    }
    return judgement;
}

nlohmann::ordered_json sum_query(moe::Query& query) {
    const std::int64_t n = query.integer("n", 1, 1000);
    return {{"sum", n * (n + 1) / 2}};
}

nlohmann::ordered_json norm_query(moe::Query& query) {
    const auto n = static_cast<std::size_t>(query.integer("n", 1, 8));
    nlohmann::ordered_json norms = nlohmann::ordered_json::array();
    for (const auto& point : query.points("x", n, {.low = 0.0, .high = 1.0})) {
        double square = 0.0;
        for (const double coordinate : point)
            square += coordinate * coordinate;
        norms.push_back(std::sqrt(square));
    }
    return {{"norm", norms}};
}

moe::Program program() {
    using enum moe::ColumnType;
    return {
        .name = "toy_theorem",
        .papers = {"Gauss, at school"},
        .summary = "The mean of n uniform numbers misses 1/2 by order n^(-1/2). "
                   "The sum 1 + ... + n is n(n+1)/2.",
        .example = "toy_theorem --preset quick --sizes 16,64,256",
        .checks = {{"rates", "the error of the mean"}, {"sums", "sums against the closed form"}},
        .presets = {{"quick", 1}, {"full", 5}},
        .options = {moe::integers_option("sizes", "numbers that are averaged",
                                         {.low = 1, .high = 1'000'000}, {16, 64, 256, 1024},
                                         {16, 64, 256, 1024, 4096}),
                    moe::integer_option("repetitions", "means of each size",
                                        {.low = 2, .high = 1000}, 8, 200),
                    moe::integer_option("terms", "largest n of the sums", {.low = 0, .high = 1000},
                                        10, 100),
                    moe::real_option("tolerance", "allowed distance of the exponent",
                                     {.low = 0.0, .high = 10.0, .low_open = true}, 0.3, 0.1),
                    moe::integer_option("delay", "time that each cell waits",
                                        {.low = 0, .high = 100'000}, 0, 0, "ms"),
                    moe::choice_option("failure", "a way to fail",
                                       {"none", "memory", "environment", "input", "defect"}, "none",
                                       "none"),
                    moe::input_file_option("data", "a file that is not used"),
                    moe::flag_option("shout", "changes nothing")},
        .tables = {{"errors",
                    "errors of means",
                    {{"n", integer, "numbers averaged"},
                     {"repetition", integer, "index"},
                     {"error", real, "|mean - 1/2|"}}},
                   {"sums",
                    "sums",
                    {{"n", integer, "number of terms"},
                     {"sum", integer, "1 + ... + n"},
                     {"note", text, "a text that needs quotes"},
                     {"nothing", real, "never applicable"}}}},
        .figures = {{"toy_rate", "Error of the mean", "Error against n, slope -1/2."}},
        .claims = {{"T.rate", "rates", "Gauss, at school", "claim 1", "error ~ n^(-1/2)"},
                   {"T.sum", "sums", "Gauss, at school", "claim 2", "1 + ... + n = n(n+1)/2"}},
        .sabotages = {{"bias", "adds 1/4 to every error", "rates", {"--only", "rates"}},
                      {"off-by-one", "starts every sum at 1", "sums", {"--only", "sums"}}},
        .plan = plan,
        .judge = judge,
        .queries = {{"sum", "n -> sum", sum_query}, {"norm", "n, x -> norm[]", norm_query}},
    };
}

} // namespace

int main(int argc, char** argv) {
    return moe::run(program(), argc, argv);
}
