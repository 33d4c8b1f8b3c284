#pragma once
// One of the three ways from an input to its expert: the implicit tree over a grid, a stored tree
// of prototypes, or a search over all prototypes; optionally followed by the map from leaves to the
// experts that were kept.

#include "routing/axis_splits.hpp"
#include "routing/earned_table.hpp"
#include "routing/flat_prototypes.hpp"
#include "routing/grid_tree.hpp"
#include "routing/lattice.hpp"
#include "routing/prototype_tree.hpp"
#include "routing/slot_map.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>

namespace moe {

class Router {
  public:
    explicit Router(GridTree grid)
        : rule_(Lattice(std::move(grid))) {}
    /// The arrays behind the view must have passed check_tree, stay as they are and outlive the
    /// router. An input reads only the nodes on its way, until as many inputs have been routed as
    /// pay for reading the whole tree once (AxisSplits).
    explicit Router(PrototypeTreeView tree)
        : rule_(tree)
        , splits_(std::make_shared<EarnedTable<AxisSplits>>(tree.nodes() / nodes_per_input)) {}
    explicit Router(FlatPrototypes flat)
        : rule_(std::move(flat)) {}
    /// Only some leaves' experts are kept: expert() looks them up.
    Router(GridTree grid, SlotMap kept)
        : rule_(Lattice(std::move(grid)))
        , kept_(std::move(kept)) {}

    /// n, the number of entries of an input.
    [[nodiscard]] std::size_t dimension() const;
    /// Answers for every x in R^n, NaN included (the tie rule of the three routers). Throws
    /// std::invalid_argument unless x has n entries.
    [[nodiscard]] Route route(std::span<const double> x) const;
    /// Routes inputs [B][n]; leaves [B] gets route(row b).leaf, the same decision for every row and
    /// every cutting of the batch. Throws std::invalid_argument unless inputs has B n entries.
    RouteTotals route_batch(std::span<const double> inputs, std::span<std::uint64_t> leaves) const;
    /// Index of a leaf's expert in the expert source: the leaf itself, or its slot. Throws
    /// InputError naming a leaf whose expert was not kept.
    [[nodiscard]] std::uint64_t expert(std::uint64_t leaf) const {
        return kept_ ? kept_->slot(leaf) : leaf;
    }

    /// The parts, for those that route elsewhere (on a device).
    using Rule = std::variant<Lattice, PrototypeTreeView, FlatPrototypes>;
    [[nodiscard]] const Rule& rule() const noexcept { return rule_; }
    /// The leaves whose experts are kept; nothing where all are.
    [[nodiscard]] const std::optional<SlotMap>& kept() const noexcept { return kept_; }

  private:
    /// Nodes for which an input pays. Making the splits pays after 300 inputs for 2^11 nodes, 18000
    /// for 2^21 (11 to 35 ms, 0.6 us an input); dearer here, because they also take memory.
    static constexpr std::size_t nodes_per_input = 16;

    [[nodiscard]] const AxisSplits* splits(std::size_t inputs) const;

    Rule rule_;
    std::shared_ptr<EarnedTable<AxisSplits>> splits_; ///< of a stored tree, else null
    std::optional<SlotMap> kept_;
};

} // namespace moe
