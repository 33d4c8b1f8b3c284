#include "shared/user_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>

namespace shared {

using moe::Index;
using moe::Matrix;
using moe::Vector;

namespace {

/// Samples whose most probable expert is the known one, under the best matching of experts; the
/// number of matchings K! limits it to K <= 8.
std::optional<double> agreement(const UserData& data, const Matrix& responsibilities) {
    const std::vector<Index>& known = data.observations.expert;
    const Index K = responsibilities.cols();
    if (known.empty() || K > 8) return std::nullopt;
    Matrix together = Matrix::Zero(K, K);
    for (std::size_t i = 0; i < known.size(); ++i) {
        Index fitted = 0;
        responsibilities.row(static_cast<Index>(i)).maxCoeff(&fitted);
        together(known[i], fitted) += 1.0;
    }
    std::vector<Index> order(static_cast<std::size_t>(K));
    std::iota(order.begin(), order.end(), Index{0});
    double best = 0.0;
    do {
        double matched = 0.0;
        for (Index k = 0; k < K; ++k)
            matched += together(k, order[static_cast<std::size_t>(k)]);
        best = std::max(best, matched);
    } while (std::ranges::next_permutation(order).found);
    return best / static_cast<double>(known.size());
}

/// Rows of data_parameters, expert by expert.
class ParameterRows {
  public:
    ParameterRows(const UserData& data, moe::CellResult& result)
        : data_(data)
        , result_(result) {}

    void add(const char* part, Index expert, moe::Value of_class, moe::Value feature,
             double value) {
        result_.add("data_parameters", {std::string(part), static_cast<std::int64_t>(expert),
                                        std::move(of_class), std::move(feature), value});
    }

    void add_features(const char* part, Index expert, const moe::Value& of_class,
                      const Vector& coefficients) {
        for (Index j = 0; j < coefficients.size(); ++j)
            add(part, expert, of_class, data_.feature_name(j), coefficients(j));
    }

