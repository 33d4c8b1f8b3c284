#include "forward/evaluate.hpp"

#include "basics/parallel.hpp"
#include "forward/group.hpp"
#include "forward/shapes.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace moe {

namespace {

/// Samples that one thread takes at a time: many tiles, so that its scratch costs nothing, and few
/// enough to share out a batch.
constexpr std::size_t samples_per_block = 1024;

} // namespace

template<class T>
void evaluate_batch(const Architecture& architecture, std::span<const T> parameters,
                    std::span<const double> inputs, std::span<T> outputs, unsigned threads) {
    const std::size_t batch = batch_size(architecture, inputs.size(), outputs.size());
    check_expert_shapes(architecture, parameters.size(), batch, inputs.size(), outputs.size());
    const std::size_t n = architecture.inputs();
    const std::size_t m = architecture.outputs();
    std::vector<std::uint32_t> rows(std::min(batch, samples_per_block));
    std::iota(rows.begin(), rows.end(), std::uint32_t{0});
    const std::size_t blocks = (batch + samples_per_block - 1) / samples_per_block;
    parallel_for(blocks, threads, [&](std::size_t block) {
        const std::size_t first = block * samples_per_block;
        const std::size_t count = std::min(samples_per_block, batch - first);
        std::vector<T> scratch(group_scratch<T>(architecture));
        evaluate_group<T>({.architecture = architecture,
                           .parameters = parameters,
                           .inputs = inputs.subspan(first * n, count * n),
                           .outputs = outputs.subspan(first * m, count * m),
                           .samples = std::span(rows).first(count)},
                          scratch);
    });
}

template void evaluate_batch<double>(const Architecture&, std::span<const double>,
                                     std::span<const double>, std::span<double>, unsigned);
template void evaluate_batch<float>(const Architecture&, std::span<const float>,
                                    std::span<const double>, std::span<float>, unsigned);

} // namespace moe
