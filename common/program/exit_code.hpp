#pragma once
// What the exit status of a program says.

namespace moe {

enum class ExitCode : int {
    supported = 0,    ///< every judged claim is supported
    refuted = 1,      ///< at least one claim is refuted
    bad_input = 2,    ///< bad usage or bad input; nothing was written
    inconclusive = 3, ///< none refuted, at least one inconclusive; or no claim was judged
    environment = 4   ///< I/O, memory, device, or a defect of the program itself
};

/// A run that SIGINT or SIGTERM ended exits with 128 + signal, as shells report it.
[[nodiscard]] constexpr int exit_status_of_signal(int signal) noexcept {
    return 128 + signal;
}

} // namespace moe
