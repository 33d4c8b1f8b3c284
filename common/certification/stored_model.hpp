#pragma once
// A mixture as it lies on disk and is used: written to a model file, opened through an expert store
// whose residency budget is exactly one expert, evaluated by the forward pass. What an input loads
// is what the store and the routers counted (the project's notes on arXiv:2402.03460, 3.6).

#include "basics/random.hpp"
#include "forward/forward.hpp"
#include "models/architecture.hpp"
#include "store/expert_store.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace moe {

/// How a model is built: the grid that routes, the shape of its experts, and their numbers.
struct ModelRecipe {
    std::vector<std::int64_t> grid; ///< cells per axis; L is their product
    Architecture architecture;
    /// Writes the P parameters of the expert of a cell.
    std::function<void(std::span<const std::int64_t> cell, std::span<double> parameters)> fill;
};

/// Up to which size a model is written completely; above, only the experts of touched leaves are.
struct MaterialisationLimit {
    double parameters = 2e7;                         ///< L P
    std::uint64_t experts = std::uint64_t{1} << 21U; ///< L
};

class StoredModel {
  public:
    /// Writes the model to `path` (all experts and the prototype tree, or above `limit` the experts
    /// that `inputs` are routed to) and opens it with a budget of one expert. inputs is flat, point
    /// i is inputs[i n .. (i+1) n). The file is removed with the object unless `keep_file`. Throws
    /// what GridTree, ModelWriter and ExpertStore throw.
    StoredModel(std::filesystem::path path, const ModelRecipe& recipe,
                std::span<const double> inputs, const MaterialisationLimit& limit = {},
                bool keep_file = false);
    ~StoredModel();
    StoredModel(const StoredModel&) = delete;
    StoredModel& operator=(const StoredModel&) = delete;
    StoredModel(StoredModel&&) = delete;
    StoredModel& operator=(StoredModel&&) = delete;

    /// The forward pass over a flat batch of inputs whose experts are stored.
    [[nodiscard]] std::vector<double> evaluate(std::span<const double> inputs);

    /// The parameters of a touched leaf's expert, loaded through the store.
    [[nodiscard]] ExpertLease<double> acquire(std::uint64_t leaf) {
        return store_.acquire(store_.router().value().expert(leaf));
    }

    /// The stored experts by slot, as router() names them.
    [[nodiscard]] ExpertSource<double>& experts() noexcept { return store_; }
    [[nodiscard]] const Router& router() const { return store_.router().value(); }

    [[nodiscard]] const GridTree& grid() const noexcept { return grid_; }
    [[nodiscard]] const ExpertStore<double>& store() const noexcept { return store_; }
    /// Report of the last forward pass.
    [[nodiscard]] const ForwardReport& report() const noexcept { return report_; }
    /// Leaves that the inputs of the constructor are routed to, ascending.
    [[nodiscard]] const std::vector<std::uint64_t>& touched() const noexcept { return touched_; }

  private:
    std::filesystem::path path_;
    bool keep_file_;
    GridTree grid_;
    std::vector<std::uint64_t> touched_;
    ExpertStore<double> store_;
    ForwardReport report_;
};

/// `count` points uniform in [0,1]^n, flat.
[[nodiscard]] std::vector<double> uniform_points(int n, std::size_t count, RandomStream& random);

/// Corners j/N, j in {0..N}^n: all of them if there are at most `count`, else `count` random ones.
[[nodiscard]] std::vector<double> lattice_corners(int n, std::int64_t N, std::size_t count,
                                                  RandomStream& random);

} // namespace moe
