#pragma once
// What the build knows of itself. The source is generated at build time (provenance.cmake).

#include <string_view>

namespace moe {

struct BuildInfo {
    std::string_view version;      ///< of the project
    std::string_view git_revision; ///< "unknown" outside a git checkout
    bool git_dirty;                ///< tracked files differ from the revision
    std::string_view compiler;     ///< name and version
    std::string_view flags;
    bool cuda; ///< whether a CUDA compiler was found
};

[[nodiscard]] const BuildInfo& build_info() noexcept;

} // namespace moe
