#include "program/provenance.hpp"

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"
#include "basics/numbers.hpp"
#include "basics/parallel.hpp"
#include "forward/cuda/device.hpp"
#include "program/build_info.hpp"
#include "program/json_text.hpp"

#include <Eigen/Core>
#include <boost/version.hpp>
#include <nlohmann/json.hpp>

#include <ctime>
#include <fstream>
#include <string_view>
#include <sys/utsname.h>
#include <thread>
#include <xxhash.h>

namespace moe {

using Json = nlohmann::ordered_json;

namespace {

/// Hash of the running executable, so that a checkpoint of a rebuilt program is told apart even
/// where its git revision is the same; "unknown" where the system has no /proc.
std::string executable_hash() {
    try {
        return hash_of(MappedFile("/proc/self/exe").text());
    } catch (const EnvironmentError&) {
        return "unknown";
    }
}

std::string dotted(int major, int minor, int patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

Json library_versions() {
    return {
        {"boost", dotted(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
        {"eigen", dotted(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)},
        {"nlohmann_json", dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                                 NLOHMANN_JSON_VERSION_PATCH)},
        {"xxhash", dotted(XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE)}};
}

std::string processor() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos)
            return line.substr(colon + 2);
    }
    return "unknown";
}

std::string operating_system() {
    struct utsname names {};
    if (::uname(&names) != 0) return "unknown";
    return std::string(names.sysname) + " " + names.release + " " + names.machine;
}

std::string iso_time(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::string text(sizeof "2000-01-01T00:00:00Z", '\0');
    text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts));
    return text;
}

/// VmHWM of the system's own account, since getrusage counts the process that started us too; null
/// where there is none.
Json peak_resident_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (!line.starts_with("VmHWM:")) continue;
        const std::size_t first = line.find_first_of("0123456789");
        const std::size_t last = line.find_last_of("0123456789");
        if (first == std::string::npos) break;
        const auto kibibytes =
            parse_integer<std::int64_t>(std::string_view(line).substr(first, last - first + 1));
        if (kibibytes) return *kibibytes * 1024;
    }
    return nullptr;
}

Json timings(const Execution& execution) {
    Json list = Json::array();
    for (std::size_t c = 0; c < execution.results.size(); ++c) {
        if (!execution.results[c]) continue;
        for (const Timing& timing : execution.results[c]->timings())
            list.push_back(
                {{"cell", execution.cells[c]}, {"what", timing.what}, {"seconds", timing.seconds}});
    }
    return list;
}

/// The GPU that the run used; null for a run on the processor.
Json gpu_of(const Options& options) {
    if (options.device() != "cuda") return nullptr;
    const cuda::Device device = cuda::find_device();
    return {
        {"name", device.name},
        {"compute_capability", std::to_string(device.major) + "." + std::to_string(device.minor)},
        {"memory_bytes", device.memory_bytes},
        {"driver", device.driver},
        {"runtime", device.runtime}};
}

std::string cuda_text() {
    const cuda::Device device = cuda::find_device();
    if (device.runtime.empty()) return "no";
    return device.runtime +
           (device.usable ? "; GPU: " + device.text() : "; no usable GPU: " + device.reason);
}

std::string joined(const std::vector<std::string>& texts) {
    std::string line;
    for (const std::string& text : texts)
        line += (line.empty() ? "" : ",") + text;
    return line;
}

} // namespace

RunIdentity identity_of(const std::string& program, const Options& options) {
    const BuildInfo& build = build_info();
    RunIdentity identity = {{"program", program},
                            {"version", std::string(build.version)},
                            {"git revision", std::string(build.git_revision)},
                            {"build", executable_hash()},
                            {"--preset", std::string(to_string(options.preset()))},
                            {"--seed", std::to_string(options.seed())},
                            {"--device", options.device()},
                            {"--only", joined(options.only())},
                            {"--sabotage", options.sabotage()}};
    for (const Options::Effective& option : options.effective())
        identity.emplace_back("--" + option.name, to_string(option.value));
    return identity;
}

std::string version_text(const std::string& program) {
    const BuildInfo& build = build_info();
    return program + " " + std::string(build.version) +
           "\ngit revision: " + std::string(build.git_revision) +
           (build.git_dirty ? " (modified)" : "") + "\ncompiler: " + std::string(build.compiler) +
           "\nflags: " + std::string(build.flags) + "\nCUDA: " + cuda_text() + "\n";
}

std::string run_json(const std::string& program, const Options& options, const Execution& execution,
                     const RunClock& clock) {
    const BuildInfo& build = build_info();
    Json json;
    json["program"] = program;
    json["version"] = build.version;
    json["git_revision"] = build.git_revision;
    json["git_dirty"] = build.git_dirty;
    json["executable_xxh64"] = executable_hash();
    json["compiler"] = build.compiler;
    json["flags"] = build.flags;
    json["libraries"] = library_versions();
    json["preset"] = to_string(options.preset());
    json["seed"] = options.seed();
    json["only"] = options.only();
    json["sabotage"] = options.sabotage().empty() ? Json(nullptr) : Json(options.sabotage());
    json["options"] = Json::array();
    for (const Options::Effective& option : options.effective())
        json["options"].push_back({{"name", option.name},
                                   {"value", option_json(option.value)},
                                   {"unit", option.unit},
                                   {"given", option.given}});
    json["threads"] = options.threads();
    json["device"] = options.device();
    json["gpu"] = gpu_of(options);
    json["processor"] = processor();
    json["cores"] = available_cores();
    json["host_cores"] = std::thread::hardware_concurrency();
    json["operating_system"] = operating_system();
    json["cells"] = {{"total", execution.results.size()}, {"resumed", execution.resumed}};
    json["start_time"] = iso_time(clock.start);
    json["seconds"] =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - clock.steady_start)
            .count();
    json["peak_resident_bytes"] = peak_resident_bytes();
    json["timings"] = timings(execution);
    return json_text(json);
}

} // namespace moe
