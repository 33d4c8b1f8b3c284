#include "sigmoid_gating/exact_checks.hpp"

#include "sigmoid_gating/fits.hpp"
#include "sigmoid_gating/flat_families.hpp"
#include "sigmoid_gating/lemmas.hpp"
#include "sigmoid_gating/modulus.hpp"
#include "sigmoid_gating/tables.hpp"
#include "sigmoid_gating/tangent.hpp"
#include "sigmoid_gating/truths.hpp"

#include "datasets/grid_reduction.hpp"
#include "fitting/least_squares_gated.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace sigmoid_gating {

namespace {

using moe::ExpertActivation;
using moe::GateKind;

constexpr std::array all_experts{ExpertActivation::gelu,   ExpertActivation::tanh,
                                 ExpertActivation::linear, ExpertActivation::square,
                                 ExpertActivation::relu,   ExpertActivation::constant};
constexpr std::array both_gates{GateKind::sigmoid, GateKind::softmax};

/// Largest difference between the analytic derivatives at theta and central differences.
double jacobian_error(const moe::GatedClass& functions, const std::vector<double>& theta,
                      const std::vector<double>& points, bool wrong_sign) {
    constexpr double step = 1e-5;
    const std::size_t M = points.size();
    std::vector<double> values(M);
    std::vector<double> jacobian(M * theta.size());
    moe::evaluate_with_jacobian(functions, theta, points, values, jacobian);
    if (wrong_sign) {
        for (std::size_t b = 0; b < M; ++b)
            jacobian[b] = -jacobian[b];
    }
    std::vector<double> above(M);
    std::vector<double> below(M);
    double error = 0.0;
    for (std::size_t p = 0; p < theta.size(); ++p) {
        std::vector<double> moved = theta;
        moved[p] = theta[p] + step;
        moe::evaluate(functions, moved, points, above);
        moved[p] = theta[p] - step;
        moe::evaluate(functions, moved, points, below);
        for (std::size_t b = 0; b < M; ++b) {
            const double difference = (above[b] - below[b]) / (2.0 * step);
            error = std::max(error, std::abs(difference - jacobian[p * M + b]));
        }
    }
    return error;
}

/// Whether a ReLU kink is so near to a point that a difference quotient may straddle it.
bool kink_near_a_point(const moe::GatedClass& functions, const std::vector<double>& theta,
                       const std::vector<double>& points) {
    if (functions.expert != ExpertActivation::relu) return false;
    const moe::GatedFunction function = moe::function_of(functions, theta);
    return std::ranges::any_of(function.atoms, [&](const moe::Atom& atom) {
        return std::ranges::any_of(points,
                                   [&](double x) { return std::abs(atom.a * x + atom.b) < 1e-3; });
    });
}

std::string text(GateKind gate) {
    return std::string(moe::name_of(gate));
}

std::string text(ExpertActivation expert) {
    return std::string(moe::name_of(expert));
}

/// The least objective of a class with k = k* over starts near the truth and in the box.
double best_objective(const moe::GridData& data, const Truth& truth, std::size_t starts,
                      moe::RandomStream& stream) {
    const moe::GatedClass functions = truth.function.function_class();
    const moe::ParameterBox box = moe::ParameterBox::cube(functions.parameters(), box_half_width);
    std::vector<std::vector<double>> from;
    for (std::size_t i = 0; i < starts; ++i) {
        from.push_back(i % 2 == 0 ? start_near(truth, functions, 0.3, stream)
                                  : start_in(box, stream));
    }
    const auto results =
        moe::minimise_from_starts(moe::GatedRegression(functions, data), box, from, {});
    return results.at(moe::lowest_objective(results)).objective;
}

} // namespace

moe::CellResult measure_jacobians(const moe::CellContext& context, std::size_t M, bool wrong_sign) {
    const std::vector<double> points = grid(M);
    moe::CellResult result;
    std::uint32_t number = 0;
    for (const GateKind gate : both_gates) {
        for (const ExpertActivation expert : all_experts) {
            const moe::GatedClass functions{gate, expert, fitted_atoms};
            const moe::ParameterBox box =
                moe::ParameterBox::cube(functions.parameters(), box_half_width);
            moe::RandomStream stream = context.stream(number++);
            double error = 0.0;
            for (int repetition = 0; repetition < 20; ++repetition) {
                std::vector<double> theta = start_in(box, stream);
                while (kink_near_a_point(functions, theta, points))
                    theta = start_in(box, stream);
                error = std::max(error, jacobian_error(functions, theta, points, wrong_sign));
            }
            AgreementRow agreement;
            agreement.what = "jacobian";
            agreement.gate = text(gate);
            agreement.expert = text(expert);
            agreement.difference = error;
            result.add("agreements", row(agreement));
        }
    }
    return result;
}

