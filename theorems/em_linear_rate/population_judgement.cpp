#include "em_linear_rate/population_judgement.hpp"

#include "basics/numbers.hpp"
#include "em_linear_rate/attempts.hpp"
#include "statistics/rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace em_linear_rate {

namespace {

using moe::decide;
using moe::Relation;
using moe::Rows;
using moe::Table;

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
constexpr double settled_tolerance = 1e-4;
/// Where the exchange of beta and w shows: near |beta*| = |w*|, nearly parallel.
constexpr double exchange_gate = 1.0;
constexpr double exchange_cosine = 0.9;

struct Signals {
    std::vector<double> beta;
    std::vector<double> rho;
};

/// The sweep of one model, |w*| and cosine; the limit apart.
struct Sweep {
    Signals signals;
    double limit_beta = 0.0;
    double limit_rho = 0.0;
    double limit_rho_tenth = 0.0; ///< at a tenth of limit_beta
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
            found.limit_rho_tenth = table.real(row, "rho_tenth");
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
        rise = worse(rise, signals.rho[i + 1] - signals.rho[i]);
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
            rise = worse(rise, largest_rise(found.signals));
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
            if (!all_positive(found.signals.rho)) {
                off_slope = std::numeric_limits<double>::infinity();
                continue;
            }
            const moe::Rate rate =
                moe::fit_rate({"population.linear." + label(w, cosine), "rho against |beta*|", -1.0,
                               vanishing_tolerance, law_signal},
                              found.signals.beta, found.signals.rho);
            off_slope = worse(off_slope, std::abs(rate.slope + 1.0));
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
    double nearest_zero = -std::numeric_limits<double>::infinity(); // minus the smallest limit
    double unsettled = 0.0;
    std::int64_t orthogonal = 0;
    std::int64_t sweeps = 0;
    std::int64_t plateaus = 0;
    std::string text;
    for (const double w : gates) {
        for (const double cosine : cosines) {
            const Sweep found = sweep(table, "sym-log", w, cosine);
            if (found.signals.beta.size() < 2) continue;
            ++sweeps;
            unsettled = worse(unsettled, std::abs(found.limit_rho - found.limit_rho_tenth));
            if (w <= plateau_gate) {
                ++plateaus;
                nearest_zero = worse(nearest_zero, -found.limit_rho);
                text += (text.empty() ? "" : ", ") + moe::rounded(found.limit_rho, 4) + " (|w*| " +
                        moe::rounded(w, 3) + ", cosine " + moe::rounded(cosine, 3) + ")";
            }
            if (cosine == 0.0) {
                ++orthogonal;
                rise = worse(rise, largest_rise(found.signals));
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
    if (plateaus > 0) {
        judgement.claims.push_back(decide("P.logistic.plateau",
                                          {Relation::at_least, plateau_floor, 0.0}, -nearest_zero,
                                          plateaus, "smallest rho at |beta*| = 1e6: " + text));
    }
    if (sweeps > 0) {
        judgement.claims.push_back(decide("P.logistic.settled",
                                          {Relation::at_most, 0.0, settled_tolerance}, unsettled,
                                          sweeps, "largest |rho(1e6) - rho(1e5)|"));
    }
}

} // namespace

// ---------------------------------------------------------------------------------------------

void judge_population(moe::Judgement& judgement, const moe::Options& options, const Table& table) {
    const Rows rows = moe::all_rows(table);
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

} // namespace em_linear_rate
