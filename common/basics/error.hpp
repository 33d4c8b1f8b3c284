#pragma once
// The failures that a user of a program can meet, by exit code (see program/exit_code.hpp).

#include <stdexcept>
#include <string>

namespace moe {

/// Bad usage or bad input. The message is one line that names the culprit, its value and what is
/// allowed. Exit code 2.
class InputError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The environment failed: I/O, memory, device. The message says what, where and what to do.
/// Exit code 4.
class EnvironmentError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

} // namespace moe
