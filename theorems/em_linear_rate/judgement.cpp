#include "em_linear_rate/judgement.hpp"

#include "basics/numbers.hpp"
#include "em_linear_rate/local_rate.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace em_linear_rate {

namespace {

using moe::decide;
using moe::Relation;
using moe::Rows;
using moe::Table;

/// Tolerances of the notes, section 4; what is measured stays far below them.
constexpr double jacobian_tolerance = 1e-6;
constexpr double projected_tolerance = 1e-4;
constexpr double one_step_tolerance = 1e-6;
constexpr double norm_excess = 1e-3;
/// Where (rho_2/rho)^iterations is below the first, the last Euclidean ratio is rho up to that much
/// times what the start holds of v_2 against v_1.
constexpr double dominance_limit = 1e-3;
constexpr double tail_tolerance = 1e-3;
/// Linear convergence has slowdown 1 up to the smaller eigenvalues of the first iterations; an
/// error t^-a over [s, r s] has ln((1+r)/2) / ln(2r/(1+r)), whatever a: 2.85 for r = 10.
constexpr double linear_slowdown = 1.5;
constexpr double sublinear_slowdown = 2.0;

constexpr double quadrature_tolerance = 1e-8;
constexpr double weak_signal = 0.1;
/// |beta*| from which rho of linear experts is its limit C / |beta*| to 1 %.
constexpr double law_signal = 8.0;
constexpr double vanishing_tolerance = 0.02;
/// The notes' C for |w*| = 4, beta* orthogonal to w*.
constexpr double notes_constant = 1.035;
constexpr double constant_tolerance = 0.002;
/// A rate that does not vanish: what is left of it in the limit, at least.
constexpr double plateau_floor = 0.1;
/// Where the exchange of beta and w shows: near |beta*| = |w*|, nearly parallel.
constexpr double exchange_gate = 1.0;
constexpr double exchange_cosine = 0.9;
/// Sample rates against the population's.
constexpr double population_tolerance = 0.08;
/// The samples that tell rho are those with beta.x of order 1, a fraction 1 / |beta*|: beyond this
/// signal a single sample of 10000 may be off by more.
constexpr double moderate_signal = 2.0;

double value(const Table& t, std::size_t row, std::string_view column) {
    return t.empty_at(row, column) ? std::numeric_limits<double>::quiet_NaN() : t.real(row, column);
}

Rows all(const Table& table) {
    return {table, [](const Table&, std::size_t) { return true; }};
}

/// Largest |estimator - rho|.
double largest_difference(const Rows& rows, const char* column) {
    return rows.largest([=](const Table& t, std::size_t row) {
        return std::abs(value(t, row, column) - value(t, row, "rho"));
    });
}

/// The claims that hold at every stationary point, by the prefix of their ids.
void judge_estimators(moe::Judgement& judgement, const std::string& prefix, const Rows& rows) {
    judgement.claims.push_back(
        decide(prefix + "projected", {Relation::at_most, 0.0, projected_tolerance},
               largest_difference(rows, "projected_ratio"), rows.size(),
               "largest |median c_(t+1)/c_t - rho|, errors between 1e-8 and 1e-4"));
    judgement.claims.push_back(
        decide(prefix + "one-step", {Relation::at_most, 0.0, one_step_tolerance},
               largest_difference(rows, "one_step_ratio"), rows.size(),
               "largest |ratio of one step from theta_hat +- 1e-5 v_1 - rho|"));
    judgement.claims.push_back(
        decide(prefix + "norm", {Relation::at_most, 0.0, norm_excess},
               rows.largest([](const Table& t, std::size_t row) {
                   return value(t, row, "norm_ratio") / value(t, row, "rho") - 1.0;
               }),
               rows.size(), "largest ratio of errors in the norm of I_c over rho, minus 1"));
}

void judge_cases(moe::Judgement& judgement, const Table& table) {
    const Rows rows = all(table);
    if (rows.empty()) return;
    judgement.claims.push_back(
        decide("R.spectrum", {Relation::at_most, 0.0, 1e-12},
               rows.largest([](const Table& t, std::size_t row) {
                   return std::max(-value(t, row, "rho_min"), value(t, row, "rho") - (1.0 - 1e-9));
               }),
               rows.size(), "how far an eigenvalue of M lies outside [0, 1)"));
    judgement.claims.push_back(decide("R.jacobian", {Relation::at_most, 0.0, jacobian_tolerance},
                                      rows.largest([](const Table& t, std::size_t row) {
                                          return value(t, row, "jacobian_difference");
                                      }),
                                      rows.size(),
                                      "largest |J - M|, J by 5-point differences of the EM map"));
    judge_estimators(judgement, "R.", rows);
    judgement.claims.push_back(decide(
        "R.linear", {Relation::at_most, linear_slowdown, 0.0},
        rows.largest([](const Table& t, std::size_t row) { return value(t, row, "slowdown"); }),
        rows.size(),
        "largest decline of the log error per iteration in the first half of the window "
        "over the second half: 1 is linear"));
    const Rows dominated(table, [](const Table& t, std::size_t row) {
        return value(t, row, "dominance") < dominance_limit;
    });
    if (dominated.empty()) return;
    judgement.claims.push_back(
        decide("R.tail", {Relation::at_most, 0.0, tail_tolerance},
               largest_difference(dominated, "tail_ratio"), dominated.size(),
               "largest |last Euclidean ratio - rho| where (rho_2/rho)^iterations < 1e-3; in the "
               "other " +
                   std::to_string(rows.size() - dominated.size()) +
                   " cases the run ends before v_1 dominates"));
}

// ---------------------------------------------------------------------------------------------

struct Signals {
    std::vector<double> beta;
    std::vector<double> rho;
};

/// The sweep of one model, |w*| and cosine; the limit apart.
struct Sweep {
    Signals signals;
    double limit_beta = 0.0;
    double limit_rho = 0.0;
};

Sweep sweep(const Table& table, const std::string& model, double w, double cosine) {
    Sweep found;
    const Rows rows(table, [&](const Table& t, std::size_t row) {
        return t.text(row, "model") == model && t.real(row, "w") == w &&
               t.real(row, "cosine") == cosine;
    });
    for (const std::size_t row : rows.indices()) {
        if (table.boolean(row, "limit")) {
            found.limit_beta = table.real(row, "beta");
            found.limit_rho = table.real(row, "rho");
        } else {
            found.signals.beta.push_back(table.real(row, "beta"));
            found.signals.rho.push_back(table.real(row, "rho"));
        }
    }
    return found;
}

/// Largest rise of rho from one |beta*| to the next: negative if rho falls everywhere.
double largest_rise(const Signals& signals) {
    double rise = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i + 1 < signals.rho.size(); ++i)
        rise = std::max(rise, signals.rho[i + 1] - signals.rho[i]);
    return rise;
}

