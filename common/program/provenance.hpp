#pragma once
// Where results come from: the build, the machine, the run. Whatever may differ between two equal
// runs stands here and nowhere else.

#include "program/checkpoint.hpp"
#include "program/execution.hpp"
#include "program/options.hpp"

#include <chrono>
#include <string>

namespace moe {

/// What finished cells depend on: program, build (version, git revision, hash of the executable),
/// seed, device, checks, sabotage and every theorem option. Not threads, folder or printing.
[[nodiscard]] RunIdentity identity_of(const std::string& program, const Options& options);

/// Several lines: program and version, git revision, compiler, flags, CUDA.
[[nodiscard]] std::string version_text(const std::string& program);

struct RunClock {
    std::chrono::system_clock::time_point start = std::chrono::system_clock::now();
    std::chrono::steady_clock::time_point steady_start = std::chrono::steady_clock::now();
};

/// run.json: options (with "given" for those on the command line), versions of the program and its
/// libraries, compiler and flags, revision, processor, GPU, start time (UTC), seconds, peak
/// resident bytes, threads, cells, the times that cells measured.
[[nodiscard]] std::string run_json(const std::string& program, const Options& options,
                                   const Execution& execution, const RunClock& clock);

} // namespace moe
