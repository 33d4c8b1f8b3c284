#include "context.hpp"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace moe::bench {

namespace {

std::string processor() {
    std::ifstream lines("/proc/cpuinfo");
    for (std::string line; std::getline(lines, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos)
            return line.substr(colon + 2);
    }
    return "unknown";
}

} // namespace

void add_context(int argc, char** argv) {
    std::string command = std::filesystem::path(argv[0]).filename().string();
    for (int i = 1; i < argc; ++i)
        command += std::string(" ") + argv[i];
    benchmark::AddCustomContext("command", command);
    benchmark::AddCustomContext("processor", processor());
    benchmark::AddCustomContext("compiler", "C++ compiler " __VERSION__);
}

} // namespace moe::bench