/// Decides that rho falls strictly: the largest rise is below 0, by more than the quadrature errs.
moe::Claim decide_falling(const char* id, double rise, std::int64_t sweeps) {
    return decide(id, {Relation::at_most, -quadrature_tolerance, 0.0}, rise, sweeps,
                  "largest change of rho from one |beta*| to the next larger one");
}

std::string label(double w, double cosine) {
    return "w" + moe::rounded(w, 3) + ".c" + moe::rounded(cosine, 3);
}

void judge_linear_sweeps(moe::Judgement& judgement, const std::vector<double>& gates,
                         const std::vector<double>& cosines, const Table& table) {
    double rise = -std::numeric_limits<double>::infinity();
    double off_slope = 0.0;
    std::int64_t sweeps = 0;
    std::int64_t fits = 0;
    for (const double w : gates) {
        for (const double cosine : cosines) {
            const Sweep found = sweep(table, "sym-lin", w, cosine);
            if (found.signals.beta.size() < 2) continue;
            ++sweeps;
            rise = std::max(rise, largest_rise(found.signals));
            if (w == 4.0 && cosine == 0.0) {
                judgement.claims.push_back(decide(
                    "P.linear.constant", {Relation::equal, notes_constant, constant_tolerance},
                    found.limit_beta * found.limit_rho, 1,
                    "|beta*| rho at |beta*| = " + moe::rounded(found.limit_beta, 3)));
            }
            if (std::ranges::count_if(found.signals.beta,
                                      [](double beta) { return beta >= law_signal; }) < 2)
                continue;
            ++fits;
            const moe::Rate rate =
                moe::fit_rate({"population.linear." + label(w, cosine), "rho against |beta*|", -1.0,
                               vanishing_tolerance, law_signal},
                              found.signals.beta, found.signals.rho);
            off_slope = std::max(off_slope, std::abs(rate.slope + 1.0));
            judgement.rates.push_back(rate);
        }
    }
    if (sweeps > 0) judgement.claims.push_back(decide_falling("P.linear.improves", rise, sweeps));
    if (fits > 0) {
        judgement.claims.push_back(
            decide("P.linear.vanishes", {Relation::at_most, 0.0, vanishing_tolerance}, off_slope,
                   fits, "largest |slope + 1| of log rho against log |beta*|, |beta*| >= 8"));
    }
}

