#include "shattering/block_evaluation.hpp"

#include <algorithm>

namespace moe {

namespace {

/// Points evaluated together: enough to hide the walk over the net, few enough for the cache.
constexpr std::size_t points_at_once = 256;

} // namespace

template<class Integer>
BlockEvaluation<Integer>::BlockEvaluation(const ShatteringPlan& plan, std::size_t l,
                                          ShatteringFault fault)
    : plan_(&plan)
    , l_(l)
    , fault_(fault)
    , points_(block_points<Integer>(plan, l))
    , net_(static_cast<std::uint32_t>(plan.dimension()))
    , outputs_(plan.block()) {}

template<class Integer>
void BlockEvaluation<Integer>::write(std::span<const std::uint8_t> labels) {
    write_shattering_expert(net_, *plan_, l_, labels, fault_);
}

template<class Integer>
std::span<const Integer> BlockEvaluation<Integer>::outputs() {
    const std::size_t n = plan_->dimension();
    const std::size_t B = plan_->block();
    for (std::size_t first = 0; first < B; first += points_at_once) {
        const std::size_t count = std::min(points_at_once, B - first);
        buffers_.values.resize(n * count);
        for (std::size_t i = 0; i < n; ++i)
            std::copy_n(points_.data() + i * B + first, count, buffers_.values.data() + i * count);
        net_.run(0, net_.depth(), count, buffers_);
        std::copy_n(buffers_.values.data(), count, outputs_.data() + first);
    }
    return outputs_;
}

template<class Integer>
std::span<const Integer> BlockEvaluation<Integer>::activations(std::size_t layers) {
    buffers_.values.assign(points_.begin(), points_.end());
    net_.run(0, layers, plan_->block(), buffers_);
    return buffers_.values;
}

template<class Integer>
bool BlockEvaluation<Integer>::realises(std::span<const std::uint8_t> labels) {
    write(labels);
    return signs_are(outputs(), labels);
}

template class BlockEvaluation<Checked64>;
template class BlockEvaluation<Checked128>;

} // namespace moe
