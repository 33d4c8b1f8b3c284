// Routed experts as users of LibTorch write them, in inference mode, the weights laid out [in][out]
// beforehand.

#include "peers/forward_peer.hpp"

#include <torch/torch.h>

#include <type_traits>

// OpenBLAS's own; the reference also keeps it linked before any other BLAS.
extern "C" {
int openblas_get_num_threads();
void openblas_set_num_threads(int threads);
}

namespace forward_peer {

namespace {

using torch::Tensor;

template<class T>
constexpr torch::ScalarType scalar = std::is_same_v<T, float> ? torch::kFloat32 : torch::kFloat64;

/// Of LibTorch and of its BLAS; others in the program set them too.
void use_threads(unsigned threads) {
    const int wanted = static_cast<int>(threads);
    if (at::get_num_threads() != wanted) at::set_num_threads(wanted);
    if (openblas_get_num_threads() != wanted) openblas_set_num_threads(wanted);
}

/// All experts of a layer: weights [L][in][out], biases [L][1][out].
struct Stacked {
    Tensor weights;
    Tensor biases;
};

template<class T>
std::vector<Stacked> stacked_layers(const Model<T>& model) {
    const c10::InferenceMode inference;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): from_blob takes void*, writes nothing
    const Tensor all = torch::from_blob(const_cast<T*>(model.parameters),
                                        {model.experts, model.parameters_each()}, scalar<T>);
    std::vector<Stacked> layers;
    long offset = 0;
    for (std::size_t j = 1; j < model.widths.size(); ++j) {
        const long in = model.widths[j - 1];
        const long out = model.widths[j];
        layers.push_back({all.narrow(1, offset, in * out)
                              .reshape({model.experts, out, in})
                              .transpose(1, 2)
                              .contiguous(),
                          all.narrow(1, offset + in * out, out).unsqueeze(1).contiguous()});
        offset += (in + 1) * out;
    }
    return layers;
}

/// The batch as tensors that share its memory.
template<class T>
struct Views {
    // NOLINTBEGIN(cppcoreguidelines-pro-type-const-cast): from_blob takes void*, writes nothing
    Views(const Model<T>& model, const Batch<T>& batch, T* results)
        : inputs(torch::from_blob(const_cast<T*>(batch.inputs),
                                  {batch.samples, model.widths.front()}, scalar<T>))
        , expert_of(torch::from_blob(const_cast<std::int64_t*>(batch.expert_of), {batch.samples},
                                     torch::kInt64))
        , outputs(torch::from_blob(results, {batch.samples}, scalar<T>)) {}
    // NOLINTEND(cppcoreguidelines-pro-type-const-cast)

    Tensor inputs;
    Tensor expert_of;
    Tensor outputs;
};

/// One gathering of the sorted inputs, then views of it: less work for LibTorch than an
/// index_select and an index_copy for each expert.
template<class T>
class Loop final : public Peer<T> {
  public:
    explicit Loop(const Model<T>& model)
        : model_(model) {
        const std::vector<Stacked> layers = stacked_layers(model);
        const c10::InferenceMode inference;
        for (long e = 0; e < model.experts; ++e) {
            experts_.emplace_back();
            for (const Stacked& layer : layers)
                experts_.back().push_back({layer.weights[e], layer.biases[e]});
        }
    }

    void run(const Batch<T>& batch, T* outputs, unsigned threads) override {
        const c10::InferenceMode inference;
        use_threads(threads);
        const Views<T> views(model_, batch, outputs);
        const Tensor order = torch::argsort(views.expert_of);
        const Tensor counts = torch::bincount(views.expert_of, {}, model_.experts);
        const Tensor sorted = views.inputs.index_select(0, order);
        const auto count_of = counts.accessor<std::int64_t, 1>();
        std::vector<Tensor> results;
        long start = 0;
        for (long e = 0; e < model_.experts; ++e) {
            if (count_of[e] == 0) continue;
            Tensor value = sorted.narrow(0, start, count_of[e]);
            const std::vector<Stacked>& layers = experts_[static_cast<std::size_t>(e)];
            for (std::size_t j = 0; j < layers.size(); ++j) {
                value = torch::addmm(layers[j].biases, value, layers[j].weights);
                if (j + 1 < layers.size()) value.relu_();
            }
            results.push_back(value);
            start += count_of[e];
        }
        views.outputs.index_copy_(0, order, torch::cat(results).squeeze(1));
    }

  private:
    Model<T> model_;
    std::vector<std::vector<Stacked>> experts_; ///< by expert and layer
};

template<class T>
class Padded final : public Peer<T> {
  public:
    explicit Padded(const Model<T>& model)
        : model_(model)
        , layers_(stacked_layers(model)) {}

    void run(const Batch<T>& batch, T* outputs, unsigned threads) override {
        const c10::InferenceMode inference;
        use_threads(threads);
        const Views<T> views(model_, batch, outputs);
        const auto [sorted, order] = views.expert_of.sort();
        const auto [touched, group, counts] = torch::unique_consecutive(sorted, true, true);
        const long groups = touched.size(0);
        const long largest = counts.max().template item<std::int64_t>();
        const Tensor starts = counts.cumsum(0) - counts;
        const Tensor place =
            group * largest + torch::arange(batch.samples) - starts.index_select(0, group);
        Tensor value = torch::zeros({groups * largest, model_.widths.front()}, scalar<T>);
        value.index_copy_(0, place, views.inputs.index_select(0, order));
        value = value.view({groups, largest, model_.widths.front()});
        for (std::size_t j = 0; j < layers_.size(); ++j) {
            value = torch::baddbmm(only(layers_[j].biases, touched), value,
                                   only(layers_[j].weights, touched));
            if (j + 1 < layers_.size()) value.relu_();
        }
        views.outputs.index_copy_(0, order, value.view({-1}).index_select(0, place));
    }

  private:
    /// Copies the touched experts where they are not all.
    [[nodiscard]] Tensor only(const Tensor& all, const Tensor& touched) const {
        return touched.size(0) == model_.experts ? all : all.index_select(0, touched);
    }

    Model<T> model_;
    std::vector<Stacked> layers_;
};

} // namespace

template<class T>
std::unique_ptr<Peer<T>> torch_loop(const Model<T>& model) {
    return std::make_unique<Loop<T>>(model);
}

template<class T>
std::unique_ptr<Peer<T>> torch_padded(const Model<T>& model) {
    return std::make_unique<Padded<T>>(model);
}

template std::unique_ptr<Peer<double>> torch_loop(const Model<double>&);
template std::unique_ptr<Peer<float>> torch_loop(const Model<float>&);
template std::unique_ptr<Peer<double>> torch_padded(const Model<double>&);
template std::unique_ptr<Peer<float>> torch_padded(const Model<float>&);

} // namespace forward_peer