void judge_logistic_sweeps(moe::Judgement& judgement, const std::vector<double>& gates,
                           const std::vector<double>& cosines, const Table& table) {
    double rise = -std::numeric_limits<double>::infinity();
    double least = std::numeric_limits<double>::infinity();
    std::int64_t orthogonal = 0;
    std::int64_t sweeps = 0;
    std::string text;
    for (const double w : gates) {
        for (const double cosine : cosines) {
            const Sweep found = sweep(table, "sym-log", w, cosine);
            if (found.signals.beta.size() < 2) continue;
            ++sweeps;
            least = std::min(least, found.limit_rho);
            text += (text.empty() ? "" : ", ") + moe::rounded(found.limit_rho, 4) + " (|w*| " +
                    moe::rounded(w, 3) + ", cosine " + moe::rounded(cosine, 3) + ")";
            if (cosine == 0.0) {
                ++orthogonal;
                rise = std::max(rise, largest_rise(found.signals));
            }
            if (w == exchange_gate && cosine == exchange_cosine) {
                judgement.claims.push_back(
                    decide("P.logistic.rises", {Relation::at_least, quadrature_tolerance, 0.0},
                           largest_rise(found.signals), 1,
                           "largest rise of rho from one |beta*| to the next larger one, |w*| = 1, "
                           "cosine 0.9"));
            }
        }
    }
    if (orthogonal > 0)
        judgement.claims.push_back(decide_falling("P.logistic.improves", rise, orthogonal));
    if (sweeps > 0) {
        judgement.claims.push_back(
            decide("P.logistic.plateau", {Relation::at_least, plateau_floor, 0.0}, least, sweeps,
                   "smallest rho at |beta*| = 1e6, beyond which it is constant: " + text));
    }
}

void judge_population(moe::Judgement& judgement, const moe::Options& options, const Table& table) {
    const Rows rows = all(table);
    if (rows.empty()) return;
    judgement.claims.push_back(
        decide("P.quadrature", {Relation::at_most, 0.0, quadrature_tolerance},
               rows.largest([](const Table& t, std::size_t row) {
                   return std::abs(t.real(row, "rho") - t.real(row, "refined_rho"));
               }),
               rows.size(), "largest change of rho when the steps of the quadrature are halved"));
    const Rows weak(
        table, [](const Table& t, std::size_t row) { return t.real(row, "beta") <= weak_signal; });
    if (!weak.empty()) {
        judgement.claims.push_back(
            decide("P.weak", {Relation::at_most, 1.0, 0.0},
                   weak.largest([](const Table& t, std::size_t row) {
                       return (1.0 - t.real(row, "rho")) / std::pow(t.real(row, "beta"), 2.0);
                   }),
                   weak.size(), "largest (1 - rho) / |beta*|^2, |beta*| <= 0.1, both models"));
    }
    judge_linear_sweeps(judgement, options.reals("gates"), options.reals("cosines"), table);
    judge_logistic_sweeps(judgement, options.reals("gates"), options.reals("cosines"), table);
}

// ---------------------------------------------------------------------------------------------

