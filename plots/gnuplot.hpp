#pragma once
// gnuplot as a child process whose failure is seen: a piped gnuplot goes on after a bad command and
// its status is lost.

#include <filesystem>
#include <string>

namespace moe {

/// Names of gnuplot's terminals, separated by blanks. Throws EnvironmentError if there is no
/// gnuplot on the PATH or it does not work.
[[nodiscard]] std::string gnuplot_terminals();

/// Runs a script. Throws EnvironmentError with gnuplot's own words if it fails or warns.
void run_gnuplot(const std::filesystem::path& script);

} // namespace moe
