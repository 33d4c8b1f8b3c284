#pragma once
// From the judgement of a program to the end of a run: which claims were judged, which were not,
// and the exit code.

#include "program/exit_code.hpp"
#include "program/program.hpp"

#include <vector>

namespace moe {

struct Conclusion {
    std::vector<Claim> claims;      ///< judged ones, in the order of their declaration
    std::vector<ClaimInfo> not_run; ///< claims of checks that --only left out
    std::vector<Rate> rates;
    Verdict verdict; ///< refuted if any claim is, else inconclusive if any is, else supported
};

/// Completes the judgement: texts of the declared claims where the judgement left them empty;
/// claims of unselected checks dropped; declared claims that were not judged are inconclusive.
/// Throws std::logic_error for a claim that was not declared or stands there twice.
[[nodiscard]] Conclusion conclude(const Program& program, const Options& options,
                                  Judgement judgement);

[[nodiscard]] ExitCode exit_code_of(Verdict verdict) noexcept;

} // namespace moe
