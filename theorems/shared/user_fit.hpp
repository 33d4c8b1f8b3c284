#pragma once
// EM on the user's data (shared/user_data.hpp) and the tables that it leaves: data_starts,
// data_parameters, data_responsibilities.

#include "shared/user_data.hpp"

#include "fitting/em.hpp"
#include "program/cell.hpp"

#include <functional>
#include <string>
#include <vector>

namespace shared {

/// EM from one start.
struct UserStart {
    std::vector<double> objectives; ///< F at theta^0, ..., theta^T; empty if it failed
    std::string failure;            ///< why there is no fit; empty if there is one
};

/// The best of all starts.
struct UserFit {
    std::vector<UserStart> starts;
    moe::Index best; ///< index of the start with the smallest last F
    moe::Vector theta;
    moe::Matrix responsibilities; ///< posterior at theta, n x K
    double log_likelihood;        ///< sum over the samples, without the ridge
    double objective;             ///< F = -log_likelihood / n + (lambda/2) |theta|^2
};

/// Runs EM from every start. `poll` is called between iterations and may throw. A start that fails
/// (FitError) is recorded; the last failure is thrown if none succeeds.
[[nodiscard]] UserFit fit(const UserData& data, moe::LatentModel& model,
                          const moe::DeviateSource& source, const std::function<void()>& poll);

/// Schemas of the tables; a program with user_data_options() declares them too.
[[nodiscard]] std::vector<moe::TableSchema> user_data_tables();

/// Appends the rows of a fit to a cell's result. Coefficients are in the units of the file: beta_k
/// and sigma_k also for free_variance.
void add_rows(const UserData& data, const UserFit& fit, moe::CellResult& result);

} // namespace shared
