#include "em_linear_rate/local_rate.hpp"

#include "basics/numbers.hpp"
#include "fitting/em.hpp"
#include "fitting/information.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace em_linear_rate {

namespace {

using moe::Index;
using moe::Matrix;
using moe::Vector;

constexpr double start_distance = 1e-3;
constexpr double window_high = 1e-4; ///< errors that count: second-order terms are below 1e-4 rho,
constexpr double window_low = 1e-8;  ///< and rounding of theta_hat is below 1e-6
constexpr double one_step_distance = 1e-5;
constexpr double difference_step = 1e-4;
constexpr Index longest_run = 1000000;
constexpr std::size_t fewest_errors = 4;

/// The iteration under test.
class Map {
  public:
    Map(moe::LatentModel& model, const Fault& fault, const std::function<void()>& poll)
        : em_(moe::em(model))
        , fault_(fault)
        , poll_(poll) {}

    [[nodiscard]] Vector operator()(const Vector& theta) {
        poll_();
        Vector next = theta;
        em_(next);
        if (fault_.step != 1.0) next = theta + fault_.step * (next - theta);
        return next;
    }

  private:
    moe::Iteration em_;
    Fault fault_;
    const std::function<void()>& poll_;
};

moe::Information information(moe::LatentModel& model, const Vector& theta, const Fault& fault) {
    moe::Information found = moe::information(model, theta);
    if (!fault.drop_cross_terms) return found;
    const moe::Block gate = model.gate_block();
    const moe::Block experts = model.expert_block();
    found.missing.block(gate.begin, experts.begin, gate.size, experts.size).setZero();
    found.missing.block(experts.begin, gate.begin, experts.size, gate.size).setZero();
    const Eigen::GeneralizedSelfAdjointEigenSolver<Matrix> eigen(found.missing, found.complete);
    found.rates = eigen.eigenvalues().reverse();
    found.vectors = eigen.eigenvectors().rowwise().reverse();
    return found;
}

/// Far iterations of EM by steps that can be interrupted; the library's stationary_point does the
/// rest.
Vector stationary_point(moe::LatentModel& model, Vector theta, const std::function<void()>& poll) {
    Map map(model, Fault{}, poll);
    for (Index t = 0; t < longest_run; ++t) {
        Vector next = map(theta);
        const double step = (next - theta).norm();
        theta = std::move(next);
        if (!(step >= 1e-9)) break;
    }
    const double rho = moe::information(model, theta).rates[0];
    if (!(rho < isolated_rho)) throw NotIsolated(rho);
    return moe::stationary_point(model, std::move(theta));
}

/// (a): central differences of fourth order, column by column.
double jacobian_difference(Map& map, const Vector& theta, const Matrix& M, double h) {
    double largest = 0.0;
    const auto shifted = [&](Index j, double multiple) {
        Vector at = theta;
        at[j] += multiple * h;
        return map(at);
    };
    for (Index j = 0; j < theta.size(); ++j) {
        const Vector column =
            (8.0 * (shifted(j, 1.0) - shifted(j, -1.0)) - (shifted(j, 2.0) - shifted(j, -2.0))) /
            (12.0 * h);
        largest = std::max(largest, (column - M.col(j)).cwiseAbs().maxCoeff());
    }
    return largest;
}

/// (c): from theta_hat + d and theta_hat - d the terms of second order cancel.
double one_step_ratio(Map& map, const Vector& theta, const Vector& v1, const Vector& dual,
                      double distance) {
    const Vector d = (distance / v1.norm()) * v1;
    return dual.dot(map(theta + d) - map(theta - d)) / (2.0 * dual.dot(d));
}

double median(std::vector<double> values) {
    const std::size_t half = values.size() / 2;
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(half));
    if (values.size() % 2 == 1) return values[half];
    const double below = *std::ranges::max_element(
        values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half));
    return 0.5 * (below + values[half]);
}

/// Errors of a run inside the window: their component along v_1, I_c norm and Euclidean norm.
struct Errors {
    std::vector<double> component;
    std::vector<double> norm;
    std::vector<double> euclidean;
    bool left = false;
};

