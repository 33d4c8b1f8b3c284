#pragma once
// The tables of thm_em_linear_rate and their rows.

#include "basics/table.hpp"
#include "em_linear_rate/cases.hpp"
#include "em_linear_rate/local_rate.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace em_linear_rate {

/// One signal of the population sweep.
struct PopulationRow {
    std::string model; ///< sym-lin, sym-log
    double w;
    double cosine;
    double beta;
    double rho;
    double refined; ///< rho with half the steps of quadrature
    /// beta so large that rho has its limiting form; only there rho at a tenth of beta.
    bool limit;
    double rho_tenth;
};

/// One data set of the sample sweep.
struct SampleRow {
    std::int64_t repetition;
    std::int64_t n;
    double beta;
    double w;
    double cosine;     ///< of beta* and w*
    double population; ///< rho of the population at the same norms and cosine
};

/// Generated data for which there was nothing to measure.
struct RefusedRow {
    std::string check;
    std::string name; ///< of the cell
    std::string reason;
    /// Largest eigenvalue of M where I_obs is not positive definite, else NaN.
    double rho = not_measured;
};

[[nodiscard]] std::vector<moe::TableSchema> schemas();

[[nodiscard]] moe::Row row(const FixedCase& fixed, const LocalRate& rate);
[[nodiscard]] moe::Row row(const PopulationRow& population);
[[nodiscard]] moe::Row row(const SampleRow& sample, const LocalRate& rate);
[[nodiscard]] moe::Row row(const RefusedRow& refused);
[[nodiscard]] moe::Row data_row(const std::string& file, const LocalRate& rate);

} // namespace em_linear_rate
