#pragma once
// Finished cells of a run that has not ended, one file a cell, so that --resume can go on.

#include "basics/hash.hpp"
#include "program/cell.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moe {

/// What a checkpoint belongs to, as (name, value): program, build, options, seed. Two runs may
/// share finished cells iff all entries are equal.
using RunIdentity = std::vector<std::pair<std::string, std::string>>;

/// The folder of a checkpoint: manifest.json with the identity and one file per finished cell. Cell
/// files carry a hash and the identity; one that is missing, torn or of another run counts as not
/// finished. Cell files are not synced to the disk one by one: a crash of the machine (not of the
/// process) may cost cells, never correctness.
class Checkpoint {
  public:
    /// How the run begins.
    enum class Start { fresh, discarded_other, resumed };

    /// Opens the checkpoint in `folder` (its parent must exist). With `resume`, an existing one is
    /// kept if its identity is the same; InputError names the first difference otherwise. Without,
    /// it is discarded. Throws EnvironmentError.
    Checkpoint(std::filesystem::path folder, const RunIdentity& identity, bool resume);

    [[nodiscard]] Start start() const noexcept { return start_; }

    /// The finished result of a cell, if there is one.
    [[nodiscard]] std::optional<CellResult> load(const std::string& cell_name) const;
    /// Keeps a result (whole or not at all). Several threads may save different cells at once.
    void save(const std::string& cell_name, const CellResult& result) const;
    /// Removes the checkpoint after the results were published. Throws EnvironmentError.
    void remove() const;

  private:
    [[nodiscard]] std::filesystem::path cell_file(const std::string& cell_name) const;

    std::filesystem::path folder_;
    std::string identity_hash_;
    Start start_ = Start::fresh;
};

} // namespace moe
