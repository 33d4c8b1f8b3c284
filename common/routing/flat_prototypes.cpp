#include "routing/flat_prototypes.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace moe {

namespace {

/// Cells against float64 over all prototypes with AVX-512, ns per input: 4 against 8, 6 to 10
/// against 9 and 14 against 10 at L = 32, n = 1, 2, 3; without AVX-512 the cells win from L = 16
/// on.
constexpr std::size_t fewest_in_cells = 32;
constexpr std::size_t most_in_cells = std::size_t{1} << 17U;
/// Inputs per axis that are routed before the prototypes are sorted into cells, which takes 0.4 to
/// 9 us each: it pays after 3000 to 38000 inputs for n = 1, 7000 to 84000 for n = 2, 23000 to
/// 370000 for n = 3 (L = 32 to 131072).
constexpr std::uint64_t inputs_before_cells = std::uint64_t{1} << 15U;

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
    for (std::size_t k = 0; k < prototypes.size(); ++k) {
        if (!std::isfinite(prototypes[k])) {
            throw InputError("flat prototypes: prototype " + std::to_string(k / dimension_) +
                             " is " + shortest(prototypes[k]) + " on axis " +
                             std::to_string(k % dimension_) + ", finite numbers are needed");
        }
    }
    tables_ = std::make_shared<const FlatTables>(dimension_, prototypes);
    if (dimension_ <= CandidateCells::largest_dimension && prototypes_ >= fewest_in_cells &&
        prototypes_ <= most_in_cells) {
        cells_ = std::make_shared<EarnedTable<CandidateCells>>(inputs_before_cells * dimension_);
    }
}

std::vector<double> FlatPrototypes::coordinates() const {
    std::vector<double> coordinates(prototypes_ * dimension_);
    for (std::size_t k = 0; k < coordinates.size(); ++k) {
        const std::size_t prototype = k / dimension_;
        const std::size_t row = prototype / prototypes_per_block * dimension_ + k % dimension_;
        coordinates[k] =
            tables_->blocks.data()[row * prototypes_per_block + prototype % prototypes_per_block];
    }
    return coordinates;
}

const CandidateCells* FlatPrototypes::cells(std::size_t inputs) const {
    if (cells_ == nullptr) return nullptr;
    return cells_->after(inputs, [&]() -> std::unique_ptr<const CandidateCells> {
        auto cells = CandidateCells::make(dimension_, coordinates());
        return cells ? std::make_unique<const CandidateCells>(std::move(*cells)) : nullptr;
    });
}

void FlatPrototypes::search_cells(const CandidateCells& cells, std::span<const double> inputs,
                                  std::span<std::uint64_t> leaves, InstructionSet set) const {
    cells.find(inputs.data(), leaves.data(), leaves.size());
    std::vector<std::size_t> rest;
    std::vector<double> rows;
    for (std::size_t b = 0; b < leaves.size(); ++b) {
        if (leaves[b] != CandidateCells::unknown) continue;
        const auto row = inputs.subspan(b * dimension_, dimension_);
        rest.push_back(b);
        rows.insert(rows.end(), row.begin(), row.end());
    }
    std::vector<std::uint64_t> found(rest.size());
    nearest_prototypes(*tables_, rows.data(), found.data(), found.size(), set);
    for (std::size_t k = 0; k < rest.size(); ++k)
        leaves[rest[k]] = found[k];
}

RouteTotals FlatPrototypes::route_batch(std::span<const double> inputs,
                                        std::span<std::uint64_t> leaves, InstructionSet set) const {
    if (leaves.empty()) return {};
    if (prototypes_ == 1) {
        std::fill(leaves.begin(), leaves.end(), 0);
        return {};
    }
    if (const CandidateCells* const known = cells(leaves.size()))
        search_cells(*known, inputs, leaves, set);
    else
        nearest_prototypes(*tables_, inputs.data(), leaves.data(), leaves.size(), set);
    const std::uint64_t reals = prototypes_ * dimension_;
    return {1, static_cast<std::int64_t>(reals), leaves.size() * reals};
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
    const CandidateCells* const known = cells(1);
    if (known != nullptr) known->find(x.data(), &route.leaf, 1);
    if (known == nullptr || route.leaf == CandidateCells::unknown)
        nearest_plainly(*tables_, x.data(), &route.leaf, 1, best_instruction_set());
    return route;
}

} // namespace moe
