#include "forward_case.hpp"

#include "shapes.hpp"

#include "forward/forward.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>

namespace moe::bench {

std::string name_of(const ForwardShape& shape) {
    return "n:" + std::to_string(shape.inputs) + "/depth:" + std::to_string(shape.depth) +
           "/width:" + std::to_string(shape.width) + "/experts:" + std::to_string(shape.experts) +
           "/batch:" + std::to_string(shape.batch);
}

Architecture net_of(const ForwardShape& shape) {
    std::vector<std::uint32_t> widths(shape.depth + 1, shape.width);
    widths.front() = shape.inputs;
    widths.back() = 1;
    return Architecture::dense(widths);
}

template<class T>
std::vector<T> parameters_of(const Architecture& net, std::int64_t experts) {
    const std::vector<double> numbers =
        uniform_numbers(2, net.parameters() * static_cast<std::size_t>(experts));
    std::vector<T> parameters(numbers.size());
    std::ranges::transform(numbers, parameters.begin(),
                           [](double v) { return static_cast<T>(0.5 * (v - 0.5)); });
    return parameters;
}

void report(benchmark::State& state, const Architecture& net, std::size_t batch,
            double gemm_gflops) {
    using benchmark::Counter;
    const auto samples = static_cast<double>(state.iterations()) * static_cast<double>(batch);
    std::size_t weights = 0;
    for (const Layer& layer : net.layers())
        weights += layer.weights;
    const double gflop = samples * 2e-9 * static_cast<double>(weights);
    state.counters["ns/input"] = Counter(samples * 1e-9, Counter::kIsRate | Counter::kInvert);
    state.counters["GFLOP/s"] = Counter(gflop, Counter::kIsRate);
    if (gemm_gflops > 0.0)
        state.counters["of_gemm"] = Counter(gflop / gemm_gflops, Counter::kIsRate);
}

template<class T>
const std::map<std::string, PeerMaker<T>>& peer_makers() {
    static const std::map<std::string, PeerMaker<T>> makers{
        {"eigen", &forward_peer::eigen<T>},
#ifdef MOE_HAVE_LIBXSMM
        {"libxsmm", &forward_peer::libxsmm<T>},
#endif
#ifdef MOE_HAVE_TORCH
        {"torch_loop", &forward_peer::torch_loop<T>},
        {"torch_padded", &forward_peer::torch_padded<T>},
#endif
    };
    return makers;
}

namespace {

/// A grid, or as many random prototypes in a dimension where there are no grids.
Router router_of(const ForwardShape& shape) {
    if (shape.inputs <= 8) return Router(grid_of(shape.inputs, shape.experts));
    return Router(
        FlatPrototypes(static_cast<int>(shape.inputs),
                       uniform_numbers(3, static_cast<std::size_t>(shape.experts) * shape.inputs)));
}

template<class T>
void require_agreement(const std::string& name, std::span<const T> theirs,
                       std::span<const T> ours) {
    double difference = 0.0;
    double norm = 0.0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        difference += std::pow(static_cast<double>(theirs[i]) - static_cast<double>(ours[i]), 2);
        norm += std::pow(static_cast<double>(ours[i]), 2);
    }
    const double allowed = std::is_same_v<T, float> ? 1e-4 : 1e-10;
    if (!(std::sqrt(difference) <= allowed * std::sqrt(norm)))
        throw std::logic_error(name + " computes something else: relative error " +
                               std::to_string(std::sqrt(difference / norm)));
}

} // namespace

template<class T>
ForwardCase<T>::ForwardCase(const ForwardShape& shape)
    : shape_(shape)
    , parameters_(parameters_of<T>(net_of(shape), shape.experts))
    , experts_(net_of(shape), parameters_)
    , router_(router_of(shape))
    , inputs_(uniform_numbers(1, static_cast<std::size_t>(shape.batch) * shape.inputs))
    , narrow_inputs_(inputs_.size())
    , outputs_(static_cast<std::size_t>(shape.batch)) {
    std::ranges::transform(inputs_, narrow_inputs_.begin(),
                           [](double v) { return static_cast<T>(v); });
    std::vector<std::uint64_t> leaves(outputs_.size());
    router_.route_batch(inputs_, leaves);
    expert_of_.assign(leaves.begin(), leaves.end());
    forward<T>(router_, experts_, inputs_, outputs_);
}

template<class T>
forward_peer::Batch<T> ForwardCase<T>::routed_batch() const {
    return {narrow_inputs_.data(), expert_of_.data(), shape_.batch};
}

template<class T>
forward_peer::Peer<T>& ForwardCase<T>::peer(const std::string& name) {
    std::unique_ptr<forward_peer::Peer<T>>& peer = peers_[name];
    if (!peer) {
        forward_peer::Model<T> model{{net().inputs()}, shape_.experts, parameters_.data()};
        for (const Layer& layer : net().layers())
            model.widths.push_back(layer.outputs);
        auto made = peer_makers<T>().at(name)(model);
        std::vector<T> outputs(outputs_.size());
        made->run(routed_batch(), outputs.data(), 1);
        require_agreement<T>(name, outputs, outputs_);
        peer = std::move(made);
    }
    return *peer;
}

template std::vector<double> parameters_of(const Architecture&, std::int64_t);
template std::vector<float> parameters_of(const Architecture&, std::int64_t);
template const std::map<std::string, PeerMaker<double>>& peer_makers<double>();
template const std::map<std::string, PeerMaker<float>>& peer_makers<float>();
template class ForwardCase<double>;
template class ForwardCase<float>;

} // namespace moe::bench
