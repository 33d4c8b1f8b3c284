#pragma once
// Runs a program as a child process the way a user or a shell would: arguments, stdin, signals,
// limits; gives its exit code, stdout and stderr.

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace moe_test {

struct ProcessSpec {
    std::string program;
    std::vector<std::string> arguments;
    std::string standard_input = {};
    std::vector<std::pair<std::string, std::string>> environment = {}; ///< added to ours
    std::string stdout_path = {}; ///< where stdout goes instead of into the result
    bool reader_left = false;     ///< stdout is a pipe that nobody reads
    std::optional<rlim_t> file_size_limit = std::nullopt; ///< bytes a file may have
    std::string folder = {};                              ///< working folder
};

struct ProcessResult {
    int exit_code; ///< -1 if a signal ended it
    int signal;    ///< 0 if it exited
    std::string out;
    std::string err;
};

/// A child process; it is killed if it is still there at the end of its life.
class Process {
  public:
    explicit Process(const ProcessSpec& spec)
        : out_(scratch_file())
        , err_(scratch_file())
        , child_(start(spec)) {}
    ~Process() {
        if (child_ <= 0) return;
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    Process(Process&&) = delete;
    Process& operator=(Process&&) = delete;

    void send(int signal) const { ::kill(child_, signal); }

    [[nodiscard]] ProcessResult wait() {
        int status = 0;
        ::waitpid(std::exchange(child_, 0), &status, 0);
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                WIFSIGNALED(status) ? WTERMSIG(status) : 0, contents(out_), contents(err_)};
    }

  private:
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    using File = std::unique_ptr<std::FILE, CloseFile>;

    static File scratch_file() {
        File file(std::tmpfile());
        if (!file) throw std::runtime_error("cannot make a temporary file");
        return file;
    }

    static std::string contents(const File& file) {
        std::string text;
        std::array<char, 4096> buffer{};
        std::rewind(file.get());
        for (std::size_t count = 0;
             (count = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0;)
            text.append(buffer.data(), count);
        return text;
    }

    [[nodiscard]] pid_t start(const ProcessSpec& spec) const {
        const File in = scratch_file();
        std::fwrite(spec.standard_input.data(), 1, spec.standard_input.size(), in.get());
        std::rewind(in.get());
        std::vector<std::string> words = {spec.program};
        words.insert(words.end(), spec.arguments.begin(), spec.arguments.end());
        std::vector<char*> arguments;
        arguments.reserve(words.size() + 1);
        for (std::string& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);

        const pid_t child = ::fork();
        if (child < 0) throw std::runtime_error("cannot fork");
        if (child == 0) become(spec, arguments, ::fileno(in.get()));
        return child;
    }

    /// In the child: never returns.
    [[noreturn]] void become(const ProcessSpec& spec, const std::vector<char*>& arguments,
                             int in) const {
        constexpr int cannot_start = 127;
        // Background jobs of some shells ignore SIGINT, and a test must not inherit that.
        for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ})
            std::signal(signal, SIG_DFL);
        int out = ::fileno(out_.get());
        if (!spec.stdout_path.empty())
            out = ::open(spec.stdout_path.c_str(), O_WRONLY | O_CREAT, 0666);
        if (spec.reader_left) {
            std::array<int, 2> ends{};
            if (::pipe(ends.data()) != 0) ::_exit(cannot_start);
            ::close(ends[0]);
            out = ends[1];
        }
        if (::dup2(in, STDIN_FILENO) < 0 || ::dup2(out, STDOUT_FILENO) < 0 ||
            ::dup2(::fileno(err_.get()), STDERR_FILENO) < 0)
            ::_exit(cannot_start);
        for (const auto& [name, value] : spec.environment)
            ::setenv(name.c_str(), value.c_str(), 1);
        if (!spec.folder.empty() && ::chdir(spec.folder.c_str()) != 0) ::_exit(cannot_start);
        if (spec.file_size_limit) {
            const struct rlimit limit { *spec.file_size_limit, *spec.file_size_limit };
            if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(cannot_start);
        }
        ::execv(arguments.front(), arguments.data());
        ::_exit(cannot_start);
    }

    File out_;
    File err_;
    pid_t child_;
};

[[nodiscard]] inline ProcessResult run(const ProcessSpec& spec) {
    return Process(spec).wait();
}

/// Runs and sends a signal after a while; if the program has ended before, the signal goes nowhere.
[[nodiscard]] inline ProcessResult run_with_signal(const ProcessSpec& spec, int signal,
                                                   std::chrono::milliseconds after) {
    Process process(spec);
    std::this_thread::sleep_for(after);
    process.send(signal);
    return process.wait();
}

} // namespace moe_test
