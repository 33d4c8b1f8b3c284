#pragma once
// Standard input, output and error as a program meets them: a pipe whose reader left, a full disk.

#include <string>
#include <string_view>

namespace moe {

/// Opens /dev/null for those of the descriptors 0, 1, 2 that are closed, so that no file of ours
/// takes their number.
void open_missing_streams() noexcept;

/// Writes to stdout at once. A reader that left (EPIPE) is no failure: the rest goes nowhere and
/// the run goes on, since its results are the files. Any other failure throws EnvironmentError.
void write_stdout(std::string_view text);

/// Writes one line to stderr; control characters become blanks. A failure is ignored, for there is
/// nowhere left to tell it.
void write_stderr_line(std::string_view line) noexcept;

/// All of stdin; throws EnvironmentError.
[[nodiscard]] std::string read_stdin();

[[nodiscard]] bool stderr_is_terminal() noexcept;

} // namespace moe
