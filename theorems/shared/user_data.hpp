#pragma once
// --data: the user's own observations, the model that is fitted to them, and where a fit starts.
// How they are fitted and what is written out stands in shared/user_fit.hpp.

#include "datasets/deviates.hpp"
#include "datasets/observations.hpp"
#include "mixtures/gated_mixture.hpp"
#include "mixtures/symmetric_mixture.hpp"
#include "program/options.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace shared {

/// The options --data and --data-family, -experts, -classes, -sigma, -lambda, -iterations, -starts,
/// -intercept. Every program that takes --data declares all of them.
[[nodiscard]] std::vector<moe::OptionSpec> user_data_options();

/// What the options ask for and what the file holds.
struct UserData {
    std::string file;
    /// x as the model takes it: with --data-intercept a constant 1 stands before x1.
    moe::Observations observations;
    std::optional<moe::SymmetricKind> symmetric; ///< sym-lin or sym-log, else nothing
    moe::GatedShape shape;       ///< of a gated mixture; p, K = 2 for the symmetric ones too
    moe::GatedSettings settings; ///< sigma of linear experts, lambda
    moe::Index iterations;       ///< EM iterations of a fit
    moe::Index starts;           ///< 1 where the file has r0, r1, ...
    bool intercept;

    [[nodiscard]] moe::Index parameters() const noexcept;
    /// Name of a feature column as in the file; "1" for the added constant.
    [[nodiscard]] std::string feature_name(moe::Index column) const;
};

/// Reads and checks everything; nothing if --data was not given. Call it from plan(), before
/// anything is written. Throws InputError (one line naming file or option, the value and what is
/// allowed): as read_observations; fewer samples than free parameters; responses that do not fit
/// the family (signs -1 and 1, classes 0..C-1); another number of r columns, or an expert z,
/// than --data-experts allows; options that the family does not use or that come without --data.
[[nodiscard]] std::optional<UserData> user_data(const moe::Options& options);

/// The model on a copy of the samples. Throws FitError (collinear) for a symmetric mixture with
/// collinear features.
[[nodiscard]] std::unique_ptr<moe::LatentModel> make_model(const UserData& data);

/// Where a fit starts: the M-step from the file's responsibilities; without them from random ones,
/// softmax_k(g_k.u) with u the standardised features and response of a sample and g_k normals of
/// stream `number`. Throws FitError.
[[nodiscard]] moe::Vector starting_point(const UserData& data, moe::LatentModel& model,
                                         const moe::DeviateSource& source, std::uint32_t number);

} // namespace shared
