#pragma once
// Running the toy theorem as a child process.

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace moe_test {

using Arguments = std::vector<std::string>;

inline Arguments operator+(Arguments left, const Arguments& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

inline ProcessSpec toy(Arguments arguments) {
    return {.program = TOY_THEOREM, .arguments = std::move(arguments)};
}

/// A run that writes its results below `out`.
inline ProcessSpec toy_in(const std::filesystem::path& out, const Arguments& arguments = {}) {
    return toy(Arguments{"--out", out.string()} + arguments);
}

inline std::string contents(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Names and bytes of all files below a folder, run.json left out (it may differ between runs).
inline std::map<std::string, std::string> results_in(const std::filesystem::path& out) {
    namespace fs = std::filesystem;
    std::map<std::string, std::string> files;
    if (!fs::exists(out)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(out))
        if (entry.is_regular_file() && entry.path().filename() != "run.json")
            files[fs::relative(entry.path(), out).string()] = contents(entry.path());
    return files;
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

inline bool is_one_line(const std::string& text) {
    return !text.empty() && text.find('\n') == text.size() - 1;
}

} // namespace moe_test
