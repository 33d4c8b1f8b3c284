#pragma once
// What a drawn picture holds, for tests.

#include "basics/files.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

namespace moe_test {

inline std::string bytes_of(const std::filesystem::path& file) {
    return std::string(moe::MappedFile(file).text());
}

/// Text without tags, so that a label can be found whatever spans it is cut into.
inline std::string plain_text(const std::string& svg) {
    std::string text;
    bool inside = false;
    for (const char c : svg) {
        if (c == '<') inside = true;
        if (!inside) text += c;
        if (c == '>') inside = false;
    }
    text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
    return text;
}

} // namespace moe_test
