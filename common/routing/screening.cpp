#include "routing/screening.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#define MOE_KERNELS "routing/screening.inc"
#include "basics/every_instruction_set.inc"

namespace moe {

namespace {

constexpr std::size_t lanes = prototypes_per_block;
/// Below, float64 over all prototypes is as fast: with AVX-512, 29 ns against 37 at n = 8, L = 64,
/// 54 against 50 at L = 128, 155 against 124 at n = 64, L = 64.
constexpr std::size_t fewest_screened = 32;
constexpr std::size_t fewest_numbers = 1024;
/// Above, second-order terms would not fit into the slack of E.
constexpr std::size_t largest_dimension = 4096;

/// The middle of the prototypes' bounding box.
AlignedArray middle(std::size_t n, std::span<const double> prototypes) {
    AlignedArray centre(n);
    for (std::size_t i = 0; i < n; ++i) {
        double low = prototypes[i];
        double high = prototypes[i];
        for (std::size_t k = i; k < prototypes.size(); k += n) {
            low = std::min(low, prototypes[k]);
            high = std::max(high, prototypes[k]);
        }
        centre.data()[i] = low / 2.0 + high / 2.0;
    }
    return centre;
}

/// Fills the float32 tables, or leaves them out where the prototypes' scale forbids them.
void add_screen(FlatTables& tables, std::span<const double> prototypes) {
    const std::size_t n = tables.dimension;
    tables.centre = middle(n, prototypes);
    double largest = 0.0;
    for (std::size_t k = 0; k < prototypes.size(); ++k)
        largest = std::max(largest, std::abs(prototypes[k] - tables.centre.data()[k % n]));
    // Squares in float64 must neither overflow nor underflow where it matters.
    if (!(largest > 0x1p-400 && largest < 0x1p400)) return;
    int exponent = 0;
    (void)std::frexp(largest, &exponent); // largest / 2^exponent in [1/2, 1)
    tables.scale = std::ldexp(1.0, -exponent);
    tables.column = tables.prototypes <= 64 ? 4 : tables.prototypes <= 128 ? 8 : 16;
    const std::size_t per_chunk = lanes * tables.column;
    tables.chunks = (tables.prototypes + per_chunk - 1) / per_chunk;
    tables.rows = AlignedArrayOf<float>(tables.chunks * per_chunk * (n + 1));
    double largest_square = 0.0;
    for (std::size_t place = 0; place < tables.chunks * per_chunk; ++place) {
        // Column l of a chunk holds consecutive prototypes, one in each row.
        const std::size_t chunk = place / per_chunk;
        const std::size_t lane = place % per_chunk / tables.column;
        const std::size_t row = place % tables.column;
        float* const to =
            tables.rows.data() + (chunk * tables.column + row) * (n + 1) * lanes + lane;
        if (place >= tables.prototypes) {
            to[n * lanes] = std::numeric_limits<float>::infinity();
            continue;
        }
        double square = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            const double p = (prototypes[place * n + i] - tables.centre.data()[i]) * tables.scale;
            to[i * lanes] = static_cast<float>(p);
            square += p * p;
        }
        to[n * lanes] = static_cast<float>(square / 2.0);
        largest_square = std::max(largest_square, square);
    }
    tables.radius = std::sqrt(largest_square) * (1.0 + 0x1p-40);
    tables.screened = true;
}

void run(const FlatTables& tables, const double* inputs, std::uint64_t* leaves, std::size_t count,
         InstructionSet set, bool screened) {
    if (!available(set))
        throw std::invalid_argument("flat prototypes: this processor lacks the instruction set");
#if MOE_X86_VERSIONS
    if (set == InstructionSet::avx512)
        return avx512::search(tables, inputs, leaves, count, screened);
    if (set == InstructionSet::avx2) return avx2::search(tables, inputs, leaves, count, screened);
#endif
    baseline::search(tables, inputs, leaves, count, screened);
}

} // namespace

FlatTables::FlatTables(std::size_t n, std::span<const double> numbers)
    : dimension(n)
    , prototypes(numbers.size() / n)
    , block_count((prototypes + lanes - 1) / lanes)
    , blocks(block_count * n * lanes) {
    std::fill_n(blocks.data(), blocks.size(), std::numeric_limits<double>::infinity());
    for (std::size_t k = 0; k < numbers.size(); ++k) {
        const std::size_t prototype = k / n;
        const std::size_t block = prototype / lanes;
        blocks.data()[(block * n + k % n) * lanes + prototype % lanes] = numbers[k];
    }
    if (prototypes >= fewest_screened && numbers.size() >= fewest_numbers && n <= largest_dimension)
        add_screen(*this, numbers);
}

void nearest_prototypes(const FlatTables& tables, const double* inputs, std::uint64_t* leaves,
                        std::size_t count, InstructionSet set) {
    run(tables, inputs, leaves, count, set, tables.screened);
}

void nearest_plainly(const FlatTables& tables, const double* inputs, std::uint64_t* leaves,
                     std::size_t count, InstructionSet set) {
    run(tables, inputs, leaves, count, set, false);
}

} // namespace moe
