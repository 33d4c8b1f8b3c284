#include "constructions/plan.hpp"

#include "basics/error.hpp"
#include "basics/integer_power.hpp"
#include "basics/numbers.hpp"
#include "constructions/bit_extraction.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace moe {

namespace {

constexpr double lattice_rounding = 1e-12;
constexpr double nodes_rounding = 1e-9;
constexpr double exact_lattice_limit = 0x1p50;

void check_dimension(int n) {
    if (n < 1 || n > 8)
        throw InputError("n = " + std::to_string(n) + ": the dimension must be 1 to 8");
}

void check_positive(const char* name, double value) {
    if (!(value > 0.0) || !std::isfinite(value))
        throw InputError(std::string(name) + " = " + shortest(value) +
                         ": must be positive and finite");
}

void check_exponent(int n, double r) {
    if (!(r >= 0.0 && r <= n))
        throw InputError("r = " + shortest(r) + ": must be 0 to n = " + std::to_string(n));
}

/// value, already rounded up, as a count of at least 1.
std::int64_t count_from(const char* name, double value) {
    if (!(value < static_cast<double>(count_limit)))
        throw InputError(std::string(name) + " = " + shortest(value) + ": must stay below 2^62");
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(value));
}

std::uint64_t cells(int axes, std::int64_t per_axis) {
    if (per_axis < 1) throw InputError("K = " + std::to_string(per_axis) + ": must be at least 1");
    const auto count = power_below_limit(static_cast<std::uint64_t>(per_axis), axes);
    if (!count)
        throw InputError("K = " + std::to_string(per_axis) + ": K^" + std::to_string(axes) +
                         " experts must stay below 2^62");
    return *count;
}

/// The tree of 3.2 halves each side, rounding up on its longest way: ceil(log2 K) levels an axis.
std::int64_t tree_height(int routed_axes, std::int64_t per_axis) {
    return std::int64_t{routed_axes} * ceil_log2(static_cast<std::uint64_t>(per_axis));
}

std::uint64_t prototype_reals(int n, std::int64_t height) {
    return 2 * static_cast<std::uint64_t>(n) * static_cast<std::uint64_t>(height);
}

} // namespace

MixturePlan plan_of(int n, std::int64_t M, std::int64_t K, double lambda, KuhnForm form) {
    check_dimension(n);
    check_positive("lambda", lambda);
    MixturePlan plan;
    plan.params = kuhn_parameters(n, M, form);
    plan.leaves = cells(n, K);
    if (K > static_cast<std::int64_t>(count_limit - 1) / M)
        throw InputError("K = " + std::to_string(K) + ": K M for M = " + std::to_string(M) +
                         " must stay below 2^62");
    plan.error = kuhn_error_bound(n, K, M, lambda);
    plan.height = tree_height(n, K);
    plan.route_params = prototype_reals(n, plan.height);
    plan.n = n;
    plan.r = std::numeric_limits<double>::quiet_NaN();
    plan.eps = plan.error;
    plan.lambda = lambda;
    plan.form = form;
    plan.N = K * M;
    plan.M = M;
    plan.K = K;
    return plan;
}

MixturePlan plan_for_error(int n, double r, double eps, double lambda, KuhnForm form) {
    check_dimension(n);
    check_positive("eps", eps);
    check_positive("lambda", lambda);
    check_exponent(n, r);
    const double half_diagonal = lambda * std::sqrt(static_cast<double>(n)) / 2.0;
    const std::int64_t N =
        count_from("lambda sqrt(n)/(2 eps)", std::ceil(half_diagonal / eps - lattice_rounding));
    const std::int64_t M =
        count_from("N^(r/n)", std::ceil(std::pow(static_cast<double>(N), r / n) - nodes_rounding));
    const std::int64_t K = (N - 1) / M + 1;
    MixturePlan plan = plan_of(n, M, K, lambda, form);
    plan.r = r;
    plan.eps = eps;
    plan.N = N;
    return plan;
}

MixturePlan exact_plan(int n, double r, std::int64_t M, double lambda, KuhnForm form) {
    check_dimension(n);
    check_exponent(n, r);
    if (M < 1) throw InputError("M = " + std::to_string(M) + ": must be at least 1");
    if (r == 0.0)
        throw InputError("r = 0: no exact plan, the experts are constants on any lattice");
    const double lattice = std::pow(static_cast<double>(M), n / r);
    if (!(lattice <= exact_lattice_limit))
        throw InputError("M = " + std::to_string(M) + ": N = M^(n/r) = " + shortest(lattice) +
                         " must be at most 2^50");
    const double N = std::round(lattice);
    const bool is_integer = std::abs(lattice - N) <= std::max(nodes_rounding, 1e-15 * N);
    if (!is_integer || static_cast<std::int64_t>(N) % M != 0)
        throw InputError("M = " + std::to_string(M) + ": N = M^(n/r) = " + shortest(lattice) +
                         " must be an integer that M divides");
    MixturePlan plan = plan_of(n, M, static_cast<std::int64_t>(N) / M, lambda, form);
    plan.r = r;
    return plan;
}

MixturePlan constant_plan(int n, std::int64_t N, double lambda, KuhnForm form) {
    MixturePlan plan = plan_of(n, 1, N, lambda, form);
    plan.r = 0.0;
    return plan;
}

BitExtractionPlan bit_extraction_plan(int n, int k, std::int64_t m, std::int64_t d, double lambda) {
    check_positive("lambda", lambda);
    check_bit_extraction_size(n, k, m, d);
    BitExtractionPlan plan;
    plan.n = n;
    plan.k = k;
    plan.lambda = lambda;
    plan.m = m;
    plan.d = d;
    plan.slabs_per_axis = n == k ? 1 : (k == 1 ? m * d : m);
    plan.params = bit_extraction_parameters(k, m, d);
    plan.leaves = cells(n - k, plan.slabs_per_axis);
    plan.error =
        bit_extraction_bound(k, m, d, lambda) + slab_bound(n, k, plan.slabs_per_axis, lambda);
    plan.height = tree_height(n - k, plan.slabs_per_axis);
    plan.route_params = prototype_reals(n, plan.height);
    return plan;
}

double testable_A_bound(int n, double r, double eps, double lambda, KuhnForm form) {
    check_dimension(n);
    check_positive("eps", eps);
    check_positive("lambda", lambda);
    check_exponent(n, r);
    constexpr int narrow_dimensions = 4;
    if (form == KuhnForm::narrow && n > narrow_dimensions)
        throw InputError("n = " + std::to_string(n) +
                         ": the bound of the narrow count is proved for n up to 4");
    const double ratio = lambda * std::sqrt(static_cast<double>(n)) / eps;
    const double wide =
        12.0 * n * std::ldexp(1.0, n) * std::pow(ratio, r) + static_cast<double>(n * n + 5 * n);
    return form == KuhnForm::wide ? wide : 9.0 * wide;
}

std::uint64_t route_bound(int n, std::int64_t K) {
    check_dimension(n);
    if (K < 1) throw InputError("K = " + std::to_string(K) + ": must be at least 1");
    return 2 * static_cast<std::uint64_t>(n) * static_cast<std::uint64_t>(n) *
           static_cast<std::uint64_t>(ceil_log2(static_cast<std::uint64_t>(K)));
}

} // namespace moe
