#include "routing/router.hpp"

#include <stdexcept>
#include <string>

namespace moe {

namespace {

struct RouteBy {
    std::span<const double> x;

    Route operator()(const Lattice& lattice) const { return lattice.route(x); }
    Route operator()(const PrototypeTreeView& tree) const { return tree.route(x); }
    Route operator()(const FlatPrototypes& flat) const { return flat.route(x); }
};

struct RouteBatchBy {
    std::span<const double> inputs;
    std::span<std::uint64_t> leaves;

    RouteTotals operator()(const Lattice& lattice) const { return lattice.route(inputs, leaves); }
    RouteTotals operator()(const PrototypeTreeView& tree) const {
        return tree.route_batch(inputs, leaves);
    }
    RouteTotals operator()(const FlatPrototypes& flat) const {
        return flat.route_batch(inputs, leaves);
    }
};

struct DimensionOf {
    int operator()(const Lattice& lattice) const noexcept { return lattice.grid().dimension(); }
    int operator()(const PrototypeTreeView& tree) const noexcept { return tree.dimension; }
    int operator()(const FlatPrototypes& flat) const noexcept { return flat.dimension(); }
};

} // namespace

std::size_t Router::dimension() const {
    return static_cast<std::size_t>(std::visit(DimensionOf{}, rule_));
}

const AxisSplits* Router::splits(std::size_t inputs) const {
    if (splits_ == nullptr) return nullptr;
    return splits_->after(inputs,
                          [&] { return AxisSplits::make(std::get<PrototypeTreeView>(rule_)); });
}

Route Router::route(std::span<const double> x) const {
    if (x.size() != dimension()) {
        throw std::invalid_argument("x has " + std::to_string(x.size()) + " entries, the router " +
                                    "takes " + std::to_string(dimension()));
    }
    if (const AxisSplits* const known = splits(1)) return known->route(x);
    return std::visit(RouteBy{x}, rule_);
}

RouteTotals Router::route_batch(std::span<const double> inputs,
                                std::span<std::uint64_t> leaves) const {
    const std::size_t n = dimension();
    if (inputs.size() / n != leaves.size() || inputs.size() % n != 0) {
        throw std::invalid_argument("the inputs have " + std::to_string(inputs.size()) +
                                    " entries, " + std::to_string(leaves.size()) + " x " +
                                    std::to_string(n) + " are needed");
    }
    if (const AxisSplits* const known = splits(leaves.size()))
        return known->route_batch(inputs, leaves);
    return std::visit(RouteBatchBy{inputs, leaves}, rule_);
}

} // namespace moe
