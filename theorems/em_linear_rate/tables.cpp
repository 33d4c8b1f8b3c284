#include "em_linear_rate/tables.hpp"

#include "shared/user_fit.hpp"

#include "basics/append.hpp"

#include <cmath>
#include <utility>

namespace em_linear_rate {

namespace {

using moe::Column;
using moe::ColumnType;
using moe::Value;

Column integer(const char* name, const char* description) {
    return {name, ColumnType::integer, description};
}
Column text(const char* name, const char* description) {
    return {name, ColumnType::text, description};
}
Column boolean(const char* name, const char* description) {
    return {name, ColumnType::boolean, description};
}
Column real(const char* name, const char* description) {
    return {name, ColumnType::real, description};
}

/// What is measured at a stationary point, after the columns that say where.
std::vector<Column> measured() {
    return {real("objective", "F at theta_hat"),
            real("gradient", "|grad F|_inf at theta_hat"),
            real("rho", "largest eigenvalue of I_c^-1 I_m"),
            real("rho_2", "second eigenvalue"),
            real("rho_min", "smallest eigenvalue"),
            real("jacobian_difference", "(a) max |J - M|, J by differences of the EM map"),
            real("projected_ratio", "(b) median ratio of errors along v_1"),
            real("one_step_ratio", "(c) ratio of one step along v_1"),
            real("norm_ratio", "(d) largest ratio of errors in the norm of I_c"),
            real("tail_ratio", "(e) last ratio of errors in the Euclidean norm"),
            real("dominance", "(rho_2/rho)^iterations: (e) is compared if below 1e-3"),
            real("slowdown", "decline per iteration, first half of the window over second half"),
            integer("iterations", "ratios of errors between 1e-4 and 1e-8"),
            boolean("left", "the run left theta_hat: it does not converge to it")};
}

std::vector<Column> with_measured(std::vector<Column> columns) {
    moe::append(columns, measured());
    return columns;
}

Value if_finite(double value) {
    if (std::isfinite(value)) return value;
    return {};
}

moe::Row with_measured(moe::Row row, const LocalRate& rate) {
    for (const double value : {rate.objective, rate.gradient, rate.rho, rate.rho_2, rate.rho_min,
                               rate.jacobian_difference, rate.projected, rate.one_step,
                               rate.norm_ratio, rate.tail, rate.dominance, rate.slowdown})
        row.push_back(if_finite(value));
    row.emplace_back(static_cast<std::int64_t>(rate.iterations));
    row.emplace_back(rate.left);
    return row;
}

/// Sizes of a case: n, p, K, C.
moe::Row sizes(const FixedCase& fixed) {
    if (const auto* recipe = std::get_if<moe::SymmetricRecipe>(&fixed.recipe)) {
        const bool classes = recipe->kind == moe::SymmetricKind::logistic;
        return {static_cast<std::int64_t>(recipe->n), static_cast<std::int64_t>(recipe->d),
                std::int64_t{2}, std::int64_t{classes ? 2 : 1}};
    }
    const auto& recipe = std::get<moe::GatedRecipe>(fixed.recipe);
    return {static_cast<std::int64_t>(recipe.n), static_cast<std::int64_t>(recipe.shape.p),
            static_cast<std::int64_t>(recipe.shape.K), static_cast<std::int64_t>(recipe.shape.C)};
}

} // namespace

std::vector<moe::TableSchema> schemas() {
    std::vector<moe::TableSchema> tables = {
        {"cases", "the nine fixed cases: predicted rate and estimators",
         with_measured({integer("case", "seed of the fixture"),
                        text("family", "sym-lin, sym-log, linear, multinomial, binary"),
                        integer("n", "samples"), integer("p", "features"), integer("K", "experts"),
                        integer("C", "classes; 1 for real responses"), real("lambda", "ridge")})},
        {"population",
         "rate of the population at the truth, by quadrature",
         {text("model", "sym-lin or sym-log"), real("w", "|w*|"),
          real("cosine", "of the angle of beta* and w*"), real("beta", "|beta*|"),
          real("rho", "rate"), real("refined_rho", "rate with half the steps of the quadrature"),
          boolean("limit", "|beta*| so large that rho has its limiting form"),
          real("rho_tenth", "rate at a tenth of |beta*|; at the limit only")}},
        {"samples", "rate of samples of SymMoLinE, d = 4",
         with_measured(
             {integer("repetition", "same directions, features and noise for all |beta*|"),
              integer("n", "samples"), real("beta", "|beta*|"), real("w", "|w*|"),
              real("cosine", "of the angle of beta* and w*"),
              real("population_rho", "rate of the population at these")})},
        {"zero_signal",
         "EM of the population at beta* = 0 with the gate held at w = 0",
         {integer("t", "iteration"), real("b", "iterate b_t, b_0 = 1/2"),
          real("law", "(6 t)^(-1/2)")}},
        {"refused",
         "generated data without a fit or without an isolated minimum: nothing is measured there",
         {text("check", "cases or samples"), text("case", "name of the cell"),
          text("reason", "what the fit says"),
          real("rho", "largest eigenvalue of M where I_obs is not positive definite")}},
        {"data_rate", "the local rate of the user's data",
         with_measured({text("file", "of --data")})}};
    moe::append(tables, shared::user_data_tables());
    return tables;
}

moe::Row row(const FixedCase& fixed, const LocalRate& rate) {
    moe::Row row{fixed.seed, fixed.family};
    moe::append(row, sizes(fixed));
    row.emplace_back(fixed.lambda);
    return with_measured(std::move(row), rate);
}

moe::Row row(const PopulationRow& p) {
    return {p.model, p.w,       p.cosine, p.beta,
            p.rho,   p.refined, p.limit,  p.limit ? Value(p.rho_tenth) : Value()};
}

moe::Row row(const SampleRow& s, const LocalRate& rate) {
    return with_measured({s.repetition, s.n, s.beta, s.w, s.cosine, s.population}, rate);
}

moe::Row row(const RefusedRow& refused) {
    return {refused.check, refused.name, refused.reason, if_finite(refused.rho)};
}

moe::Row data_row(const std::string& file, const LocalRate& rate) {
    return with_measured({file}, rate);
}

} // namespace em_linear_rate
