#include "shared/user_data.hpp"
#include "shared/user_fit.hpp"

#include "support/temporary_folder.hpp"

#include "basics/error.hpp"
#include "datasets/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <numbers>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using moe::Index;
using moe::Matrix;
using moe::OptionValue;
using moe::Vector;

const std::string two_experts = "y,x1,x2\n"
                                "1,1,0.5\n2,1,1\n3,1,1.5\n0.5,1,2\n-1,1,2.5\n"
                                "0,1,-0.5\n-2,1,-1\n4,1,0.25\n2,1,3\n";

/// The text in a file, and options for it.
class Given {
  public:
    explicit Given(const std::string& text, std::map<std::string, OptionValue> options = {})
        : file_((folder_.path() / "data.csv").string())
        , options_(std::move(options)) {
        std::ofstream(file_, std::ios::binary) << text;
        options_.emplace("data", file_);
    }

    [[nodiscard]] shared::UserData read() const {
        auto data = shared::user_data(moe::Options(shared::user_data_options(), {}, options_));
        BOOST_REQUIRE(data.has_value());
        return *data;
    }

    /// Requires that reading is refused by one line with every part, the file by <file>.
    void check_refused(const std::vector<std::string>& parts) const {
        try {
            (void)read();
            BOOST_ERROR("accepted");
        } catch (const moe::InputError& error) {
            std::string message = error.what();
            if (const auto at = message.find(file_); at != std::string::npos)
                message.replace(at, file_.size(), "<file>");
            BOOST_TEST_CONTEXT(message) {
                BOOST_TEST(message.find('\n') == std::string::npos);
                for (const std::string& part : parts)
                    BOOST_TEST(message.find(part) != std::string::npos, part);
            }
        }
    }

  private:
    moe_test::TemporaryFolder folder_;
    std::string file_;
    std::map<std::string, OptionValue> options_;
};

OptionValue text(const char* value) {
    return std::string(value);
}

OptionValue integer(std::int64_t value) {
    return value;
}

/// A well separated sample of free-variance experts with z as CSV.
std::string separated_sample(Index n, moe::SyntheticData& data) {
    data = moe::gated_data(
        {.shape = {moe::ExpertFamily::linear, 2, 2, 1}, .sigma = 0.5, .n = n, .expert_scale = 4.0},
        moe::FixtureSource(5));
    std::ostringstream out;
    out.precision(17);
    out << "y,x1,x2,z\n";
    for (Index i = 0; i < n; ++i)
        out << data.samples.y(i) << ',' << data.samples.x(i, 0) << ',' << data.samples.x(i, 1)
            << ',' << data.expert[static_cast<std::size_t>(i)] << '\n';
    return out.str();
}

BOOST_AUTO_TEST_SUITE(user_data)

BOOST_AUTO_TEST_CASE(without_a_file_there_is_nothing) {
    BOOST_TEST(!shared::user_data(moe::Options(shared::user_data_options(), {}, {})).has_value());
}

BOOST_AUTO_TEST_CASE(the_model_is_that_of_the_options) {
    const shared::UserData data =
        Given(two_experts, {{"data-sigma", 0.5}, {"data-lambda", 0.25}}).read();
    BOOST_TEST(data.shape.p == 2);
    BOOST_TEST(data.shape.K == 2);
    BOOST_TEST(data.parameters() == 2 + 4);
    const auto model = shared::make_model(data);
    BOOST_TEST(model->parameters() == 6);
    BOOST_TEST(model->lambda() == 0.25);
    // At theta = 0 the density is that of N(0, sigma^2), whatever the gate says.
    double loss = 0.0;
    for (const double y : data.observations.samples.y)
        loss += (y * y / (2.0 * 0.25) + 0.5 * std::log(2.0 * std::numbers::pi * 0.25)) / 9.0;
    BOOST_TEST(std::abs(model->loss(Vector::Zero(6)) - loss) <= 1e-13);
}

BOOST_AUTO_TEST_CASE(a_constant_is_added_on_demand_only) {
    const shared::UserData plain = Given(two_experts).read();
    BOOST_TEST(plain.feature_name(0) == "x1");
    const shared::UserData extended = Given(two_experts, {{"data-intercept", true}}).read();
    BOOST_TEST(extended.shape.p == 3);
    BOOST_TEST(extended.observations.samples.x.col(0) == Vector::Ones(9));
    BOOST_TEST(extended.observations.samples.x.col(2) == plain.observations.samples.x.col(1));
    BOOST_TEST(extended.feature_name(0) == "1");
    BOOST_TEST(extended.feature_name(1) == "x1");
}

BOOST_AUTO_TEST_CASE(fewer_samples_than_parameters_are_refused) {
    Given("y,x1\n1,2\n2,1\n", {}).check_refused({"<file>: 2 rows", "at least 3"});
    Given(two_experts, {{"data-experts", integer(3)}, {"data-family", text("free-variance")}})
        .check_refused({"9 rows", "at least 13"});
}