void judge_samples(moe::Judgement& judgement, const Table& table) {
    const Rows rows = all(table);
    if (rows.empty()) return;
    std::map<std::int64_t, std::map<double, double>> samples; // repetition -> |beta*| -> rho
    std::map<double, std::vector<double>> deviations;         // |beta*| -> rho / population - 1
    for (const std::size_t row : rows.indices()) {
        const double beta = table.real(row, "beta");
        const double rho = table.real(row, "rho");
        samples[table.integer(row, "repetition")][beta] = rho;
        deviations[beta].push_back(rho / table.real(row, "population_rho") - 1.0);
    }
    double rise = -std::numeric_limits<double>::infinity();
    std::int64_t pairs = 0;
    for (const auto& [repetition, sample] : samples) {
        for (auto next = std::next(sample.begin()); next != sample.end(); ++next, ++pairs)
            rise = std::max(rise, next->second - std::prev(next)->second);
    }
    if (pairs > 0) {
        judgement.claims.push_back(
            decide("S.improves", {Relation::at_most, 0.0, 0.0}, rise, pairs,
                   "largest change of rho from one |beta*| to the next larger one in any sample; "
                   "in simulated samples of 10000 (600 for |beta*| >= 1, 100 below) it was -0.028: "
                   "false alarms below 1 % a sample"));
    }
    judge_estimators(judgement, "S.", rows);
    double single = 0.0;
    double mean = 0.0;
    std::int64_t singles = 0;
    for (const auto& [beta, values] : deviations) {
        mean = std::max(mean, std::abs(std::accumulate(values.begin(), values.end(), 0.0)) /
                                  static_cast<double>(values.size()));
        if (beta > moderate_signal) continue;
        singles += static_cast<std::int64_t>(values.size());
        for (const double deviation : values)
            single = std::max(single, std::abs(deviation));
    }
    if (singles > 0) {
        judgement.claims.push_back(decide(
            "S.population", {Relation::at_most, 0.0, population_tolerance}, single, singles,
            "largest |rho / population rho - 1| of one sample, |beta*| <= 2; at most 6.4 % in "
            "600 simulated samples of 10000 (standard deviation 2.0 % at |beta*| = 2, 4.7 % "
            "at 8): false alarms below 0.1 % a sample"));
    }
    judgement.claims.push_back(
        decide("S.mean", {Relation::at_most, 0.0, population_tolerance}, mean,
               static_cast<std::int64_t>(deviations.size()),
               "largest |mean of rho / population rho - 1| over the samples at one |beta*|; false "
               "alarms below 1 % with 3 samples of 10000"));
}

void judge_zero_signal(moe::Judgement& judgement, const Table& table) {
    const Rows rows = all(table);
    if (rows.empty()) return;
    std::vector<double> t;
    std::vector<double> b;
    const auto at = [&](double iteration) {
        const auto found = std::ranges::find(t, iteration);
        return b.at(static_cast<std::size_t>(found - t.begin()));
    };
    for (const std::size_t row : rows.indices()) {
        if (table.integer(row, "t") == 0) continue;
        t.push_back(moe::number(table, row, "t"));
        b.push_back(table.real(row, "b"));
    }
    const moe::Rate rate =
        moe::fit_rate({"zero-signal.b", "b_t against t", -0.5, 0.005, law_from, law_to}, t, b);
    judgement.rates.push_back(rate);
    moe::Claim sublinear;
    sublinear.id = "Z.sublinear";
    judgement.claims.push_back(moe::rate_claim(rate, std::move(sublinear)));
    judgement.claims.push_back(decide("Z.constant", {Relation::equal, 1.0, 0.002},
                                      at(law_to) * std::sqrt(6.0 * law_to), 1,
                                      "b_t sqrt(6 t) at t = 5000"));
    const double middle = std::floor(0.5 * (law_from + law_to));
    judgement.claims.push_back(decide(
        "Z.not-linear", {Relation::at_least, sublinear_slowdown, 0.0},
        slowdown(at(law_from), at(middle), at(law_to), middle - law_from, law_to - middle), 1,
        "decline of log b_t per iteration over [500, 2750], over that in [2750, 5000]: 1 if "
        "linear, 2.85 for a power of t, so the linear reading is refuted"));
}

} // namespace

moe::Judgement judge(const moe::Options& options, const moe::Tables& tables) {
    moe::Judgement judgement;
    judge_cases(judgement, tables.at("cases"));
    judge_population(judgement, options, tables.at("population"));
    judge_samples(judgement, tables.at("samples"));
    judge_zero_signal(judgement, tables.at("zero_signal"));
    return judgement;
}

} // namespace em_linear_rate
