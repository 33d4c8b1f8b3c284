#include "program/signals.hpp"

#include <atomic>

namespace moe {

namespace {

// The one piece of global state: a signal handler has no other place to write to.
std::atomic<int> received_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void remember_signal(int signal) {
    received_signal.store(signal);
}

void install(int signal, void (*handler)(int), unsigned flags,
             struct sigaction& previous) noexcept {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(flags);
    ::sigemptyset(&action.sa_mask);
    ::sigaction(signal, nullptr, &previous);
    if (previous.sa_handler == SIG_IGN) return;
    ::sigaction(signal, &action, nullptr);
}

} // namespace

IgnoredSignals::IgnoredSignals() noexcept {
    install(SIGPIPE, SIG_IGN, 0, pipe_);
    install(SIGXFSZ, SIG_IGN, 0, file_size_);
}

IgnoredSignals::~IgnoredSignals() {
    ::sigaction(SIGPIPE, &pipe_, nullptr);
    ::sigaction(SIGXFSZ, &file_size_, nullptr);
}

StopSignals::StopSignals() noexcept {
    received_signal.store(0);
    const unsigned once = SA_RESTART | static_cast<unsigned>(SA_RESETHAND);
    install(SIGINT, remember_signal, once, interrupt_);
    install(SIGTERM, remember_signal, once, terminate_);
}

StopSignals::~StopSignals() {
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &terminate_, nullptr);
}

int StopSignals::received() noexcept {
    return received_signal.load();
}

std::string_view name_of_signal(int signal) noexcept {
    return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

} // namespace moe