BOOST_AUTO_TEST_CASE(responses_that_do_not_fit_the_family_are_refused) {
    const std::string classes = "y,x1\n0,1\n1,2\n2,3\n1,4\n0,1\n0,2\n";
    BOOST_TEST(Given(classes, {{"data-family", text("multinomial")}, {"data-classes", integer(3)}})
                   .read()
                   .shape.C == 3);
    Given(classes, {{"data-family", text("logistic")}})
        .check_refused({"<file>: row 3 of the data", "'2'", "classes 0..1"});
    Given("y,x1\n0,1\n0.5,2\n1,3\n", {{"data-family", text("logistic")}})
        .check_refused({"row 2", "'0.5'"});
    Given("y,x1\n0,1\n-1,2\n1,3\n", {{"data-family", text("logistic")}})
        .check_refused({"row 2", "'-1'"});
    Given("y,x1\n1,1\n0,2\n", {{"data-family", text("sym-log")}})
        .check_refused({"row 2", "'0'", "-1 and 1"});
}

BOOST_AUTO_TEST_CASE(columns_for_another_number_of_experts_are_refused) {
    const std::string three = "y,x1,r0,r1,r2\n1,2,1,0,0\n2,3,0,1,0\n1,1,0,0,1\n3,1,0,0,1\n2,2,1,0,"
                              "0\n1,3,0,1,0\n";
    Given(three).check_refused({"<file>: 3 columns r0", "allowed: 2"});
    BOOST_TEST(Given(three, {{"data-experts", integer(3)}}).read().starts == 1);
    Given(three, {{"data-experts", integer(3)}, {"data-starts", integer(4)}})
        .check_refused({"--data-starts: '4'", "allowed: 1"});
    Given("y,x1,z\n1,2,0\n2,1,1\n1,3,2\n").check_refused({"row 3", "z is '2'", "0..1"});
}

BOOST_AUTO_TEST_CASE(options_that_the_family_does_not_use_are_refused) {
    Given(two_experts, {{"data-family", text("free-variance")}, {"data-sigma", 2.0}})
        .check_refused({"--data-sigma: '2'", "free-variance", "linear only"});
    Given(two_experts, {{"data-family", text("free-variance")}, {"data-lambda", 0.1}})
        .check_refused({"--data-lambda: '0.1'", "free-variance"});
    Given(two_experts, {{"data-classes", integer(3)}}).check_refused({"--data-classes", "linear"});
    Given(two_experts, {{"data-family", text("sym-lin")}, {"data-experts", integer(3)}})
        .check_refused({"--data-experts: '3'", "sym-lin", "allowed: 2"});
}

BOOST_AUTO_TEST_CASE(options_of_the_data_without_data_are_refused) {
    const moe::Options options(shared::user_data_options(), {}, {{"data-experts", integer(3)}});
    BOOST_CHECK_EXCEPTION((void)shared::user_data(options), moe::InputError, [](const auto& error) {
        return std::string(error.what()).starts_with("--data-experts: '3' is given without --data");
    });
}

BOOST_AUTO_TEST_CASE(values_out_of_range_are_refused_by_their_options) {
    const auto refuses = [](const std::string& name, const char* value) {
        for (const moe::OptionSpec& spec : shared::user_data_options())
            if (spec.name == name)
                BOOST_CHECK_THROW((void)moe::parse_option(spec, value), moe::InputError);
    };
    refuses("data-sigma", "0");
    refuses("data-sigma", "-1");
    refuses("data-sigma", "nan");
    refuses("data-lambda", "-0.1");
    refuses("data-experts", "1");
    refuses("data-classes", "1");
    refuses("data-iterations", "0");
    refuses("data-starts", "0");
    refuses("data-family", "probit");
    refuses("data", "/nonexistent.csv");
}

BOOST_AUTO_TEST_CASE(a_fit_starts_at_the_m_step_of_the_files_responsibilities) {
    // One-hot responsibilities of two halves on which y = 1 + 2 x and y = 4 - x exactly: known
    // sigma makes the experts' M-step two least-squares lines. The labels overlap in x, so the
    // gate's M-step is finite too.
    const shared::UserData data =
        Given("y,x1,x2,r0,r1\n3,1,1,1,0\n5,1,2,1,0\n9,1,4,1,0\n3,1,1,0,1\n1,1,3,0,1\n-1,1,5,0,1\n")
            .read();
    const auto model = shared::make_model(data);
    const Vector theta = shared::starting_point(data, *model, moe::FixtureSource(1), 0);
    const moe::LinearExperts experts = moe::linear_experts(data.shape, data.settings, theta);
    Matrix expected(2, 2);
    expected << 1.0, 4.0, 2.0, -1.0;
    BOOST_TEST((experts.beta - expected).cwiseAbs().maxCoeff() <= 1e-10);
}

BOOST_AUTO_TEST_CASE(random_starts_differ_and_repeat) {
    moe::SyntheticData sample;
    for (const char* family : {"linear", "free-variance", "sym-lin"}) {
        const shared::UserData data =
            Given(separated_sample(200, sample), {{"data-family", text(family)}}).read();
        const auto model = shared::make_model(data);
        const moe::FixtureSource source(3);
        const Vector first = shared::starting_point(data, *model, source, 0);
        const Vector second = shared::starting_point(data, *model, source, 1);
        BOOST_TEST(first.allFinite());
        BOOST_TEST((first - second).norm() > 1e-3);
        BOOST_TEST(first == shared::starting_point(data, *model, source, 0));
    }
}

