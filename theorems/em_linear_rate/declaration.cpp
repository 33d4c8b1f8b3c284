#include "em_linear_rate/judgement.hpp"
#include "em_linear_rate/tables.hpp"
#include "shared/user_data.hpp"

#include "basics/append.hpp"

#include <utility>

namespace em_linear_rate {

namespace {

const char* const paper = "arXiv:2411.06056";

std::vector<moe::OptionSpec> options() {
    const moe::RealRange signal{.low = 0.0, .high = 1000.0, .low_open = true};
    const std::vector<double> sweep{0.03125, 0.0625, 0.125, 0.25, 0.375, 0.5, 0.75, 1,  1.5,
                                    2,       3,      4,     6,    8,     12,  16,   24, 32};
    const std::vector<double> sampled{0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8};
    std::vector<moe::OptionSpec> result = {
        moe::integers_option("cases", "fixed cases by the seed of their fixture", {41, 55},
                             {41, 42, 44, 43, 51, 52, 53, 55, 54},
                             {41, 42, 44, 43, 51, 52, 53, 55, 54}),
        moe::reals_option("signals", "|beta*| of the population sweep", signal, sweep, sweep),
        moe::reals_option("gates", "|w*| of the population sweep",
                          {.low = 0.0, .high = 100.0, .low_open = true}, {1, 2, 4}, {1, 2, 4}),
        moe::reals_option("cosines", "cosines of the angle of beta* and w* in the population sweep",
                          {.low = -1.0, .high = 1.0}, {0, 0.5, 0.9}, {0, 0.5, 0.9}),
        moe::reals_option("sampled-signals", "|beta*| of the samples, |w*| = 2", signal, sampled,
                          sampled),
        moe::integer_option("samples", "size n of a sample, 4 features", {100, 1000000}, 10000,
                            50000),
        moe::integer_option("repetitions", "samples at each |beta*|", {1, 1000}, 3, 20)};
    moe::append(result, shared::user_data_options());
    return result;
}

std::vector<moe::ClaimInfo> claims() {
    return {
        {"R.spectrum", "cases", paper, "abstract, C4; derived: notes 4",
         "at nine fixed stationary points all eigenvalues of M = I_c^-1 I_m lie in [0, 1): EM "
         "arrives at isolated minima"},
        {"R.jacobian", "cases", paper, "Dempster, Laird, Rubin 1977; notes 4",
         "the Jacobian of the EM map at a stationary point is the missing information matrix M"},
        {"R.projected", "cases", paper, "abstract, C4: linear rate from missing information",
         "along v_1 the error shrinks by rho, the largest eigenvalue of M, per iteration"},
        {"R.one-step", "cases", paper, "abstract, C4: linear rate from missing information",
         "one step from theta_hat +- 1e-5 v_1 contracts by rho"},
        {"R.norm", "cases", paper, "derived: notes 4, M is self-adjoint in I_c",
         "no error below 1e-4 shrinks by less than rho (1 + 1e-3) in the norm of I_c"},
        {"R.tail", "cases", paper, "derived: notes 4",
         "the Euclidean ratio tends to rho where the run is long enough for v_1 to dominate"},
        {"R.linear", "cases", paper, "abstract, C4: local linear convergence",
         "the log error falls as fast in the second half of a run as in the first"},
        {"P.quadrature", "population", paper, "control",
         "the population's rates do not depend on the steps of the quadrature"},
        {"P.weak", "population", paper, "derived: notes 4",
         "rho -> 1 as the signal vanishes: 1 - rho <= |beta*|^2 for |beta*| <= 0.1"},
        {"P.linear.improves", "population", paper, "abstract, C4: rate and signal-to-noise ratio",
         "linear experts: rho falls strictly as |beta*| grows"},
        {"P.linear.vanishes", "population", paper, "derived: notes 4",
         "linear experts: rho -> 0 as |beta*| -> infinity, as C / |beta*|: polynomially, no "
         "faster"},
        {"P.linear.constant", "population", paper, "derived: notes 4",
         "linear experts: |beta*| rho -> 1.035 for |w*| = 4, beta* orthogonal to w*"},
        {"P.logistic.improves", "population", paper, "abstract, C4: rate and signal-to-noise ratio",
         "logistic experts, beta* orthogonal to w*: rho falls strictly as |beta*| grows"},
        {"P.logistic.rises", "population", paper, "C4 read as: a stronger signal is always faster",
         "logistic experts: this reading is refuted, rho rises along some |beta*| where beta* and "
         "w* are nearly parallel (beta and w can be exchanged, so at beta* = w* rho is 1)"},
        {"P.logistic.plateau", "population", paper, "C4 read as: the rate vanishes with the noise",
         "logistic experts: this reading is refuted, rho at |beta*| = 1e6 is at least 0.1 for "
         "|w*| <= 20"},
        {"P.logistic.settled", "population", paper, "C4 read as: the rate vanishes with the noise",
         "logistic experts: rho at |beta*| = 1e6 has settled, |rho(1e6) - rho(1e5)| <= 1e-4"},
        {"S.improves", "samples", paper, "abstract, C4: rate and signal-to-noise ratio",
         "samples of SymMoLinE: rho falls from each |beta*| to the next larger one, in each "
         "sample"},
        {"S.projected", "samples", paper, "abstract, C4: linear rate from missing information",
         "samples: along v_1 the error shrinks by rho per iteration"},
        {"S.one-step", "samples", paper, "abstract, C4: linear rate from missing information",
         "samples: one step from theta_hat +- 1e-5 v_1 contracts by rho"},
        {"S.norm", "samples", paper, "derived: notes 4, M is self-adjoint in I_c",
         "samples: no error shrinks by less than rho (1 + 1e-3) in the norm of I_c"},
        {"S.population", "samples", paper, "derived: notes 4",
         "rho of each sample is within 8 % of the population's at its |beta*| <= 2, |w*| and "
         "angle"},
        {"S.mean", "samples", paper, "derived: notes 4",
         "at every |beta*| <= 8 the samples' rho over the population's is 1 within 8 % in the "
         "mean"},
        {"Z.sublinear", "zero-signal", paper, "derived: notes 4",
         "at beta* = 0 with the gate held at w = 0 EM converges like t^(-1/2)"},
        {"Z.constant", "zero-signal", paper, "derived: notes 4",
         "at beta* = 0: b_t = (6 t)^(-1/2) (1 + o(1))"},
        {"Z.not-linear", "zero-signal", paper, "C4 read as: EM converges linearly at any signal",
         "at beta* = 0 this reading is refuted: the decline of log b_t per iteration dies out"}};
}

} // namespace

moe::Program declaration() {
    moe::Program program;
    program.name = "thm_em_linear_rate";
    program.papers = {paper};
    program.summary =
        "Near a stationary point EM for mixtures of experts converges linearly, at the largest "
        "eigenvalue rho of the missing information matrix I_c^-1 I_m, and faster for stronger "
        "signals. For linear experts rho vanishes as 1/|beta|, for logistic ones it does not "
        "vanish, and without signal convergence is sublinear.";
    program.example = "thm_em_linear_rate --only population --only zero-signal";
    program.checks = {
        {"cases", "missing information against the iterates of nine fixed cases, and --data"},
        {"population", "rate against |beta*| for infinitely many samples, by quadrature"},
        {"samples", "rate against |beta*| for samples of SymMoLinE"},
        {"zero-signal", "the sublinear map at beta* = 0"}};
    program.presets = {{"quick", 5.0}, {"full", 75.0}};
    program.options = options();
    program.tables = schemas();
    program.figures = {
        {"em_linear_rate_contraction", "Contraction of EM against the missing information",
         "Estimated contraction of EM against rho, the largest eigenvalue of I_c^-1 I_m, for the "
         "nine fixed cases and all samples, and the distance of each estimator from rho."},
        {"em_linear_rate_snr", "Rate against signal strength",
         "rho against |beta*|: population and samples of linear experts with their law C/|beta*|, "
         "population of logistic experts with their plateau, and 1 - rho where beta* and w* are "
         "not orthogonal."},
        {"em_linear_rate_sublinear", "No signal: sublinear convergence",
         "EM at beta* = 0 with the gate held at w = 0: b_t against t with the law (6t)^(-1/2)."}};
    program.claims = claims();
    program.sabotages = {
        {"half-step",
         "moves half of EM's step: contracts by (1 + rho)/2",
         "cases",
         {"--only", "cases", "--cases", "42"}},
        {"over-relax", "moves 1.5 times EM's step", "cases", {"--only", "cases", "--cases", "42"}},
        {"iid-missing",
         "leaves the covariance of gate and expert scores out of the missing information",
         "cases",
         {"--only", "cases", "--cases", "42"}},
        {"equal-experts",
         "starts EM at theta = 0, where it stays: no isolated minimum",
         "cases",
         {"--only", "cases", "--cases", "42"}},
        {"drop-cross-moment",
         "leaves the covariance of gate and expert scores out of the population's missing "
         "information",
         "population",
         {"--only", "population", "--gates", "4", "--cosines", "0"}},
        {"linear-map",
         "replaces the map without signal by b' = 0.99 b",
         "zero-signal",
         {"--only", "zero-signal"}}};
    return program;
}

} // namespace em_linear_rate
