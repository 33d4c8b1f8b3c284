#include "training/layer_pass.hpp"

#include <algorithm>

namespace moe {

namespace {

/// Samples whose hidden layers are worked on at once: their numbers stay in the nearest cache.
template<class T>
constexpr std::size_t tile = 4 * pack_lanes<T>;

template<class T>
std::size_t whole_packs(std::size_t samples) {
    return (samples + pack_lanes<T> - 1) / pack_lanes<T> * pack_lanes<T>;
}

/// Columns source[0], source[1], ... of the first rows of a matrix; four rows at a time, so that an
/// index is read once for them.
template<class T>
void gather(const SampleMatrix<T>& from, std::size_t rows, std::span<const std::uint32_t> source,
            SampleMatrix<T>& to) {
    std::size_t i = 0;
    for (; i + 4 <= rows; i += 4) {
        const T* const in[] = {from.row(i), from.row(i + 1), from.row(i + 2), from.row(i + 3)};
        T* const out[] = {to.row(i), to.row(i + 1), to.row(i + 2), to.row(i + 3)};
        for (std::size_t c = 0; c < source.size(); ++c) {
            const std::size_t column = source[c];
            const T a = in[0][column];
            const T b = in[1][column];
            const T d = in[2][column];
            const T e = in[3][column];
            out[0][c] = a;
            out[1][c] = b;
            out[2][c] = d;
            out[3][c] = e;
        }
    }
    for (; i < rows; ++i) {
        for (std::size_t c = 0; c < source.size(); ++c)
            to.row(i)[c] = from.row(i)[source[c]];
    }
}

} // namespace

template<class T>
LayerPass<T>::LayerPass(const StackShape& shape, std::size_t l, std::size_t samples,
                        const TrainingKernels<T>& kernels)
    : shape_(&shape)
    , l_(l)
    , kernels_(&kernels)
    , groups_(shape.layer(l).experts)
    , loads_(shape.layer(l).experts, 1.0)
    , balance_loads_(shape.layer(l).experts, 1.0 / static_cast<double>(shape.layer(l).experts)) {
    const LayerShape& layer = shape.layer(l);
    // A dense layer keeps the order of the layer below, which may hold padding for as many groups
    // as that layer has experts.
    std::size_t groups = layer.experts;
    for (std::size_t below = l; !shape.layer(below).gated && below > 0;)
        groups = shape.layer(--below).experts;
    std::size_t groups_below = 1;
    for (std::size_t below = l; below > 0;) {
        groups_below = shape.layer(--below).experts;
        if (shape.layer(below).gated) break;
    }
    const std::size_t room = whole_packs<T>(samples);
    const std::size_t stride = row_stride<T>(room + groups * pack_lanes<T>);
    if (layer.gated) {
        const std::size_t unsorted = row_stride<T>(room + groups_below * pack_lanes<T>);
        logits_ = SampleMatrix<T>(layer.experts, unsorted);
        unsorted_p_ = SampleMatrix<T>(layer.experts, unsorted);
        choice_.resize(unsorted);
        where_.resize(samples);
        source_.resize(stride);
        real_ = SampleMatrix<T>(1, stride);
        sorted_ = SampleMatrix<T>(layer.inputs, stride, true);
        p_ = SampleMatrix<T>(layer.experts, stride);
        gate_slopes_ = SampleMatrix<T>(layer.experts, stride);
        pressure_ = AlignedArrayOf<T>(layer.experts);
        input_slopes_ = SampleMatrix<T>(layer.inputs, stride);
    }
    std::size_t widest = 1;
    for (const std::size_t width : layer.hidden) {
        hidden_.emplace_back(width, stride, true);
        hidden_slopes_.emplace_back(width, stride);
        widest = std::max(widest, width);
    }
    for (SampleMatrix<T>& matrix : tile_)
        matrix = SampleMatrix<T>(widest, row_stride<T>(tile<T>));
    expert_outputs_ = SampleMatrix<T>(layer.experts * layer.outputs, stride);
    outputs_ = SampleMatrix<T>(layer.outputs, stride, true);
    slopes_ = SampleMatrix<T>(layer.outputs, stride);
}

template<class T>
void LayerPass<T>::forward(const T* parameters, const OrderedSamples<T>& input) {
    const LayerShape& layer = shape_->layer(l_);
    const SampleMatrix<T>* x = input.values;
    if (layer.gated) {
        const AffineBlock& gate = shape_->gate(l_);
        kernels_->affine(parameters + gate.offset, gate.inputs, gate.outputs, false,
                         input.values->row(0), input.values->stride(), input.columns,
                         logits_.row(0), logits_.stride());
        kernels_->choose(logits_.row(0), logits_.stride(), layer.experts, input.columns,
                         choice_.data(), unsorted_p_.row(0));
        sort(input);
        x = &sorted_;
    } else {
        columns_ = input.columns;
        groups_[0] = {0, columns_};
        order_ = {&outputs_, columns_, input.where, input.real};
    }
    for (std::size_t e = 0; e < layer.experts; ++e) {
        const Group& group = groups_[e];
        evaluate(parameters, e, *x, 0, group.begin, false);
        evaluate(parameters, e, *x, group.begin, group.end, true);
        evaluate(parameters, e, *x, group.end, columns_, false);
        for (std::size_t o = 0; o < layer.outputs; ++o) {
            const T* const row = expert_outputs_.row(e * layer.outputs + o);
            std::copy(row + group.begin, row + group.end, outputs_.row(o) + group.begin);
        }
    }
}

/// Counting sort of the samples by expert. Padding repeats the first sample.
template<class T>
void LayerPass<T>::sort(const OrderedSamples<T>& input) {
    const std::size_t experts = groups_.size();
    const std::size_t samples = where_.size();
    for (Group& group : groups_)
        group.end = 0;
    for (const std::uint32_t column : input.where)
        ++groups_[choice_[column]].end;
    columns_ = 0;
    for (std::size_t e = 0; e < experts; ++e) {
        loads_[e] = static_cast<double>(groups_[e].end) / static_cast<double>(samples);
        groups_[e].begin = columns_;
        columns_ += whole_packs<T>(groups_[e].end);
        groups_[e].end = groups_[e].begin;
    }
    const std::span<std::uint32_t> source(source_.data(), columns_);
    std::ranges::fill(source, input.where[0]);
    std::fill_n(real_.row(0), columns_, T(0));
    for (std::size_t b = 0; b < samples; ++b) {
        const std::uint32_t column = input.where[b];
        const std::size_t place = groups_[choice_[column]].end++;
        where_[b] = static_cast<std::uint32_t>(place);
        source[place] = column;
        real_.row(0)[place] = T(1);
    }
    for (Group& group : groups_)
        group.end = group.begin + whole_packs<T>(group.end - group.begin);
    gather(*input.values, shape_->layer(l_).inputs, source, sorted_);
    gather(unsorted_p_, experts, source, p_);
    order_ = {&outputs_, columns_, where_, real_.row(0)};
}

/// Outputs of expert e for the columns [begin, end); `keep`: hidden layers too.
template<class T>
void LayerPass<T>::evaluate(const T* parameters, std::size_t e, const SampleMatrix<T>& x,
                            std::size_t begin, std::size_t end, bool keep) {
    const std::vector<AffineBlock>& maps = shape_->expert(l_, e);
    const std::size_t outputs = shape_->layer(l_).outputs;
    for (std::size_t t = begin; t < end; t += tile<T>) {
        const std::size_t count = std::min(tile<T>, end - t);
        const T* in = x.row(0) + t;
        std::size_t in_stride = x.stride();
        for (std::size_t j = 0; j < maps.size(); ++j) {
            const bool last = j + 1 == maps.size();
            T* out = nullptr;
            std::size_t out_stride = 0;
            if (last) {
                out = expert_outputs_.row(e * outputs) + t;
                out_stride = expert_outputs_.stride();
            } else if (keep) {
                out = hidden_[j].row(0) + t;
                out_stride = hidden_[j].stride();
            } else {
                out = tile_[j % 2].row(0);
                out_stride = tile_[j % 2].stride();
            }
            kernels_->affine(parameters + maps[j].offset, maps[j].inputs, maps[j].outputs, !last,
                             in, in_stride, count, out, out_stride);
            in = out;
            in_stride = out_stride;
        }
    }
}

template<class T>
OrderedSamples<T> LayerPass<T>::output() const noexcept {
    return order_;
}

template<class T>
void LayerPass<T>::clear_slopes() noexcept {
    for (std::size_t o = 0; o < shape_->layer(l_).outputs; ++o)
        std::fill_n(slopes_.row(o), columns_, T(0));
}

template<class T>
void LayerPass<T>::backward(const T* parameters, const OrderedSamples<T>& input, T balance,
                            T* gradient, LayerPass* below) {
    const LayerShape& layer = shape_->layer(l_);
    if (!layer.gated) {
        backward_expert(parameters, 0, *input.values, gradient,
                        below != nullptr ? &below->slopes_ : nullptr);
        return;
    }
    SampleMatrix<T>* const input_slopes = below != nullptr ? &input_slopes_ : nullptr;
    for (std::size_t e = 0; e < layer.experts; ++e)
        backward_expert(parameters, e, sorted_, gradient, input_slopes);
    backward_gate(parameters, balance, gradient, input_slopes);
    if (below == nullptr) return;
    below->clear_slopes();
    for (std::size_t i = 0; i < layer.inputs; ++i) {
        const T* const from = input_slopes_.row(i);
        T* const to = below->slopes_.row(i);
        for (std::size_t b = 0; b < where_.size(); ++b)
            to[input.where[b]] = from[where_[b]];
    }
}

template<class T>
void LayerPass<T>::backward_expert(const T* parameters, std::size_t e, const SampleMatrix<T>& x,
                                   T* gradient, SampleMatrix<T>* input_slopes) {
    const std::vector<AffineBlock>& maps = shape_->expert(l_, e);
    const std::size_t begin = groups_[e].begin;
    const std::size_t count = groups_[e].end - begin;
    const SampleMatrix<T>* g = &slopes_;
    for (std::size_t j = maps.size(); j-- > 0;) {
        const AffineBlock& map = maps[j];
        const SampleMatrix<T>& in = j == 0 ? x : hidden_[j - 1];
        kernels_->products(in.row(0) + begin, in.stride(), map.inputs + 1, g->row(0) + begin,
                           g->stride(), map.outputs, count, gradient + map.offset);
        SampleMatrix<T>* const out = j > 0 ? &hidden_slopes_[j - 1] : input_slopes;
        if (out == nullptr) return;
        kernels_->pull_back(parameters + map.offset, map.inputs, map.outputs, g->row(0) + begin,
                            g->stride(), count, j > 0 ? in.row(0) + begin : nullptr, in.stride(),
                            false, out->row(0) + begin, out->stride());
        g = out;
    }
}

template<class T>
void LayerPass<T>::backward_gate(const T* parameters, T balance, T* gradient,
                                 SampleMatrix<T>* input_slopes) {
    const LayerShape& layer = shape_->layer(l_);
    const AffineBlock& gate = shape_->gate(l_);
    const auto samples = static_cast<double>(where_.size());
    for (std::size_t e = 0; e < layer.experts; ++e)
        pressure_.data()[e] =
            static_cast<T>(static_cast<double>(balance) * static_cast<double>(layer.experts) *
                           balance_loads_[e] / samples);
    kernels_->straight_through(expert_outputs_.row(0), slopes_.row(0), layer.outputs, p_.row(0),
                               pressure_.data(), real_.row(0), layer.experts, slopes_.stride(),
                               columns_, gate_slopes_.row(0));
    kernels_->products(sorted_.row(0), sorted_.stride(), gate.inputs + 1, gate_slopes_.row(0),
                       gate_slopes_.stride(), gate.outputs, columns_, gradient + gate.offset);
    if (input_slopes == nullptr) return;
    kernels_->pull_back(parameters + gate.offset, gate.inputs, gate.outputs, gate_slopes_.row(0),
                        gate_slopes_.stride(), columns_, nullptr, 0, true, input_slopes->row(0),
                        input_slopes->stride());
}

template class LayerPass<float>;
template class LayerPass<double>;

} // namespace moe
