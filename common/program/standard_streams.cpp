#include "program/standard_streams.hpp"

#include "basics/error.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace moe {

namespace {

/// 0 or the error number.
int write_all(int descriptor, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

} // namespace

void open_missing_streams() noexcept {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
        // The lowest free number is this one. Read-only also for output: writing must fail.
        if (::open("/dev/null", O_RDONLY) < 0) return;
    }
}

void write_stdout(std::string_view text) {
    const int error = write_all(STDOUT_FILENO, text);
    if (error != 0 && error != EPIPE)
        throw EnvironmentError("cannot write to standard output: " +
                               std::generic_category().message(error));
}

void write_stderr_line(std::string_view line) noexcept {
    try {
        std::string text(line);
        for (char& letter : text)
            if (static_cast<unsigned char>(letter) < ' ') letter = ' ';
        text += '\n';
        write_all(STDERR_FILENO, text);
    } catch (const std::exception&) {
        write_all(STDERR_FILENO, "out of memory\n");
    }
}

std::string read_stdin() {
    std::string text;
    std::array<char, 1 << 14> buffer{};
    for (;;) {
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count == 0) return text;
        if (count < 0 && errno == EINTR) continue;
        if (count < 0)
            throw EnvironmentError("cannot read standard input: " +
                                   std::generic_category().message(errno));
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

bool stderr_is_terminal() noexcept {
    return ::isatty(STDERR_FILENO) == 1;
}

} // namespace moe
