#include "plots/gnuplot.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace moe {

namespace {

/// A file descriptor that is closed in the end.
class Descriptor {
  public:
    explicit Descriptor(int number)
        : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;

    [[nodiscard]] int number() const noexcept { return number_; }
    void close() noexcept {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }

  private:
    int number_;
};

/// stdin from /dev/null, stdout and stderr into a pipe.
class SpawnActions {
  public:
    explicit SpawnActions(int output) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    }
    ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    SpawnActions(SpawnActions&&) = delete;
    SpawnActions& operator=(SpawnActions&&) = delete;

    [[nodiscard]] const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

[[noreturn]] void fail(const char* what, int error) {
    throw EnvironmentError(std::string(what) + ": " + std::generic_category().message(error));
}

/// The environment with time zone and locale fixed: PDF files carry the one, and gnuplot warns of
/// the degree sign when the other is not UTF-8, as on a bare machine.
std::vector<std::string> child_environment() {
    std::vector<std::string> variables{"TZ=UTC", "LC_ALL=C.UTF-8"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        if (!text.starts_with("TZ=") && !text.starts_with("LC_ALL=")) variables.emplace_back(text);
    }
    return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

std::string read_all(int descriptor) {
    std::string bytes;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("cannot read what gnuplot says", errno);
        if (count == 0) return bytes;
        bytes.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) fail("cannot wait for gnuplot", errno);
    }
    return status;
}

struct Outcome {
    int status; ///< as of waitpid
    std::string output;
};

Outcome run(std::vector<std::string> arguments) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("cannot make a pipe for gnuplot", errno);
    const Descriptor from_child(ends[0]);
    Descriptor to_parent(ends[1]);
    const SpawnActions actions(to_parent.number());
    std::vector<std::string> environment = child_environment();
    pid_t child = 0;
    const int error =
        ::posix_spawnp(&child, arguments.front().c_str(), actions.get(), nullptr,
                       pointers_to(arguments).data(), pointers_to(environment).data());
    if (error == ENOENT || error == EACCES || error == ENOTDIR) {
        throw EnvironmentError("gnuplot is not on the PATH: install it (Debian: gnuplot-nox), "
                               "figures are drawn with it");
    }
    if (error != 0) fail("cannot start gnuplot", error);
    to_parent.close();
    std::string output = read_all(from_child.number());
    return {wait_for(child), std::move(output)};
}

/// What gnuplot said first, on one line, without what fontconfig says about its cache.
std::string complaint_of(const std::string& output) {
    std::string complaint;
    std::size_t begin = 0;
    constexpr std::size_t enough = 300; // characters: the first complaint tells the cause
    while (begin < output.size() && complaint.size() < enough) {
        const std::size_t end = std::min(output.find('\n', begin), output.size());
        const std::string line = output.substr(begin, end - begin);
        begin = end + 1;
        if (line.find_first_not_of(" \t^\r") == std::string::npos) continue;
        if (line.starts_with("Fontconfig")) continue;
        complaint += (complaint.empty() ? "" : "; ") + line;
    }
    return complaint;
}

} // namespace

std::string gnuplot_terminals() {
    // Without the user's own settings (-d), as for the figures.
    const Outcome outcome = run({"gnuplot", "-d", "-e", "print GPVAL_TERMINALS"});
    if (outcome.status != 0) {
        throw EnvironmentError("gnuplot does not work: " + complaint_of(outcome.output));
    }
    return outcome.output;
}

void run_gnuplot(const std::filesystem::path& script) {
    const Outcome outcome = run({"gnuplot", "-d", std::filesystem::absolute(script).string()});
    const std::string complaint = complaint_of(outcome.output);
    if (WIFSIGNALED(outcome.status)) {
        throw EnvironmentError("gnuplot was killed by signal " +
                               std::to_string(WTERMSIG(outcome.status)));
    }
    if (outcome.status != 0 || !complaint.empty()) {
        throw EnvironmentError("gnuplot could not draw the figure (exit status " +
                               std::to_string(WEXITSTATUS(outcome.status)) + "): " + complaint);
    }
}

} // namespace moe