moe::CellResult measure_common_truth(const moe::CellContext& context, std::size_t M,
                                     std::size_t starts) {
    const std::vector<double> points = grid(M);
    moe::CellResult result;
    std::uint32_t number = 0;
    for (const ExpertActivation expert : {ExpertActivation::gelu, ExpertActivation::tanh}) {
        const Truth sigmoid = sig2c(expert);
        const Truth softmax = soft(expert);
        const std::vector<double> one = moe::values_on(sigmoid.function, points);
        const std::vector<double> other = moe::values_on(softmax.function, points);
        AgreementRow identity;
        identity.what = "common-truth";
        identity.expert = text(expert);
        identity.difference = 0.0;
        for (std::size_t b = 0; b < points.size(); ++b) {
            identity.difference =
                std::max(identity.difference, std::abs(one[b] - other[b]) / std::abs(other[b]));
        }
        result.add("agreements", row(identity));
        for (const double noise : {0.1, 0.001}) {
            context.leave_if_stopped();
            const moe::GridData data = moe::pseudo_noise_data(softmax.function, points, noise);
            moe::RandomStream stream = context.stream(number++);
            AgreementRow inclusion;
            inclusion.what = "inclusion";
            inclusion.expert = text(expert);
            inclusion.noise = noise;
            inclusion.one = best_objective(data, sigmoid, starts, stream);
            inclusion.other = best_objective(data, softmax, starts, stream);
            inclusion.difference = inclusion.one / inclusion.other - 1.0;
            result.add("agreements", row(inclusion));
        }
    }
    return result;
}

moe::CellResult measure_lemmas() {
    moe::CellResult result;
    for (const ExactCount& count : gate_lemma(40))
        result.add("lemmas", row(LemmaRow{count.statement, count.cases, count.failures}));
    for (const double d : {0.1, 0.01, 0.001})
        result.add("kinks", row(KinkRow{d, kink_distance(d), kink_distance_exact(d)}));

    SplitTruth truth{true, -1.0, 0.6, 1.5, 0.5, -1.2, 0.8};
    for (const bool softmax : {true, false}) {
        truth.softmax = softmax;
        const std::string gate = softmax ? "softmax" : "sigmoid";
        for (const double r : {1.0, 2.0, 3.0, 6.0}) {
            for (const double m : {10.0, 100.0, 1000.0})
                result.add("ratios", row(RatioRow{gate, r, m, split_ratio(truth, r, m)}));
        }
        // The closed form against the model itself, where the difference is large enough to see.
        AgreementRow agreement;
        agreement.what = "ratio-model";
        agreement.gate = gate;
        agreement.expert = "linear";
        agreement.difference = split_model_error(truth, 1.0, 10.0);
        result.add("agreements", row(agreement));
    }
    return result;
}

moe::CellResult measure_families(std::size_t M) {
    const std::vector<double> points = grid(M);
    moe::CellResult result;
    for (const ExpertActivation expert : all_experts) {
        for (const FlatMember& member : flat_members(expert)) {
            const bool dead = member.family == "dead";
            FamilyRow family;
            family.family = member.family;
            family.gate = text(member.truth.gate);
            family.expert = text(expert);
            family.control = !member.exact;
            family.deviation = deviation(member, points);
            if (!dead) {
                family.loss1 = loss(member, 1.0);
                family.loss2 = loss(member, 2.0);
                family.loss4 = loss(member, 4.0);
            }
            const moe::GridData data = moe::pseudo_noise_data(member.truth, points, 0.1);
            family.objective_change = moe::weighted_squares(data, member.member) /
                                          moe::weighted_squares(data, member.truth) -
                                      1.0;
            result.add("families", row(family));
        }
    }
    return result;
}

moe::CellResult measure_tangents(std::size_t M) {
    const std::vector<double> points = grid(M);
    moe::CellResult result;
    for (const Truth& truth :
         {sig2c(ExpertActivation::gelu), sig2(ExpertActivation::gelu), sig2(ExpertActivation::tanh),
          sig2_linear(), sig2(ExpertActivation::square)}) {
        const TangentScan scan = scan_dead_tangent(truth.function, points);
        result.add("tangents", row(TangentRow{truth.name, scan.minimum, scan.maximum, scan.b1,
                                              scan.b0, scan.at_true_gate}));
    }
    return result;
}

moe::CellResult measure_modulus(const moe::CellContext& context, std::size_t M, std::size_t truth,
                                std::size_t random) {
    const std::array<Truth, modulus_truths> truths{
        soft(ExpertActivation::gelu), sig1(ExpertActivation::gelu), soft(ExpertActivation::tanh)};
    const std::vector<double> points = grid(M);
    moe::RandomStream stream = context.stream(0);
    moe::CellResult result;
    const std::vector<Direction> all = directions(random, stream);
    for (std::size_t direction = 0; direction < all.size(); ++direction) {
        context.leave_if_stopped();
        for (const double delta : modulus_deltas) {
            const double norm = modulus(truths.at(truth), all[direction], delta, points);
            result.add("moduli",
                       row(ModulusRow{truths.at(truth).name, static_cast<std::int64_t>(direction),
                                      delta, norm}));
        }
    }
    return result;
}

moe::CellResult measure_scale_moduli(std::size_t M) {
    const std::vector<double> points = grid(M);
    moe::CellResult result;
    for (const ExpertActivation expert :
         {ExpertActivation::linear, ExpertActivation::relu, ExpertActivation::square}) {
        for (const Truth& truth : {soft(expert), sig1(expert)}) {
            for (const double delta : modulus_deltas) {
                const double norm = modulus(truth, scale_direction(truth), delta, points);
                result.add("moduli", row(ModulusRow{truth.name, -1, delta, norm}));
            }
        }
    }
    return result;
}

} // namespace sigmoid_gating
