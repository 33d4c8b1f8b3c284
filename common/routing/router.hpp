#pragma once
// One of the three ways from an input to its expert: the implicit tree over a grid, a stored tree
// of prototypes, or a search over all prototypes; optionally followed by the map from leaves to the
// experts that were kept.

#include "routing/flat_prototypes.hpp"
#include "routing/grid_tree.hpp"
#include "routing/prototype_tree.hpp"
#include "routing/slot_map.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

namespace moe {

class Router {
  public:
    explicit Router(GridTree grid)
        : rule_(std::move(grid)) {}
    /// The arrays behind the view must outlive the router and have passed check_tree.
    explicit Router(PrototypeTreeView tree)
        : rule_(tree) {}
    explicit Router(FlatPrototypes flat)
        : rule_(std::move(flat)) {}
    /// Only some leaves' experts are kept: expert() looks them up.
    Router(GridTree grid, SlotMap kept)
        : rule_(std::move(grid))
        , kept_(std::move(kept)) {}

    /// n, the number of entries of an input.
    [[nodiscard]] std::size_t dimension() const;
    /// Answers for every x in R^n, NaN included (the tie rule of the three routers). Throws
    /// std::invalid_argument unless x has n entries.
    [[nodiscard]] Route route(std::span<const double> x) const;
    /// Index of a leaf's expert in the expert source: the leaf itself, or its slot. Throws
    /// InputError naming a leaf whose expert was not kept.
    [[nodiscard]] std::uint64_t expert(std::uint64_t leaf) const {
        return kept_ ? kept_->slot(leaf) : leaf;
    }

  private:
    std::variant<GridTree, PrototypeTreeView, FlatPrototypes> rule_;
    std::optional<SlotMap> kept_;
};

} // namespace moe
