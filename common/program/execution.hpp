#pragma once
// Runs the cells of a plan: in parallel, dear ones first, each finished one kept in the checkpoint.

#include "program/cell.hpp"
#include "program/checkpoint.hpp"
#include "program/options.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace moe {

/// Throws std::logic_error for cells whose names repeat or whose random keys collide, that are of
/// no declared check (`has_check` says), without function or with a cost that is not positive.
void validate(const Plan& plan, const std::function<bool(const std::string&)>& has_check);

struct Execution {
    std::vector<std::string> cells;                 ///< names in plan order
    std::vector<std::optional<CellResult>> results; ///< in plan order
    std::size_t resumed = 0;                        ///< taken from the checkpoint
    std::size_t finished = 0;                       ///< resumed and computed ones

    [[nodiscard]] bool complete() const noexcept { return finished == results.size(); }
};

/// Runs what the checkpoint does not hold. After a stop request no cell is started, and a cell that
/// leaves by Stopped has no result. An exception of a cell is rethrown once the running ones have
/// ended; one that is neither InputError, EnvironmentError nor bad_alloc becomes std::runtime_error
/// naming the cell. `scratch` is made on demand and removed in the end.
[[nodiscard]] Execution execute(const Plan& plan, const Options& options,
                                const Checkpoint& checkpoint, const std::filesystem::path& scratch,
                                const std::function<bool()>& stop_requested, bool show_progress);

} // namespace moe
