#pragma once
// Signals of a run: SIGINT and SIGTERM ask it to stop, SIGPIPE and SIGXFSZ become errors of
// write().

#include <csignal>
#include <string_view>

namespace moe {

/// Ignores SIGPIPE and SIGXFSZ while it lives: the write that would have raised them fails instead
/// (EPIPE, EFBIG) and is handled as any other failure.
class IgnoredSignals {
  public:
    IgnoredSignals() noexcept;
    ~IgnoredSignals();
    IgnoredSignals(const IgnoredSignals&) = delete;
    IgnoredSignals& operator=(const IgnoredSignals&) = delete;
    IgnoredSignals(IgnoredSignals&&) = delete;
    IgnoredSignals& operator=(IgnoredSignals&&) = delete;

  private:
    struct sigaction pipe_ {};
    struct sigaction file_size_ {};
};

/// Catches SIGINT and SIGTERM while it lives; at most one object at a time. The first signal asks
/// to stop; a second one of the same kind ends the process at once, which loses only cells in work.
/// A signal that was ignored at the start (nohup, background job) stays ignored.
class StopSignals {
  public:
    StopSignals() noexcept;
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    StopSignals(StopSignals&&) = delete;
    StopSignals& operator=(StopSignals&&) = delete;

    /// The signal that asked to stop; 0 if none did.
    [[nodiscard]] static int received() noexcept;

  private:
    struct sigaction interrupt_ {};
    struct sigaction terminate_ {};
};

/// "SIGINT", "SIGTERM".
[[nodiscard]] std::string_view name_of_signal(int signal) noexcept;

} // namespace moe
