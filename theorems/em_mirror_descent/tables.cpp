#include "em_mirror_descent/tables.hpp"

#include "shared/user_fit.hpp"

#include "basics/append.hpp"

namespace em_mirror_descent {

namespace {

using moe::Column;
using moe::ColumnType;

/// The columns that say where a row belongs, then the table's own.
std::vector<Column> with_place(std::vector<Column> own) {
    std::vector<Column> columns{
        {"configuration", ColumnType::text, "the mixture; data: the user's own"},
        {"family", ColumnType::text, "symmetric, linear, free-variance or multinomial"},
        {"repetition", ColumnType::integer, "number of the data set"}};
    moe::append(columns, std::move(own));
    return columns;
}

Column iteration() {
    return {"iteration", ColumnType::integer, "t: from theta^t to theta^(t+1)"};
}

} // namespace

std::vector<moe::TableSchema> schemas() {
    std::vector<moe::TableSchema> tables{
        {"proximal",
         "EM's iterate against the independently solved proximal step: |EM - step|_inf / max(1, "
         "|EM|_inf)",
         with_place({iteration(),
                     {"parameters", ColumnType::integer, "free parameters"},
                     {"form", ColumnType::text, "E1, E2a or E2b"},
                     {"difference", ColumnType::real, "of the two minimisers"},
                     {"step", ColumnType::real, "|theta^(t+1) - theta^t|_inf, what is explained"},
                     {"solver_gradient", ColumnType::real,
                      "largest entry of the proximal objective's gradient at its minimiser"},
                     {"solved", ColumnType::boolean, "the solver arrived at a minimum"}})},
        {"decrease",
         "F^t - F^(t+1) = G + ridge + latent at every iteration, and the bound that follows",
         with_place({iteration(),
                     {"objective", ColumnType::real, "F^t"},
                     {"decrease", ColumnType::real, "F^t - F^(t+1)"},
                     {"G", ColumnType::real, "divergence of gate and experts, new from old"},
                     {"ridge", ColumnType::real, "(lambda/2) |step|^2"},
                     {"latent", ColumnType::real, "KL of the posteriors of z, old from new"},
                     {"residual", ColumnType::real, "|decrease - G - ridge - latent|"},
                     {"scale", ColumnType::real,
                      "what the residual is measured in: 1; the user's own data max(1, |F^t|)"},
                     {"least_gap", ColumnType::real, "min over s <= t of G + ridge"},
                     {"bound_ratio", ColumnType::real,
                      "T min gap / (F^0 - F^T), T = t + 1: at most 1; empty where F fell by "
                      "rounding only"}})},
        {"smoothness", "random pairs (a, b): L(a) against its linearisation at b plus a divergence",
         with_place({{"experts", ColumnType::integer, "K"},
                     {"pair", ColumnType::integer, "number of the pair"},
                     {"slack_residual", ColumnType::real,
                      "|L(a) - L(b) - <grad L(b), a-b> - D(a,b) + KL_lat(b||a)|; first 20 pairs"},
                     {"lifted_residual", ColumnType::real,
                      "|L in natural coordinates - L| at a; first 20 pairs"},
                     {"scale", ColumnType::real,
                      "what the residuals are measured in: 1; the user's own data max(1, |L|)"},
                     {"fixed_kl_excess", ColumnType::real,
                      "L(a) - L(b) - <grad L(b), a-b> - KL_joint(b||a); above 0: no smoothness"}})},
        {"controls", "steps that are not EM's: distance from EM in the largest entry",
         with_place({iteration(),
                     {"control", ColumnType::text, "E3, step 0.9 or swapped KL"},
                     {"distance", ColumnType::real, "of all parameters; infinite: no minimum"},
                     {"gate_distance", ColumnType::real, "of the gate's parameters; E3 only"},
                     {"solved", ColumnType::boolean, "the solver arrived at a minimum"}})},
        {"refused", "iterations for which there is no finite M-step: the configuration stops there",
         with_place({{"check", ColumnType::text, "in which check"},
                     iteration(),
                     {"reason", ColumnType::text, "what the M-step says"}})}};
    moe::append(tables, shared::user_data_tables());
    return tables;
}

} // namespace em_mirror_descent
