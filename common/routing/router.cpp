#include "routing/router.hpp"

#include <stdexcept>
#include <string>

namespace moe {

namespace {

struct RouteBy {
    std::span<const double> x;

    Route operator()(const GridTree& grid) const { return grid.descend(x); }
    Route operator()(const PrototypeTreeView& tree) const { return tree.route(x); }
    Route operator()(const FlatPrototypes& flat) const { return flat.route(x); }
};

struct DimensionOf {
    int operator()(const GridTree& grid) const noexcept { return grid.dimension(); }
    int operator()(const PrototypeTreeView& tree) const noexcept { return tree.dimension; }
    int operator()(const FlatPrototypes& flat) const noexcept { return flat.dimension(); }
};

} // namespace

std::size_t Router::dimension() const {
    return static_cast<std::size_t>(std::visit(DimensionOf{}, rule_));
}

Route Router::route(std::span<const double> x) const {
    if (x.size() != dimension()) {
        throw std::invalid_argument("x has " + std::to_string(x.size()) + " entries, the router " +
                                    "takes " + std::to_string(dimension()));
    }
    return std::visit(RouteBy{x}, rule_);
}

} // namespace moe