Errors run_in_window(Map& map, const Vector& hat, const Vector& direction, const Matrix& complete,
                     const Vector& dual, double unit) {
    Errors errors;
    Vector theta = hat + start_distance * unit * direction;
    for (Index t = 0; t < longest_run; ++t) {
        const Vector error = theta - hat;
        const double size = error.norm() / unit;
        errors.left = !(size <= 1.0);
        if (errors.left || size < window_low) break;
        if (size <= window_high) {
            errors.component.push_back(dual.dot(error));
            errors.norm.push_back(std::sqrt(error.dot(complete * error)));
            errors.euclidean.push_back(size);
        }
        theta = map(theta);
    }
    return errors;
}

void add_run(const Errors& errors, LocalRate& rate) {
    const std::size_t count = errors.norm.size();
    rate.left = errors.left;
    rate.iterations = count == 0 ? 0 : static_cast<Index>(count) - 1;
    if (count < fewest_errors) return;
    std::vector<double> projected;
    rate.norm_ratio = 0.0;
    for (std::size_t t = 0; t + 1 < count; ++t) {
        projected.push_back(errors.component[t + 1] / errors.component[t]);
        rate.norm_ratio = std::max(rate.norm_ratio, errors.norm[t + 1] / errors.norm[t]);
    }
    rate.projected = median(std::move(projected));
    rate.tail = errors.euclidean[count - 1] / errors.euclidean[count - 2];
    rate.dominance = std::pow(rate.rho_2 / rate.rho, static_cast<double>(count - 1));
    const std::size_t middle = (count - 1) / 2;
    rate.slowdown = slowdown(errors.norm.front(), errors.norm[middle], errors.norm.back(),
                             static_cast<double>(middle), static_cast<double>(count - 1 - middle));
}

} // namespace

// ---------------------------------------------------------------------------------------------

NotIsolated::NotIsolated(double rho)
    : FitError(moe::FitFailure::not_converged,
               "EM arrived where the observed information is not positive definite (1 - rho = " +
                   moe::rounded(1.0 - rho, 2) + "): no isolated minimum")
    , rho_(rho) {}

Fault fault_of(const std::string& sabotage) {
    if (sabotage == "half-step") return {.step = 0.5};
    if (sabotage == "over-relax") return {.step = 1.5};
    if (sabotage == "iid-missing") return {.drop_cross_terms = true};
    return {};
}

LocalRate measure_local_rate(moe::LatentModel& model, const Vector& near, const Vector& direction,
                             const Fault& fault, bool jacobian, const std::function<void()>& poll,
                             double unit) {
    LocalRate rate;
    rate.theta = stationary_point(model, near, poll);
    const Vector& hat = rate.theta;
    Vector gradient;
    rate.objective = model.loss_gradient(hat, gradient);
    rate.objective += 0.5 * model.lambda() * hat.squaredNorm();
    rate.gradient = (gradient + model.lambda() * hat).lpNorm<Eigen::Infinity>();

    const moe::Information at = information(model, hat, fault);
    rate.rho = at.rates[0];
    rate.rho_2 = at.rates.size() > 1 ? at.rates[1] : 0.0;
    rate.rho_min = at.rates[at.rates.size() - 1];

    Map map(model, fault, poll);
    // M = V diag(rates) V' I_c, since V' I_c V = I.
    if (jacobian) {
        const Matrix M = at.vectors * at.rates.asDiagonal() * at.vectors.transpose() * at.complete;
        rate.jacobian_difference = jacobian_difference(map, hat, M, difference_step * unit);
    }
    const Vector v1 = at.vectors.col(0);
    const Vector dual = at.complete * v1;
    rate.one_step = one_step_ratio(map, hat, v1, dual, one_step_distance * unit);
    add_run(run_in_window(map, hat, direction, at.complete, dual, unit), rate);
    return rate;
}

double slowdown(double first, double middle, double last, double early, double late) {
    return std::log(first / middle) / early / (std::log(middle / last) / late);
}

} // namespace em_linear_rate
