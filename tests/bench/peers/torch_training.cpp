#include "peers/torch_training.hpp"

#include <torch/torch.h>

#include <utility>

// OpenBLAS's own; the reference also keeps it linked before any other BLAS.
extern "C" void openblas_set_num_threads(int threads);

namespace torch_peer {

namespace {

using torch::Tensor;

/// All experts of a layer side by side: W1 [inputs, experts hidden], W2 [experts, hidden, outputs].
struct Weights {
    Layer shape;
    Tensor gate;
    Tensor gate_bias;
    Tensor first;
    Tensor first_bias;
    Tensor second;
    Tensor second_bias;
    Tensor loads; // of the batch before
};

/// Reads our flat array.
class Reader {
  public:
    explicit Reader(const std::vector<double>& parameters)
        : parameters_(&parameters) {}

    Tensor read(const std::vector<long>& sizes) {
        long count = 1;
        for (const long size : sizes)
            count *= size;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): from_blob takes void*, writes
        // nothing
        const Tensor view = torch::from_blob(const_cast<double*>(parameters_->data()) + next_,
                                             {count}, torch::kFloat64);
        next_ += count;
        return view.to(torch::kFloat32).reshape(sizes).clone();
    }

  private:
    const std::vector<double>* parameters_;
    long next_ = 0;
};

Weights read(const Layer& shape, Reader& reader) {
    Weights w;
    w.shape = shape;
    w.gate = reader.read({shape.inputs, shape.experts});
    w.gate_bias = reader.read({shape.experts});
    std::vector<Tensor> first;
    std::vector<Tensor> first_bias;
    std::vector<Tensor> second;
    std::vector<Tensor> second_bias;
    for (long e = 0; e < shape.experts; ++e) {
        first.push_back(reader.read({shape.inputs, shape.hidden}));
        first_bias.push_back(reader.read({shape.hidden}));
        second.push_back(reader.read({shape.hidden, shape.outputs}));
        second_bias.push_back(reader.read({1, shape.outputs}));
    }
    w.first = torch::cat(first, 1).contiguous();
    w.first_bias = torch::cat(first_bias, 0).contiguous();
    w.second = torch::stack(second).contiguous();
    w.second_bias = torch::stack(second_bias).contiguous();
    w.loads = torch::full({shape.experts}, 1.0 / static_cast<double>(shape.experts));
    for (Tensor* tensor :
         {&w.gate, &w.gate_bias, &w.first, &w.first_bias, &w.second, &w.second_bias})
        tensor->set_requires_grad(true);
    return w;
}

} // namespace

struct Training::State {
    std::vector<Weights> layers;
    std::vector<std::pair<Tensor, Tensor>> batches;
    std::unique_ptr<torch::optim::Adam> adam;
};

Training::Training(const std::vector<Layer>& layers, const std::vector<double>& parameters)
    : state_(std::make_unique<State>()) {
    at::set_num_threads(1);
    openblas_set_num_threads(1);
    Reader reader(parameters);
    std::vector<Tensor> trained;
    for (const Layer& layer : layers) {
        state_->layers.push_back(read(layer, reader));
        const Weights& w = state_->layers.back();
        for (const Tensor& tensor :
             {w.gate, w.gate_bias, w.first, w.first_bias, w.second, w.second_bias})
            trained.push_back(tensor);
    }
    state_->adam = std::make_unique<torch::optim::Adam>(trained, torch::optim::AdamOptions(0.01));
}

Training::~Training() = default;

void Training::add_batch(std::vector<float> inputs, std::vector<float> targets,
                         std::size_t samples) {
    const long inputs_each = static_cast<long>(inputs.size() / samples);
    const long targets_each = static_cast<long>(targets.size() / samples);
    const long rows = static_cast<long>(samples);
    state_->batches.emplace_back(
        torch::from_blob(inputs.data(), {rows, inputs_each}, torch::kFloat32).clone(),
        torch::from_blob(targets.data(), {rows, targets_each}, torch::kFloat32).clone());
}

double Training::step(std::size_t batch, double rate, double balance, bool want_loss) {
    const auto& [inputs, targets] = state_->batches.at(batch);
    const long samples = inputs.size(0);
    Tensor x = inputs;
    Tensor pressure;
    for (Weights& w : state_->layers) {
        const Tensor p = torch::softmax(torch::addmm(w.gate_bias, x, w.gate), 1);
        const Tensor chosen = p.argmax(1);
        const Tensor hidden = torch::relu(torch::addmm(w.first_bias, x, w.first))
                                  .view({samples, w.shape.experts, w.shape.hidden})
                                  .transpose(0, 1);
        const Tensor f =
            torch::baddbmm(w.second_bias, hidden, w.second).transpose(0, 1); // [B, E, outputs]
        const Tensor index = chosen.view({samples, 1, 1}).expand({samples, 1, w.shape.outputs});
        const Tensor hard = f.gather(1, index).squeeze(1);
        // Adds 0 to the value and <dL/dy, f_e> to the slope of p_e: straight through.
        const Tensor soft = ((p - p.detach()).unsqueeze(2) * f.detach()).sum(1);
        x = hard + soft;
        if (balance > 0.0) {
            const Tensor term =
                (p * w.loads).sum() *
                (balance * static_cast<double>(w.shape.experts) / static_cast<double>(samples));
            pressure = pressure.defined() ? pressure + term : term;
        }
        w.loads = torch::bincount(chosen, {}, w.shape.experts).to(torch::kFloat32) /
                  static_cast<double>(samples);
    }
    const Tensor loss = (x - targets).square().sum() / static_cast<double>(samples);
    state_->adam->zero_grad();
    (pressure.defined() ? loss + pressure : loss).backward();
    dynamic_cast<torch::optim::AdamOptions&>(state_->adam->param_groups()[0].options()).lr(rate);
    state_->adam->step();
    return want_loss ? loss.item<double>() : 0.0;
}

} // namespace torch_peer
