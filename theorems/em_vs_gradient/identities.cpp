#include "em_vs_gradient/identities.hpp"

#include "datasets/synthetic.hpp"
#include "em_vs_gradient/competition.hpp"
#include "em_vs_gradient/refused.hpp"
#include "fitting/gradient_methods.hpp"
#include "fitting/plain_likelihood.hpp"
#include "statistics/rows.hpp"

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace em_vs_gradient {

using moe::ColumnType;
using moe::Index;
using moe::LatentModel;
using moe::Matrix;
using moe::SymmetricKind;
using moe::Vector;

namespace {

constexpr Index iterations = 20;

/// A model on data, with what the independent differentiation needs.
struct Subject {
    std::string name;
    std::unique_ptr<LatentModel> model;
    moe::PlainLikelihood plain;
    Vector start;
};

Subject symmetric_subject(SymmetricKind kind, const moe::DeviateSource& source) {
    const moe::SyntheticData data =
        moe::symmetric_data({.kind = kind, .n = 300, .d = 4, .beta = 2.0, .w = 2.0}, source);
    return {kind == SymmetricKind::linear ? "SymMoLinE" : "SymMoLogE",
            moe::make_symmetric_mixture(kind, data.samples),
            {moe::plain_model(kind, data.samples.x.cols()), data.samples},
            data.start};
}

Subject gated_subject(const moe::GatedShape& shape, double lambda,
                      const moe::DeviateSource& source) {
    const moe::SyntheticData data = moe::gated_data({.shape = shape, .n = 300}, source);
    const moe::GatedSettings settings{.sigma = 1.0, .lambda = lambda};
    const bool linear = shape.family == moe::ExpertFamily::linear;
    return {std::string(linear ? "linear" : "multinomial") + " K=" + std::to_string(shape.K),
            moe::make_gated_mixture(shape, settings, data.samples),
            {moe::plain_model(shape, settings), data.samples},
            data.start};
}

/// Infinite if an entry is not finite.
double distance(const Vector& a, const Vector& b) {
    if (!a.allFinite() || !b.allFinite()) return std::numeric_limits<double>::infinity();
    return (a - b).lpNorm<Eigen::Infinity>() / std::max(1.0, b.lpNorm<Eigen::Infinity>());
}

/// Gradient EM(1) with the responsibilities of the iteration before.
moe::Iteration stale_gradient_em(LatentModel& model, double step) {
    return [&model, step, r = Matrix(), before = Matrix(),
            gradient = Vector()](Vector& theta) mutable {
        const double lambda = model.lambda();
        const double objective = model.posterior(theta, r) + 0.5 * lambda * theta.squaredNorm();
        if (before.size() == 0) before = r;
        model.surrogate_gradient(before, theta, gradient);
        theta -= step * (gradient + lambda * theta);
        before.swap(r);
        return objective;
    };
}

/// Gradient EM(1) and gradient descent, 20 iterations of step 1/Lip from the same start. The
/// gradient of L of the second is taken of the observed likelihood by complex steps: it knows
/// nothing of responsibilities, so Fisher's identity is tested and not assumed.
moe::CellResult measure_one_step(Subject subject, const std::string& sabotage) {
    const double step = 1.0 / subject.model->curvature_bound();
    const moe::Iteration gradient_em = sabotage == "stale-r"
                                           ? stale_gradient_em(*subject.model, step)
                                           : moe::gradient_em(*subject.model, 1, step);
    const moe::Iteration descent = moe::gradient_descent(*subject.model, step);
    const double lambda = subject.model->lambda();
    Vector em = subject.start;
    Vector library = subject.start;
    Vector independent = subject.start;
    double plain_difference = 0.0;
    double library_difference = 0.0;
    for (Index t = 0; t < iterations; ++t) {
        gradient_em(em);
        descent(library);
        const Vector gradient = subject.plain.gradient(independent) + lambda * independent;
        independent -= step * gradient;
        plain_difference = std::max(plain_difference, distance(em, independent));
        library_difference = std::max(library_difference, distance(em, library));
    }
    moe::CellResult result;
    result.add("one_step", {subject.name, static_cast<std::int64_t>(iterations), plain_difference,
                            library_difference});
    return result;
}

/// A well-conditioned matrix far from orthogonal: unit lower triangular, columns scaled by
/// 2^{-1..1}.
Matrix transformation(Index d, moe::Deviates& deviates) {
    Matrix transform = Matrix::Identity(d, d);
    for (Index j = 0; j < d; ++j) {
        for (Index i = j + 1; i < d; ++i)
            transform(i, j) = 0.3 * deviates.normal();
        transform.col(j) *=
            std::exp2(2.0 * static_cast<double>(j) / static_cast<double>(d - 1) - 1.0);
    }
    return transform;
}

std::vector<double> losses(const moe::Options& options, const moe::Samples& samples,
                           const Vector& start, bool em) {
    const auto model = moe::make_symmetric_mixture(SymmetricKind::linear, samples);
    const moe::Iteration iteration =
        em ? em_or_sabotage(*model, options.sabotage())
           : moe::gradient_descent(*model, 1.0 / model->curvature_bound());
    return moe::run(*model, iteration, start, iterations).objectives;
}

/// SymMoLinE on x and on T'x from the same model: x -> T'x, theta -> T^{-1} theta keeps every
/// prediction.
moe::CellResult measure_equivariance(const moe::CellContext& context, const moe::Options& options) {
    const moe::PhiloxSource source(context.seed(), context.cell_key());
    const moe::SyntheticData data = moe::symmetric_data({}, source);
    constexpr std::uint32_t transformation_stream = 20;
    const Index d = data.samples.x.cols();
    const Matrix transform = transformation(d, *source.stream(transformation_stream));
    const moe::Samples changed{data.samples.x * transform, data.samples.y};
    Vector start(2 * d);
    start << transform.partialPivLu().solve(data.start.head(d)),
        transform.partialPivLu().solve(data.start.tail(d));

    moe::CellResult result;
    for (const bool em : {true, false}) {
        const std::vector<double> here = losses(options, data.samples, data.start, em);
        const std::vector<double> there = losses(options, changed, start, em);
        for (std::size_t t = 0; t < here.size(); ++t)
            result.add("equivariance", {std::string(em ? "em" : "gd"), static_cast<std::int64_t>(t),
                                        here[t], there[t]});
    }
    return result;
}

} // namespace

std::vector<moe::TableSchema> identity_tables() {
    return {{"one_step",
             "gradient EM(1) against gradient descent on the same data",
             {{"model", ColumnType::text, "model"},
              {"iterations", ColumnType::integer, "iterations of step 1/Lip"},
              {"difference", ColumnType::real,
               "largest |theta - theta'|_inf / max(1, |theta'|_inf), theta' by complex steps"},
              {"library_difference", ColumnType::real, "the same, theta' of the library"}}},
            {"equivariance",
             "SymMoLinE: loss on features x and on T'x from matching starts",
             {{"method", ColumnType::text, "em or gd (step 1/Lip of the features that it sees)"},
              {"iteration", ColumnType::integer, "t"},
              {"loss", ColumnType::real, "L(theta^t) on x"},
              {"loss_transformed", ColumnType::real, "L(theta^t) on T'x"}}}};
}

void plan_identities(const moe::Options& options, moe::Plan& plan) {
    using Make = std::function<Subject(const moe::DeviateSource&)>;
    const auto symmetric = [](SymmetricKind kind) {
        return [kind](const moe::DeviateSource& s) { return symmetric_subject(kind, s); };
    };
    const std::vector<std::pair<std::string, Make>> subjects{
        {"SymMoLinE", symmetric(SymmetricKind::linear)},
        {"SymMoLogE", symmetric(SymmetricKind::logistic)},
        {"linear",
         [](const moe::DeviateSource& source) {
             return gated_subject({.family = moe::ExpertFamily::linear, .p = 3, .K = 3, .C = 1},
                                  0.0, source);
         }},
        {"multinomial", [](const moe::DeviateSource& source) {
             return gated_subject(
                 {.family = moe::ExpertFamily::multinomial, .p = 3, .K = 2, .C = 3}, 0.01, source);
         }}};
    for (const auto& [name, make] : subjects) {
        plan.push_back(
            {"one-step." + name, "identities", 0.5,
             [make = make, sabotage = options.sabotage()](const moe::CellContext& context) {
                 return measure_one_step(
                     make(moe::PhiloxSource(context.seed(), context.cell_key())), sabotage);
             }});
    }
    plan.push_back({"equivariance", "identities", 0.2, [options](const moe::CellContext& context) {
                        return measured_or_refused({"identities", {}, {}, 0}, [&] {
                            return measure_equivariance(context, options);
                        });
                    }});
}

void judge_identities(const moe::Options& options, const moe::Tables& tables,
                      moe::Judgement& judgement) {
    if (!options.selected("identities")) return;
    const auto all = [](const moe::Table&, std::size_t) { return true; };
    const moe::Rows one_step(tables.at("one_step"), all);
    judgement.claims.push_back(decide_finite(
        "I.one-step", {moe::Relation::at_most, 0.0, 1e-12},
        one_step.largest([](const moe::Table& t, std::size_t row) {
            return std::max(t.real(row, "difference"), t.real(row, "library_difference"));
        }),
        one_step.size(),
        "largest difference of the iterates, two symmetric and two general models; bound on the "
        "rounding of 20 iterations"));

    const auto gap = [](const moe::Table& t, std::size_t row) {
        return std::abs(t.real(row, "loss") - t.real(row, "loss_transformed"));
    };
    const std::int64_t refused = count_refused(tables.at("refused"), "identities", all);
    const auto add = [&](moe::Claim claim) {
        account_for_refused(claim, refused, 1);
        judgement.claims.push_back(std::move(claim));
    };
    const moe::Rows em = moe::rows_with(tables.at("equivariance"), "method", "em");
    add(decide_finite("I.equivariance.em", {moe::Relation::at_most, 0.0, 1e-10}, em.largest(gap),
                      em.size(),
                      "largest difference of L on x and on T'x over 20 iterations of EM"));
    const moe::Rows gd = moe::rows_with(tables.at("equivariance"), "method", "gd");
    add(decide_finite("I.equivariance.gd", {moe::Relation::at_least, 1e-3, 0.0}, gd.largest(gap),
                      gd.size(),
                      "the same for gradient descent: the negative control, which must differ"));
}

} // namespace em_vs_gradient
