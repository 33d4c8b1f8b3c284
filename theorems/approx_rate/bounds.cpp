#include "bounds.hpp"

#include "tables.hpp"

#include "certification/sign_recovery.hpp"
#include "certification/stored_model.hpp"
#include "constructions/kuhn.hpp"
#include "constructions/plan.hpp"
#include "theory/dense_bound.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <utility>

namespace approx_rate {

namespace {

constexpr std::uint64_t bump_seed = 9;

std::int64_t as_integer(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

/// Sizes N of the scan for total < P_dense: powers of 4 (n = 1) or 2, as far as the full ladders.
std::vector<std::int64_t> scanned_lattices(int n) {
    std::vector<std::int64_t> lattices;
    const std::array steps{8, 10, 7, 6};
    const std::int64_t base = n == 1 ? 4 : 2;
    std::int64_t N = 1;
    for (int step = 1; step <= steps[static_cast<std::size_t>(n - 1)]; ++step) {
        N *= base;
        lattices.push_back(N);
    }
    return lattices;
}

} // namespace

std::vector<Exponent> exponents(int n) {
    std::vector<Exponent> all;
    const auto add = [&all](double r, const char* written) {
        for (const Exponent& other : all) {
            if (other.r == r) return;
        }
        all.push_back({r, written});
    };
    add(0.0, "0");
    add(0.5, "1/2");
    add(1.0, "1");
    add(0.5 * n, "n/2");
    add(n, "n");
    return all;
}

moe::CellResult plans_for_error(const moe::Options& options, int n, const Exponent& exponent) {
    const double lambda = options.real("lambda");
    const auto points = options.integer("eps-values");
    const double coarsest = lambda * std::sqrt(n) / 2.0;
    const double octaves = n == 1 ? 16.0 : 10.0;
    moe::CellResult result;
    for (std::int64_t i = 0; i < points; ++i) {
        const double eps =
            coarsest * std::exp2(-octaves * static_cast<double>(i) / static_cast<double>(points));
        const moe::MixturePlan wide = moe::plan_for_error(n, exponent.r, eps, lambda);
        const moe::MixturePlan narrow =
            moe::plan_for_error(n, exponent.r, eps, lambda, moe::KuhnForm::narrow);
        PlanRow row;
        row.exponent = exponent.written;
        row.r = exponent.r;
        row.n = n;
        row.eps = eps;
        row.N = wide.N;
        row.M = wide.M;
        row.K = wide.K;
        row.experts = as_integer(wide.leaves);
        row.error = wide.error;
        row.parameters_wide = as_integer(wide.params);
        row.parameters_narrow = as_integer(narrow.params);
        row.bound_wide = moe::testable_A_bound(n, exponent.r, eps, lambda);
        row.bound_narrow = moe::testable_A_bound(n, exponent.r, eps, lambda, moe::KuhnForm::narrow);
        row.route_reals = as_integer(wide.route_params);
        row.route_bound = as_integer(moe::route_bound(n, wide.K));
        result.add("plans", approx_rate::row(row));
    }
    return result;
}

moe::CellResult dense_bounds(const moe::Options& options, int n) {
    const double lambda = options.real("lambda");
    moe::CellResult result;

    const auto add_dense = [&](const char* use, double eps) {
        const std::uint64_t G = moe::sign_points(n, eps, lambda);
        const std::uint64_t minimum = moe::dense_parameter_bound(G, n);
        const double logarithm = std::log2(2.0 * std::numbers::e * static_cast<double>(G));
        DenseRow row;
        row.use = use;
        row.n = n;
        row.eps = eps;
        row.sign_points = as_integer(G);
        row.dense_minimum = as_integer(minimum);
        row.floor_parameters = as_integer(moe::storage_floor_parameters(G));
        row.without_logarithm = static_cast<double>(minimum) * std::sqrt(logarithm);
        result.add("dense", approx_rate::row(row));
    };
    const int octaves = std::array{16, 12, 13, 15}[static_cast<std::size_t>(n - 1)];
    for (int quarter = 4; quarter <= 4 * octaves; ++quarter) {
        add_dense("curve", lambda * std::exp2(-0.25 * quarter));
    }

    const std::vector<std::int64_t> lattices = scanned_lattices(n);
    for (std::size_t i = 0; i < lattices.size(); ++i) {
        const moe::MixturePlan plan = moe::constant_plan(n, lattices[i], lambda);
        // The finer half: there the bound has reached its exponent.
        if (2 * i >= lattices.size()) add_dense("rate", plan.error);
        const std::uint64_t G = moe::sign_points(n, plan.error, lambda);
        result.add("crossings",
                   approx_rate::row(CrossingRow{
                       "constants", n, lattices[i], plan.error, as_integer(plan.total()),
                       as_integer(moe::dense_parameter_bound(G, n)), as_integer(G)}));
    }

    for (std::int64_t M = 2; n >= 2 && M <= (n == 2 ? 64 : 8); ++M) {
        const moe::MixturePlan plan = moe::exact_plan(n, 1.0, M, lambda);
        const std::uint64_t G = moe::sign_points(n, plan.error, lambda);
        result.add("crossings",
                   approx_rate::row(CrossingRow{
                       "storage", n, M, plan.error, as_integer(plan.params * sizeof(double)),
                       as_integer(moe::storage_floor_bytes(G)), as_integer(G)}));
    }
    return result;
}

moe::CellResult recover_signs(const moe::CellContext& context, const moe::Options& options,
                              const SignGrid& grid) {
    const moe::KuhnExperts experts(grid.n, grid.K, grid.M);
    const auto through_the_store = [&](const moe::LipschitzFunction& target,
                                       std::span<const double> points) {
        moe::StoredModel model(context.scratch() / "model.safetensors",
                               {experts.grid(), experts.architecture(),
                                [&](std::span<const std::int64_t> cell, std::span<double> numbers) {
                                    experts.fill(cell, target, numbers);
                                }},
                               points);
        return model.evaluate(points);
    };
    const moe::SignRecovery signs =
        moe::sign_recovery(experts, bump_seed, options.real("lambda"), through_the_store);
    SignRow row;
    row.n = grid.n;
    row.K = grid.K;
    row.M = grid.M;
    row.lattice = signs.bump_lattice;
    row.points = as_integer(signs.points);
    row.positive = as_integer(signs.positive);
    row.recovered = as_integer(signs.recovered);
    row.smallest_margin = signs.smallest_margin;
    row.error_bound = signs.error_bound;
    row.bump_height = signs.bump_height;
    moe::CellResult result;
    result.add("signs", approx_rate::row(row));
    return result;
}

} // namespace approx_rate
