#include "shattering/separability.hpp"

#include "basics/error.hpp"

#include <boost/multiprecision/cpp_int.hpp>
#include <glpk.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace moe {

namespace {

using Rational = boost::multiprecision::cpp_rational;

constexpr std::int64_t max_coordinate = std::int64_t{1} << 53U;

/// The entry j of y_i (x_i, 1).
std::int64_t signed_entry(const IntegerPoints& points, std::string_view labels, std::size_t i,
                          std::size_t j) {
    const std::int64_t entry = j < points.n ? points.coordinates[i * points.n + j] : 1;
    return labels[i] == '1' ? entry : -entry;
}

void check_input(const IntegerPoints& points, std::string_view labels) {
    if (points.n < 1 || points.coordinates.empty() || points.coordinates.size() % points.n != 0)
        throw InputError("points: " + std::to_string(points.coordinates.size()) +
                         " coordinates in dimension " + std::to_string(points.n) +
                         ": must be a positive multiple of n >= 1");
    if (labels.size() != points.size())
        throw InputError("labels: " + std::to_string(labels.size()) + " given for " +
                         std::to_string(points.size()) + " points");
    if (labels.find_first_not_of("01") != std::string_view::npos)
        throw InputError("labels: must consist of 0 and 1");
    for (const std::int64_t coordinate : points.coordinates) {
        if (coordinate < -max_coordinate || coordinate > max_coordinate)
            throw InputError("points: coordinate " + std::to_string(coordinate) + " beyond +-2^53");
    }
}

/// What a basis says about the answer: which rows hold with equality, which
/// weights are not fixed at 0.
struct Basis {
    bool separable = false;
    std::vector<std::size_t> tight;
    std::vector<std::size_t> free_weights;
};

/// GLPK keeps an environment per thread; giving it back leaves nothing behind
/// in threads that end.
struct SolverEnvironment {
    SolverEnvironment() = default;
    SolverEnvironment(const SolverEnvironment&) = delete;
    SolverEnvironment& operator=(const SolverEnvironment&) = delete;
    ~SolverEnvironment() { glp_free_env(); }
};

/// Optimal basis of: maximise delta <= 1 with y_i <w, x^_i> >= delta. The
/// optimum is 1 (separable) or 0.
Basis optimal_basis(const IntegerPoints& points, std::string_view labels) {
    const SolverEnvironment environment;
    const std::unique_ptr<glp_prob, decltype(&glp_delete_prob)> owner(glp_create_prob(),
                                                                      &glp_delete_prob);
    glp_prob* const program = owner.get();
    const int rows = static_cast<int>(points.size());
    const int weights = static_cast<int>(points.n) + 1;
    const int delta = weights + 1;
    glp_set_obj_dir(program, GLP_MAX);
    glp_add_rows(program, rows);
    glp_add_cols(program, delta);
    for (int j = 1; j <= weights; ++j)
        glp_set_col_bnds(program, j, GLP_FR, 0.0, 0.0);
    glp_set_col_bnds(program, delta, GLP_UP, 0.0, 1.0);
    glp_set_obj_coef(program, delta, 1.0);
    std::vector<int> columns(static_cast<std::size_t>(delta) + 1);
    std::vector<double> entries(columns.size());
    for (int i = 1; i <= rows; ++i) {
        for (int j = 1; j <= weights; ++j) {
            const auto at = static_cast<std::size_t>(j);
            columns[at] = j;
            entries[at] = static_cast<double>(
                signed_entry(points, labels, static_cast<std::size_t>(i) - 1, at - 1));
        }
        columns.back() = delta;
        entries.back() = -1.0;
        glp_set_row_bnds(program, i, GLP_LO, 0.0, 0.0);
        glp_set_mat_row(program, i, delta, columns.data(), entries.data());
    }
    glp_smcp control;
    glp_init_smcp(&control);
    control.msg_lev = GLP_MSG_OFF;
    glp_std_basis(program);
    if (glp_exact(program, &control) != 0 || glp_get_status(program) != GLP_OPT)
        throw EnvironmentError("linear program of " + std::to_string(rows) +
                               " points: GLPK found no optimum");
    Basis basis;
    basis.separable = glp_get_col_stat(program, delta) == GLP_NU;
    for (int i = 1; i <= rows; ++i) {
        if (glp_get_row_stat(program, i) != GLP_BS)
            basis.tight.push_back(static_cast<std::size_t>(i) - 1);
    }
    for (int j = 1; j <= weights; ++j) {
        if (glp_get_col_stat(program, j) == GLP_BS)
            basis.free_weights.push_back(static_cast<std::size_t>(j) - 1);
    }
    return basis;
}

/// Solution of a square system [matrix | right side], rows of size + 1; nothing
/// if it is singular.
std::optional<std::vector<Rational>> solve(std::vector<std::vector<Rational>> system) {
    const std::size_t size = system.size();
    for (std::size_t column = 0; column < size; ++column) {
        std::size_t pivot = column;
        while (pivot < size && system[pivot][column] == 0)
            ++pivot;
        if (pivot == size) return std::nullopt;
        std::swap(system[column], system[pivot]);
        for (std::size_t row = 0; row < size; ++row) {
            if (row == column || system[row][column] == 0) continue;
            const Rational factor = system[row][column] / system[column][column];
            for (std::size_t k = column; k <= size; ++k)
                system[row][k] -= factor * system[column][k];
        }
    }
    std::vector<Rational> solution(size);
    for (std::size_t i = 0; i < size; ++i)
        solution[i] = system[i][size] / system[i][i];
    return solution;
}

/// The values times the least common multiple of their denominators.
std::vector<BigInteger> to_integers(const std::vector<Rational>& values) {
    BigInteger common = 1;
    for (const Rational& value : values)
        common = lcm(common, denominator(value));
    std::vector<BigInteger> integers;
    integers.reserve(values.size());
    for (const Rational& value : values)
        integers.push_back(numerator(value) * (common / denominator(value)));
    return integers;
}

/// y_i <w, x^_i> = 1 on the tight rows, all other weights 0.
std::optional<std::vector<Rational>> weights_of(const Basis& basis, const IntegerPoints& points,
                                                std::string_view labels) {
    if (basis.tight.size() != basis.free_weights.size()) return std::nullopt;
    std::vector<std::vector<Rational>> system;
    for (const std::size_t i : basis.tight) {
        std::vector<Rational>& row = system.emplace_back();
        for (const std::size_t j : basis.free_weights)
            row.emplace_back(signed_entry(points, labels, i, j));
        row.emplace_back(1);
    }
    const auto solution = solve(std::move(system));
    if (!solution) return std::nullopt;
    std::vector<Rational> weights(points.n + 1);
    for (std::size_t k = 0; k < basis.free_weights.size(); ++k)
        weights[basis.free_weights[k]] = (*solution)[k];
    return weights;
}

/// sum lambda_i y_i x^_ij = 0 for the basic weights j, sum lambda_i = 1, lambda
/// = 0 off the tight rows.
std::optional<std::vector<Rational>> multipliers_of(const Basis& basis, const IntegerPoints& points,
                                                    std::string_view labels) {
    if (basis.tight.size() != basis.free_weights.size() + 1) return std::nullopt;
    std::vector<std::vector<Rational>> system;
    for (const std::size_t j : basis.free_weights) {
        std::vector<Rational>& row = system.emplace_back();
        for (const std::size_t i : basis.tight)
            row.emplace_back(signed_entry(points, labels, i, j));
        row.emplace_back(0);
    }
    system.emplace_back(basis.tight.size() + 1, Rational(1));
    const auto solution = solve(std::move(system));
    if (!solution) return std::nullopt;
    std::vector<Rational> multipliers(points.size());
    for (std::size_t k = 0; k < basis.tight.size(); ++k)
        multipliers[basis.tight[k]] = (*solution)[k];
    return multipliers;
}

} // namespace

