#include "program/execution.hpp"

#include "basics/error.hpp"
#include "basics/parallel.hpp"
#include "program/progress.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <new>
#include <numeric>
#include <stdexcept>
#include <system_error>

namespace moe {

namespace {

/// A folder that is removed at both ends of a run, whatever the last one left in it.
class ScratchFolder {
  public:
    explicit ScratchFolder(std::filesystem::path path)
        : path_(std::move(path)) {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
        if (error)
            throw EnvironmentError("cannot remove the folder '" + path_.string() +
                                   "': " + error.message());
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ScratchFolder(ScratchFolder&&) = delete;
    ScratchFolder& operator=(ScratchFolder&&) = delete;

  private:
    std::filesystem::path path_;
};

CellResult run_cell(const Cell& cell, const CellContext& context) {
    try {
        return cell.run(context);
    } catch (const Stopped&) {
        throw;
    } catch (const InputError&) {
        throw;
    } catch (const EnvironmentError&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        throw std::runtime_error("cell '" + cell.name + "': " + error.what());
    }
}

} // namespace

void validate(const Plan& plan, const std::function<bool(const std::string&)>& has_check) {
    std::map<std::uint64_t, std::string> names;
    for (const Cell& cell : plan) {
        const auto [place, is_new] = names.emplace(cell_key(cell.name), cell.name);
        if (!is_new)
            throw std::logic_error(place->second == cell.name
                                       ? "two cells are called '" + cell.name + "'"
                                       : "the cells '" + cell.name + "' and '" + place->second +
                                             "' have the same random numbers; rename one");
        if (!has_check(cell.check))
            throw std::logic_error("cell '" + cell.name + "' is of no declared check");
        if (!cell.run) throw std::logic_error("cell '" + cell.name + "' has nothing to run");
        if (!(cell.cost > 0.0) || !std::isfinite(cell.cost))
            throw std::logic_error("cell '" + cell.name + "' has a cost that is not positive");
    }
}

Execution execute(const Plan& plan, const Options& options, const Checkpoint& checkpoint,
                  const std::filesystem::path& scratch, const std::function<bool()>& stop_requested,
                  bool show_progress) {
    const ScratchFolder scratch_folder(scratch);
    Execution execution;
    execution.results.resize(plan.size());
    std::vector<std::size_t> open;
    double cost = 0.0;
    double resumed_cost = 0.0;
    for (std::size_t c = 0; c < plan.size(); ++c) {
        execution.cells.push_back(plan[c].name);
        execution.results[c] = checkpoint.load(plan[c].name);
        cost += plan[c].cost;
        if (execution.results[c]) {
            ++execution.resumed;
            resumed_cost += plan[c].cost;
        } else {
            open.push_back(c);
        }
    }
    std::ranges::stable_sort(open, std::ranges::greater{},
                             [&](std::size_t c) { return plan[c].cost; });

    Progress progress(show_progress, plan.size(), cost, execution.resumed, resumed_cost);
    std::atomic<std::size_t> computed{0};
    parallel_for(open.size(), options.threads(), [&](std::size_t i) {
        if (stop_requested()) return;
        const Cell& cell = plan[open[i]];
        try {
            const CellContext context(options.seed(), cell.name, scratch, stop_requested);
            CellResult result = run_cell(cell, context);
            checkpoint.save(cell.name, result);
            execution.results[open[i]] = std::move(result);
        } catch (const Stopped&) {
            return;
        }
        ++computed;
        progress.add(cell.cost);
    });
    execution.finished = execution.resumed + computed;
    return execution;
}

} // namespace moe
