#pragma once
// The simulated half: data sets of one truth, the fits of one or more classes to the same data, one
// row a fit (notes 4 and 5).

#include "sigmoid_gating/fits.hpp"
#include "sigmoid_gating/tables.hpp"
#include "sigmoid_gating/truths.hpp"

#include "basics/random.hpp"
#include "gating/grid_data.hpp"
#include "program/cell.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sigmoid_gating {

/// What holds for every data set of a run. The last three are sabotages.
struct Conditions {
    std::size_t M = 128;
    double s = 0.1; ///< noise of a response
    StartProtocol protocol;
    bool heavy_noise = false;     ///< s (n/10^6)^{1/4}
    bool shrinking_start = false; ///< start noise n^{-1/2}, 5 iterations, no certificate start

    [[nodiscard]] double noise_at(std::int64_t n) const;
    [[nodiscard]] StartProtocol protocol_at(std::int64_t n) const;
};

/// Everything about one data set that a fit may need.
struct DataSet {
    moe::GridData data;
    std::int64_t n;
    std::int64_t repetition;
};

/// What is fitted to the data of an experiment: one row a fit, each with its cell in the table
/// fits.
struct Contender {
    std::string name; ///< random starts are keyed by it
    std::function<std::vector<FitRow>(const DataSet&, const Conditions&, moe::RandomStream& starts)>
        fit;
};

/// A truth that draws data, and the classes that are fitted to the same data.
struct Experiment {
    std::string name; ///< random numbers of the data are keyed by it
    moe::GatedFunction truth;
    std::size_t atoms; ///< most that are fitted
    std::vector<Contender> contenders;
};

/// The class is fitted by the protocol of notes 4; `pattern` is the expected one. Its cell has the
/// truth's name.
[[nodiscard]] Contender contender(const Truth& truth, const moe::GatedClass& fitted,
                                  const std::string& pattern);
/// R2b: no zero expert in the box; D is D3 to the population minimiser (floors.hpp).
[[nodiscard]] Contender contender_without_zero_expert();
/// SIG2 with linear experts: D is the distance to the set of exact representations.
[[nodiscard]] Contender contender_linear();

/// Repetitions first..last-1 for n samples.
[[nodiscard]] std::vector<FitRow> simulate(const Experiment& experiment,
                                           const Conditions& conditions, std::int64_t n,
                                           std::int64_t first, std::int64_t last,
                                           std::uint64_t seed,
                                           const std::function<void()>& leave_if_stopped);

/// What a fit tells about the truth: errors, loss, whether the pattern is the expected one, and the
/// parameters on the box. Everything is missing if no start gave a finite fit.
[[nodiscard]] FitRow measured_fit(const Truth& truth, const BestFit& best,
                                  const std::vector<double>& points, const std::string& pattern);

/// The class of k atoms that the truth belongs to.
[[nodiscard]] moe::GatedClass class_of(const Truth& truth, std::size_t atoms = fitted_atoms);

/// The sizes of the cells as they should be: "2 1" (split), "1 1 1" (dead; the last cell is the
/// dead one), "1 1" with no more atoms than the truth has.
[[nodiscard]] std::string expected_pattern(const Truth& truth, std::size_t atoms = fitted_atoms);

} // namespace sigmoid_gating