SeparabilityProof separate(const IntegerPoints& points, std::string_view labels) {
    check_input(points, labels);
    const Basis basis = optimal_basis(points, labels);
    SeparabilityProof proof;
    proof.separable = basis.separable;
    const auto solution =
        basis.separable ? weights_of(basis, points, labels) : multipliers_of(basis, points, labels);
    if (solution) (basis.separable ? proof.weights : proof.multipliers) = to_integers(*solution);
    if (!solution || !proves(proof, points, labels))
        throw EnvironmentError("linear program of " + std::to_string(points.size()) +
                               " points: the basis of GLPK proves neither separability nor its "
                               "contrary");
    return proof;
}

bool proves(const SeparabilityProof& proof, const IntegerPoints& points, std::string_view labels) {
    check_input(points, labels);
    if (proof.separable) {
        if (proof.weights.size() != points.n + 1) return false;
        for (std::size_t i = 0; i < points.size(); ++i) {
            BigInteger margin = 0;
            for (std::size_t j = 0; j <= points.n; ++j)
                margin += proof.weights[j] * signed_entry(points, labels, i, j);
            if (margin < 1) return false;
        }
        return true;
    }
    if (proof.multipliers.size() != points.size()) return false;
    if (std::any_of(proof.multipliers.begin(), proof.multipliers.end(),
                    [](const BigInteger& multiplier) { return multiplier < 0; }))
        return false;
    if (std::all_of(proof.multipliers.begin(), proof.multipliers.end(),
                    [](const BigInteger& multiplier) { return multiplier == 0; }))
        return false;
    for (std::size_t j = 0; j <= points.n; ++j) {
        BigInteger sum = 0;
        for (std::size_t i = 0; i < points.size(); ++i)
            sum += proof.multipliers[i] * signed_entry(points, labels, i, j);
        if (sum != 0) return false;
    }
    return true;
}

} // namespace moe
