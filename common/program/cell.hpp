#pragma once
// The unit of work: a cell of the experiment. It sees its own random numbers and scratch space and
// gives rows; it knows nothing of the other cells, so cells run in any order and on any thread.

#include "basics/random.hpp"
#include "basics/table.hpp"

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moe {

/// Thrown by CellContext::leave_if_stopped; the cell is done again at --resume.
class Stopped : public std::exception {
  public:
    [[nodiscard]] const char* what() const noexcept override { return "stopped"; }
};

/// What a running cell sees of its run.
class CellContext {
  public:
    /// `scratch_root` is the folder under which the cell's own scratch folder is made on demand.
    /// `stop_requested` may be empty (never).
    CellContext(std::uint64_t seed, std::string cell_name, std::filesystem::path scratch_root,
                std::function<bool()> stop_requested);
    /// Removes the scratch folder.
    ~CellContext();
    CellContext(const CellContext&) = delete;
    CellContext& operator=(const CellContext&) = delete;
    CellContext(CellContext&&) = delete;
    CellContext& operator=(CellContext&&) = delete;

    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
    [[nodiscard]] const std::string& cell_name() const noexcept { return cell_name_; }
    /// Key of the cell's random numbers: moe::cell_key of its name.
    [[nodiscard]] std::uint64_t cell_key() const noexcept { return cell_key_; }
    /// Stream number `stream` of this cell; a pure function of (seed, cell name, stream).
    [[nodiscard]] RandomStream stream(std::uint32_t stream) const noexcept;
    /// An empty folder for big temporary files, made at the first call and removed with everything
    /// in it when the cell ends. One thread at a time. Throws EnvironmentError if it cannot be
    /// made.
    [[nodiscard]] const std::filesystem::path& scratch() const;
    /// Whether SIGINT or SIGTERM arrived. A long cell polls it through leave_if_stopped().
    [[nodiscard]] bool stop_requested() const;
    /// Throws Stopped if a stop was requested. A cell must never return a partial result instead.
    void leave_if_stopped() const;

  private:
    std::uint64_t seed_;
    std::string cell_name_;
    std::uint64_t cell_key_;
    std::filesystem::path scratch_root_;
    std::function<bool()> stop_requested_;
    mutable std::filesystem::path scratch_;
};

/// A measured time. It differs between equal runs, so it stands in run.json and in no table.
struct Timing {
    std::string what;
    double seconds;

    friend bool operator==(const Timing&, const Timing&) = default;
};

/// Rows of the tables that a cell contributes to, in order, and the times that it took.
class CellResult {
  public:
    void add(std::string_view table, Row row) { rows_.emplace_back(table, std::move(row)); }
    void add_timing(std::string what, double seconds) {
        timings_.push_back({std::move(what), seconds});
    }

    [[nodiscard]] const std::vector<std::pair<std::string, Row>>& rows() const noexcept {
        return rows_;
    }
    [[nodiscard]] const std::vector<Timing>& timings() const noexcept { return timings_; }
    [[nodiscard]] bool operator==(const CellResult&) const = default;

  private:
    std::vector<std::pair<std::string, Row>> rows_;
    std::vector<Timing> timings_;
};

struct Cell {
    std::string name;  ///< unique and stable: its random numbers are keyed by it
    std::string check; ///< the check (of --only) that it belongs to
    double cost = 1.0; ///< relative, positive; dear cells are started first
    std::function<CellResult(const CellContext&)> run;
};

/// Cells in the order in which their rows stand in the tables.
using Plan = std::vector<Cell>;

} // namespace moe