  private:
    const UserData& data_;
    moe::CellResult& result_;
};

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void add_gated_parameters(const UserData& data, const Vector& theta, ParameterRows& rows) {
    const moe::GatedShape& shape = data.shape;
    const Index p = shape.p;
    const Eigen::Map<const RowMajor> gate(theta.data(), p, shape.K - 1);
    for (Index k = 0; k + 1 < shape.K; ++k)
        rows.add_features("gate", k, {}, gate.col(k));
    if (shape.family == moe::ExpertFamily::multinomial) {
        const Index size = p * (shape.C - 1);
        for (Index k = 0; k < shape.K; ++k) {
            const Eigen::Map<const RowMajor> expert(
                theta.data() + shape.gate_parameters() + k * size, p, shape.C - 1);
            for (Index c = 0; c + 1 < shape.C; ++c)
                rows.add_features("expert", k, static_cast<std::int64_t>(c), expert.col(c));
        }
        return;
    }
    const moe::LinearExperts experts = moe::linear_experts(shape, data.settings, theta);
    for (Index k = 0; k < shape.K; ++k) {
        rows.add_features("expert", k, {}, experts.beta.col(k));
        rows.add("sigma", k, {}, {}, experts.sigma(k));
    }
}

} // namespace

// ---------------------------------------------------------------------------------------------

UserFit fit(const UserData& data, moe::LatentModel& model, const moe::DeviateSource& source,
            const std::function<void()>& poll) {
    UserFit result{};
    std::optional<moe::FitError> failure;
    bool found = false;
    for (Index number = 0; number < data.starts; ++number) {
        UserStart& start = result.starts.emplace_back();
        try {
            const Vector theta =
                starting_point(data, model, source, static_cast<std::uint32_t>(number));
            moe::Trace trace = moe::run(model, moe::em(model), theta, data.iterations,
                                        [&](Index, const Vector&) { poll(); });
            start.objectives = std::move(trace.objectives);
            const double last = start.objectives.back();
            if (!std::isfinite(last))
                throw moe::FitError(moe::FitFailure::not_converged,
                                    data.file + ": the objective of EM is not finite");
            if (found && !(last < result.objective)) continue;
            found = true;
            result.best = number;
            result.objective = last;
            result.theta = std::move(trace.theta);
        } catch (const moe::FitError& error) {
            start.objectives.clear();
            start.failure = error.what();
            failure = error;
        }
    }
    if (!found) throw moe::FitError(*failure);
    result.log_likelihood = -static_cast<double>(model.samples()) *
                            model.posterior(result.theta, result.responsibilities);
    return result;
}

std::vector<moe::TableSchema> user_data_tables() {
    using moe::ColumnType;
    return {
        {"data_starts",
         "--data: EM from each start",
         {{"start", ColumnType::integer, "0, 1, ..."},
          {"objective_first", ColumnType::real, "F at the start, mean per sample, ridge included"},
          {"objective_last", ColumnType::real, "F after the last iteration"},
          {"last_decrease", ColumnType::real, "F before minus F after the last iteration"},
          {"kept", ColumnType::boolean, "the start of smallest last F"},
          {"log_likelihood", ColumnType::real, "sum over the samples, without ridge; kept start"},
          {"agreement", ColumnType::real,
           "share of samples whose most probable expert is column z's, best matching of experts"},
          {"failure", ColumnType::text, "why this start gives no fit"}}},
        {"data_parameters",
         "--data: parameters of the best fit, in the units of the file",
         {{"part", ColumnType::text,
           "gate (w_k, the last expert's is 0), expert (beta_k, b_kc), "
           "sigma (standard deviation)"},
          {"expert", ColumnType::integer, "k from 0"},
          {"class", ColumnType::integer, "c from 0, the last class's is 0; multinomial only"},
          {"feature", ColumnType::text, "column of the file, 1 for the added constant"},
          {"value", ColumnType::real, "the parameter"}}},
        {"data_responsibilities",
         "--data: posterior of the experts under the best fit",
         {{"sample", ColumnType::integer, "row of the file from 0"},
          {"expert", ColumnType::integer, "k from 0; symmetric models: 0 is z = +1"},
          {"responsibility", ColumnType::real, "p(z = k | x, y)"},
          {"known", ColumnType::boolean, "whether column z names this expert"}}},
    };
}

void add_rows(const UserData& data, const UserFit& fit, moe::CellResult& result) {
    for (std::size_t s = 0; s < fit.starts.size(); ++s) {
        const std::vector<double>& objectives = fit.starts[s].objectives;
        const bool kept = static_cast<Index>(s) == fit.best;
        moe::Row row{static_cast<std::int64_t>(s), {}, {}, {}, kept, {}, {}, {}};
        if (objectives.empty()) {
            row[7] = fit.starts[s].failure;
        } else {
            row[1] = objectives.front();
            row[2] = objectives.back();
            row[3] = objectives[objectives.size() - 2] - objectives.back();
        }
        if (kept) {
            row[5] = fit.log_likelihood;
            if (const auto share = agreement(data, fit.responsibilities)) row[6] = *share;
        }
        result.add("data_starts", std::move(row));
    }

    ParameterRows rows(data, result);
    if (data.symmetric) {
        rows.add_features("gate", 0, {}, fit.theta.tail(data.shape.p));
        rows.add_features("expert", 0, {}, fit.theta.head(data.shape.p));
    } else {
        add_gated_parameters(data, fit.theta, rows);
    }

    const std::vector<Index>& known = data.observations.expert;
    for (Index i = 0; i < fit.responsibilities.rows(); ++i) {
        for (Index k = 0; k < fit.responsibilities.cols(); ++k) {
            moe::Value is_known;
            if (!known.empty()) is_known = known[static_cast<std::size_t>(i)] == k;
            result.add("data_responsibilities",
                       {static_cast<std::int64_t>(i), static_cast<std::int64_t>(k),
                        fit.responsibilities(i, k), std::move(is_known)});
        }
    }
}

} // namespace shared
