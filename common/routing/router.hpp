#pragma once
// One of the three ways from an input to its expert: the implicit tree over a grid, a stored tree
// of prototypes, or a search over all prototypes; optionally followed by the map from leaves to the
// experts that were kept.

#include "routing/axis_splits.hpp"
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
    /// router.
    explicit Router(PrototypeTreeView tree)
        : rule_(tree)
        , splits_(AxisSplits::make(tree)) {}
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
    Rule rule_;
    std::shared_ptr<const AxisSplits> splits_; ///< of a stored tree; null where it has others
    std::optional<SlotMap> kept_;
};

} // namespace moe
