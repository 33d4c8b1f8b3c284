#include "routing/flat_prototypes.hpp"

#include "basics/error.hpp"
#include "basics/lanes.hpp"
#include "basics/numbers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace moe {

namespace {

/// Squared distances of a block of prototypes, summed side by side.
using Distances = Lanes<double, 8>;
constexpr std::size_t lanes = Distances::width;

} // namespace

FlatPrototypes::FlatPrototypes(int dimension, std::span<const double> prototypes) {
    if (dimension < 1) {
        throw InputError("flat prototypes: dimension " + std::to_string(dimension) +
                         ", at least 1 is needed");
    }
    dimension_ = static_cast<std::size_t>(dimension);
    prototypes_ = prototypes.size() / dimension_;
    if (prototypes_ == 0 || prototypes.size() % dimension_ != 0) {
        throw InputError("flat prototypes: " + std::to_string(prototypes.size()) +
                         " numbers are no positive multiple of the dimension " +
                         std::to_string(dimension_));
    }
    const std::size_t blocks = (prototypes_ + lanes - 1) / lanes;
    blocks_.assign(blocks * dimension_ * lanes, std::numeric_limits<double>::infinity());
    for (std::size_t k = 0; k < prototypes.size(); ++k) {
        if (!std::isfinite(prototypes[k])) {
            throw InputError("flat prototypes: prototype " + std::to_string(k / dimension_) +
                             " is " + shortest(prototypes[k]) + " on axis " +
                             std::to_string(k % dimension_) + ", finite numbers are needed");
        }
        const std::size_t prototype = k / dimension_;
        const std::size_t block = prototype / lanes;
        blocks_[(block * dimension_ + k % dimension_) * lanes + prototype % lanes] = prototypes[k];
    }
}

Route FlatPrototypes::route(std::span<const double> x) const {
    if (x.size() != dimension_) {
        throw std::invalid_argument("x has " + std::to_string(x.size()) +
                                    " entries, the prototypes have " + std::to_string(dimension_));
    }
    Route route;
    if (prototypes_ == 1) return route;
    route.depth = 1;
    route.reals_read = static_cast<std::int64_t>(prototypes_ * dimension_);
    double smallest = std::numeric_limits<double>::infinity();
    const std::size_t blocks = blocks_.size() / (dimension_ * lanes);
    for (std::size_t block = 0; block < blocks; ++block) {
        Distances distances = Distances::all(0.0);
        for (std::size_t i = 0; i < dimension_; ++i) {
            Distances difference =
                Distances::load(blocks_.data() + (block * dimension_ + i) * lanes);
            difference.subtract_from(x[i]);
            distances.add_square(difference);
        }
        // Rarely true: the running minimum of L values in random order drops about ln L times.
        const double nearest = distances.smallest();
        if (nearest < smallest) {
            smallest = nearest;
            std::array<double, lanes> each{};
            distances.store(each.data());
            const auto lane = std::find(each.begin(), each.end(), nearest);
            route.leaf = block * lanes + static_cast<std::size_t>(lane - each.begin());
        }
    }
    return route;
}

} // namespace moe
