#pragma once
// From the judgement of a program to the end of a run: which claims were judged, which were not,
// and the exit code.

#include "program/exit_code.hpp"
#include "program/program.hpp"

#include <string>
#include <vector>

namespace moe {

struct ClaimNotRun {
    ClaimInfo claim;
    std::string reason; ///< "left out by --only" or "no data with these options"
};

struct Conclusion {
    std::vector<Claim> claims;        ///< judged ones, in the order of their declaration
    std::vector<ClaimNotRun> not_run; ///< the other declared ones, in that order too
    std::vector<Rate> rates;
    /// Of the judged claims: refuted if any is, else inconclusive if any is, else supported;
    /// inconclusive if none was judged.
    Verdict verdict;
};

/// Completes the judgement: texts of the declared claims where the judgement left them empty;
/// claims of unselected checks dropped; declared claims without a judgement stand in not_run.
/// Throws std::logic_error for a claim that was not declared or is judged twice.
[[nodiscard]] Conclusion conclude(const Program& program, const Options& options,
                                  Judgement judgement);

[[nodiscard]] ExitCode exit_code_of(Verdict verdict) noexcept;

} // namespace moe
