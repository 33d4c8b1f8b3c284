#pragma once
// A figure as a gnuplot script: all that is said in gnuplot's language stands here.

#include "plots/style.hpp"

#include <filesystem>
#include <vector>

namespace moe {

enum class PictureFormat { svg, png, pdf };

struct Drawing {
    PictureFormat format;
    std::filesystem::path file;
};

/// Writes a script that draws the figure into each of the files; the data stand in the script.
/// Throws EnvironmentError if it cannot be written, std::invalid_argument for a text with control
/// characters.
void write_script(const Figure& figure, const std::vector<Drawing>& drawings,
                  const std::filesystem::path& script);

} // namespace moe
