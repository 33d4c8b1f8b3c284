#pragma once
// One expert on a group of samples picked from a batch: gather a tile, evaluate it, scatter its
// outputs back to where the samples stand.

#include "models/architecture.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace moe {

template<class T>
struct Group {
    const Architecture& architecture;
    std::span<const T> parameters;            ///< [P]
    std::span<const double> inputs;           ///< [B][n], the whole batch
    std::span<T> outputs;                     ///< [B][m], the whole batch
    std::span<const std::uint32_t> samples;   ///< the group: rows of the batch
    std::span<const std::uint32_t> next = {}; ///< rows that will follow, to be loaded ahead
    std::span<const T> next_parameters = {};  ///< of the expert that will follow, likewise
};

/// How many numbers of scratch evaluate_group needs, for any group of this architecture.
template<class T>
[[nodiscard]] std::size_t group_scratch(const Architecture& architecture);

/// Writes the outputs of the group's samples and no others; allocates nothing.
template<class T>
void evaluate_group(const Group<T>& group, std::span<T> scratch);

extern template std::size_t group_scratch<double>(const Architecture&);
extern template std::size_t group_scratch<float>(const Architecture&);
extern template void evaluate_group<double>(const Group<double>&, std::span<double>);
extern template void evaluate_group<float>(const Group<float>&, std::span<float>);

} // namespace moe
