// largest_margin of linear_routing.hpp: a linear program by GLPK.

#include "charts/linear_routing.hpp"

#include "basics/error.hpp"

#include <glpk.h>

#include <memory>
#include <string>
#include <utility>

namespace moe {

namespace {

/// GLPK keeps an environment per thread; giving it back leaves nothing behind in threads that end.
struct SolverEnvironment {
    SolverEnvironment() = default;
    SolverEnvironment(const SolverEnvironment&) = delete;
    SolverEnvironment& operator=(const SolverEnvironment&) = delete;
    ~SolverEnvironment() { glp_free_env(); }
};

/// Entries of a row, with GLPK's leading blank.
struct RowEntries {
    std::vector<int> columns{0};
    std::vector<double> values{0.0};

    void add(std::size_t column, double value) {
        columns.push_back(static_cast<int>(column) + 1);
        values.push_back(value);
    }
};

} // namespace

MarginGate largest_margin(const Curve& curve, const ArcCover& cover,
                          std::span<const CorePoint> core) {
    const SolverEnvironment environment;
    const std::unique_ptr<glp_prob, decltype(&glp_delete_prob)> owner(glp_create_prob(),
                                                                      &glp_delete_prob);
    glp_prob* const program = owner.get();
    const std::size_t n = curve.own;
    const std::size_t gate_row = n + 1; // weights and bias of one chart
    const std::size_t margin_column = cover.charts * gate_row;
    glp_set_obj_dir(program, GLP_MAX);
    glp_add_cols(program, static_cast<int>(margin_column) + 1);
    for (std::size_t column = 0; column < margin_column; ++column)
        glp_set_col_bnds(program, static_cast<int>(column) + 1, GLP_DB, -1.0, 1.0);
    glp_set_col_bnds(program, static_cast<int>(margin_column) + 1, GLP_FR, 0.0, 0.0);
    glp_set_obj_coef(program, static_cast<int>(margin_column) + 1, 1.0);
    std::vector<double> u(n);
    for (const CorePoint& point : core) {
        curve.point(point.angle, u);
        for (std::size_t other = 0; other < cover.charts; ++other) {
            if (other == point.chart) continue;
            RowEntries entries;
            for (std::size_t k = 0; k <= n; ++k) {
                const double value = k < n ? u[k] : 1.0;
                entries.add(point.chart * gate_row + k, value);
                entries.add(other * gate_row + k, -value);
            }
            entries.add(margin_column, -1.0);
            const int row = glp_add_rows(program, 1);
            glp_set_row_bnds(program, row, GLP_LO, 0.0, 0.0);
            glp_set_mat_row(program, row, static_cast<int>(entries.columns.size()) - 1,
                            entries.columns.data(), entries.values.data());
        }
    }
    glp_smcp control;
    glp_init_smcp(&control);
    control.msg_lev = GLP_MSG_OFF;
    if (glp_simplex(program, &control) != 0 || glp_get_status(program) != GLP_OPT)
        throw EnvironmentError("linear program of " + std::to_string(core.size()) +
                               " core points: GLPK found no optimum");
    std::vector<double> weights;
    std::vector<double> biases;
    for (std::size_t column = 0; column < margin_column; ++column) {
        const double value = glp_get_col_prim(program, static_cast<int>(column) + 1);
        (column % gate_row < n ? weights : biases).push_back(value);
    }
    return {LinearGate(std::move(weights), std::move(biases)), glp_get_obj_val(program)};
}

} // namespace moe
