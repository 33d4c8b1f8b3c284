#include "shared/user_data.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

namespace shared {

using moe::Index;
using moe::InputError;
using moe::Matrix;
using moe::Vector;

namespace {

/// Whether an option of the data was given and not left to its default.
bool given(const moe::Options& options, std::string_view name) {
    for (const auto& option : options.effective())
        if (option.name == name) return option.given;
    return false;
}

/// The options of the data mean nothing without a file.
void refuse_without_file(const moe::Options& options) {
    for (const moe::OptionSpec& spec : user_data_options())
        for (const auto& option : options.effective())
            if (option.given && option.name == spec.name)
                throw InputError("--" + option.name + ": '" + moe::to_string(option.value) +
                                 "' is given without --data; allowed: together with --data FILE");
}

/// Refuses an option that the family does not use.
void refuse_unused(const moe::Options& options, const std::string& name, bool used,
                   const std::string& allowed) {
    if (used || !given(options, name)) return;
    for (const auto& option : options.effective())
        if (option.name == name)
            throw InputError("--" + name + ": '" + moe::to_string(option.value) +
                             "' is not allowed with --data-family " + options.text("data-family") +
                             "; allowed: " + allowed);
}

moe::ExpertFamily expert_family(const std::string& name) {
    if (name == "free-variance") return moe::ExpertFamily::free_variance;
    if (name == "logistic" || name == "multinomial") return moe::ExpertFamily::multinomial;
    return moe::ExpertFamily::linear;
}

std::optional<moe::SymmetricKind> symmetric_kind(const std::string& name) {
    if (name == "sym-lin") return moe::SymmetricKind::linear;
    if (name == "sym-log") return moe::SymmetricKind::logistic;
    return std::nullopt;
}

void read_model(const moe::Options& options, UserData& data) {
    const std::string& family = options.text("data-family");
    data.symmetric = symmetric_kind(family);
    data.shape.family = expert_family(family);
    data.shape.K = options.integer("data-experts");
    data.shape.C = 1;
    if (family == "logistic") data.shape.C = 2;
    if (family == "multinomial") data.shape.C = options.integer("data-classes");
    data.settings.sigma = options.real("data-sigma");
    data.settings.lambda = options.real("data-lambda");

    if (data.symmetric && data.shape.K != 2)
        throw InputError("--data-experts: '" + std::to_string(data.shape.K) +
                         "' is not allowed with --data-family " + family + "; allowed: 2");
    refuse_unused(options, "data-classes", family == "multinomial", "with multinomial only");
    refuse_unused(options, "data-sigma", family == "linear", "with linear only");
    refuse_unused(options, "data-lambda",
                  !data.symmetric && data.shape.family != moe::ExpertFamily::free_variance,
                  "with linear, logistic and multinomial");
}

void add_constant(Matrix& x) {
    Matrix extended(x.rows(), x.cols() + 1);
    extended << Vector::Ones(x.rows()), x;
    x = std::move(extended);
}

std::string allowed_responses(const UserData& data) {
    if (data.symmetric) return "-1 and 1";
    return "classes 0.." + std::to_string(data.shape.C - 1);
}

bool is_allowed(const UserData& data, double y) {
    if (data.symmetric) return data.symmetric == moe::SymmetricKind::linear || std::abs(y) == 1.0;
    if (data.shape.family != moe::ExpertFamily::multinomial) return true;
    return y >= 0.0 && y < static_cast<double>(data.shape.C) && y == std::floor(y);
}

/// What the file alone cannot tell: whether its contents fit the model.
void check_contents(const UserData& data) {
    const Vector& y = data.observations.samples.y;
    const Index n = y.size();
    if (n < data.parameters())
        throw InputError(data.file + ": " + std::to_string(n) + " rows; allowed: at least " +
                         std::to_string(data.parameters()) +
                         ", the number of free parameters of the model");
    for (Index i = 0; i < n; ++i)
        if (!is_allowed(data, y(i)))
            throw InputError(data.file + ": row " + std::to_string(i + 1) + " of the data: y is '" +
                             moe::shortest(y(i)) + "'; allowed: " + allowed_responses(data));
    const Index columns = data.observations.responsibilities.cols();
    if (columns > 0 && columns != data.shape.K)
        throw InputError(data.file + ": " + std::to_string(columns) +
                         " columns r0, r1, ...; allowed: " + std::to_string(data.shape.K) +
                         ", as --data-experts says, or none");
    const std::vector<Index>& expert = data.observations.expert;
    for (std::size_t i = 0; i < expert.size(); ++i)
        if (expert[i] >= data.shape.K)
            throw InputError(data.file + ": row " + std::to_string(i + 1) + " of the data: z is '" +
                             std::to_string(expert[i]) + "'; allowed: 0.." +
                             std::to_string(data.shape.K - 1) + ", as --data-experts says");
}

/// Columns of mean 0 and variance 1; constant ones become 0.
Matrix standardised(const Matrix& columns) {
    Matrix result = columns.rowwise() - columns.colwise().mean();
    for (Index j = 0; j < result.cols(); ++j) {
        const double scale = result.col(j).norm() / std::sqrt(static_cast<double>(result.rows()));
        const bool constant = !(scale > 1e-12 * columns.col(j).cwiseAbs().maxCoeff());
        result.col(j) *= constant ? 0.0 : 1.0 / scale;
    }
    return result;
}

Matrix random_responsibilities(const UserData& data, moe::Deviates& deviates) {
    const moe::Samples& samples = data.observations.samples;
    Matrix columns(samples.x.rows(), samples.x.cols() + 1);
    columns << samples.x, samples.y;
    Matrix directions(columns.cols(), data.shape.K);
    for (double& entry : directions.reshaped())
        entry = deviates.normal();
    Matrix r = standardised(columns) * directions;
    const Vector largest = r.rowwise().maxCoeff();
    r = (r.colwise() - largest).array().exp();
    const Vector total = r.rowwise().sum();
    return r.array().colwise() / total.array();
}

} // namespace

// ---------------------------------------------------------------------------------------------

std::vector<moe::OptionSpec> user_data_options() {
    return {
        moe::input_file_option("data", "your own observations: a CSV file with header y,x1,...,xp, "
                                       "start responsibilities r0,r1,... and known experts z where "
                                       "you have them"),
        moe::choice_option(
            "data-family",
            "the model of --data: experts under a softmax gate, or "
            "the symmetric mixtures of two",
            {"linear", "free-variance", "logistic", "multinomial", "sym-lin", "sym-log"}, "linear",
            "linear"),
        moe::integer_option("data-experts", "experts K of the model of --data", {2, 1000}, 2, 2),
        moe::integer_option("data-classes", "classes C of --data-family multinomial; y is 0..C-1",
                            {2, 1000}, 2, 2),
        moe::real_option("data-sigma", "known standard deviation of --data-family linear",
                         {.low = 0.0, .low_open = true}, 1.0, 1.0, "unit of y"),
        moe::real_option("data-lambda", "ridge (lambda/2) |theta|^2 in the fit of --data",
                         {.low = 0.0}, 0.0, 0.0),
        moe::integer_option("data-iterations", "EM iterations from each start", {1, 1000000}, 200,
                            1000),
        moe::integer_option("data-starts",
                            "random starts, of which the best is kept; not with r0,r1,... in the "
                            "file, which are the start then",
                            {1, 100000}, 10, 50),
        moe::flag_option("data-intercept", "put a constant 1 before x1; without it the features "
                                           "are used as they stand in the file"),
    };
}

Index UserData::parameters() const noexcept {
    return symmetric ? 2 * shape.p : shape.parameters();
}

std::string UserData::feature_name(Index column) const {
    if (intercept && column == 0) return "1";
    return "x" + std::to_string(column + (intercept ? 0 : 1));
}

std::optional<UserData> user_data(const moe::Options& options) {
    const std::string& file = options.text("data");
    if (file.empty()) {
        refuse_without_file(options);
        return std::nullopt;
    }
    UserData data{};
    data.file = file;
    read_model(options, data);
    data.iterations = options.integer("data-iterations");
    data.starts = options.integer("data-starts");
    data.intercept = options.flag("data-intercept");
    data.observations = moe::read_observations(file);
    if (data.intercept) add_constant(data.observations.samples.x);
    data.shape.p = data.observations.samples.x.cols();
    check_contents(data);
    if (data.observations.responsibilities.size() > 0) {
        if (given(options, "data-starts") && data.starts != 1)
            throw InputError("--data-starts: '" + std::to_string(data.starts) +
                             "' is not allowed with r0, r1, ... in the file; allowed: 1");
        data.starts = 1;
    }
    return data;
}

std::unique_ptr<moe::LatentModel> make_model(const UserData& data) {
    if (data.symmetric)
        return moe::make_symmetric_mixture(*data.symmetric, data.observations.samples);
    return moe::make_gated_mixture(data.shape, data.settings, data.observations.samples);
}

Vector starting_point(const UserData& data, moe::LatentModel& model,
                      const moe::DeviateSource& source, std::uint32_t number) {
    const Matrix& known = data.observations.responsibilities;
    Vector theta = Vector::Zero(model.parameters());
    if (data.shape.family == moe::ExpertFamily::free_variance)
        theta.tail(data.shape.K).setOnes(); // precisions are positive
    model.maximise(known.size() > 0 ? known : random_responsibilities(data, *source.stream(number)),
                   theta);
    return theta;
}

} // namespace shared