BOOST_AUTO_TEST_CASE(the_best_of_several_starts_finds_well_separated_experts) {
    moe::SyntheticData sample;
    const shared::UserData data =
        Given(separated_sample(1000, sample),
              {{"data-family", text("free-variance")}, {"data-starts", integer(8)}})
            .read();
    const auto model = shared::make_model(data);
    int polls = 0;
    const shared::UserFit fit = shared::fit(data, *model, moe::FixtureSource(1), [&] { ++polls; });
    BOOST_TEST(fit.starts.size() == 8U);
    BOOST_TEST(polls == 8 * 201);
    for (const shared::UserStart& start : fit.starts)
        if (start.failure.empty()) BOOST_TEST(start.objectives.back() >= fit.objective);

    const moe::LinearExperts experts = moe::linear_experts(data.shape, data.settings, fit.theta);
    const Eigen::Map<const Matrix> truth(sample.truth.data() + 2, 2, 2); // transposed: row k
    const bool swapped = (experts.beta.col(0) - truth.row(0).transpose()).norm() >
                         (experts.beta.col(1) - truth.row(0).transpose()).norm();
    for (Index k = 0; k < 2; ++k) {
        // Some 400 samples of sigma = 1/2 each: standard errors below 0.03.
        const Index fitted = swapped ? 1 - k : k;
        BOOST_TEST((experts.beta.col(fitted) - truth.row(k).transpose()).norm() <= 0.15);
        BOOST_TEST(std::abs(experts.sigma(fitted) - 0.5) <= 0.1);
    }
}

BOOST_AUTO_TEST_CASE(the_tables_hold_the_fit) {
    moe::SyntheticData sample;
    const shared::UserData data =
        Given(separated_sample(300, sample), {{"data-family", text("free-variance")},
                                              {"data-starts", integer(3)},
                                              {"data-iterations", integer(30)}})
            .read();
    const auto model = shared::make_model(data);
    const shared::UserFit fit = shared::fit(data, *model, moe::FixtureSource(1), [] {});
    moe::CellResult result;
    shared::add_rows(data, fit, result);
    std::map<std::string, moe::Table> tables;
    for (const moe::TableSchema& schema : shared::user_data_tables())
        tables.emplace(schema.name, schema);
    for (const auto& [name, row] : result.rows())
        tables.at(name).add(row);

    const moe::Table& starts = tables.at("data_starts");
    BOOST_REQUIRE_EQUAL(starts.rows(), 3U);
    const auto best = static_cast<std::size_t>(fit.best);
    BOOST_TEST(starts.boolean(best, "kept"));
    BOOST_TEST(std::abs(starts.real(best, "log_likelihood") +
                        300.0 * starts.real(best, "objective_last")) <= 1e-9);
    BOOST_TEST(starts.real(best, "agreement") > 0.9);

    // Gate 2, and per expert 2 coefficients and sigma.
    const moe::Table& parameters = tables.at("data_parameters");
    BOOST_TEST(parameters.rows() == 2U + 2U * 3U);
    BOOST_TEST(parameters.text(0, "part") == "gate");
    BOOST_TEST(parameters.text(1, "feature") == "x2");

    const moe::Table& responsibilities = tables.at("data_responsibilities");
    BOOST_REQUIRE_EQUAL(responsibilities.rows(), 600U);
    for (std::size_t i = 0; i < 300; ++i) {
        const double sum = responsibilities.real(2 * i, "responsibility") +
                           responsibilities.real(2 * i + 1, "responsibility");
        BOOST_TEST(std::abs(sum - 1.0) <= 1e-12);
        BOOST_TEST(responsibilities.boolean(2 * i, "known") == (sample.expert[i] == 0));
    }
}

BOOST_AUTO_TEST_CASE(a_fit_without_any_finite_start_says_why) {
    const shared::UserData data =
        Given("y,x1,r0,r1\n1,1,1,0\n2,2,1,0\n3,1,1,0\n-1,2,1,0\n-2,3,1,0\n").read();
    const auto model = shared::make_model(data);
    BOOST_CHECK_EXCEPTION((void)shared::fit(data, *model, moe::FixtureSource(1), [] {}),
                          moe::FitError, [](const moe::FitError& error) {
                              return error.failure() == moe::FitFailure::empty_expert;
                          });
}

BOOST_AUTO_TEST_CASE(experts_through_all_their_samples_have_no_finite_fit) {
    const shared::UserData data =
        Given("y,x1,r0,r1\n1,1,1,0\n2,2,1,0\n3,3,1,0\n-1,1,0,1\n-2,2,0,1\n-3,3,0,1\n",
              {{"data-family", text("free-variance")}})
            .read();
    const auto model = shared::make_model(data);
    BOOST_CHECK_EXCEPTION(
        (void)shared::fit(data, *model, moe::FixtureSource(1), [] {}), moe::FitError,
        [](const moe::FitError& error) { return error.failure() == moe::FitFailure::separable; });
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
