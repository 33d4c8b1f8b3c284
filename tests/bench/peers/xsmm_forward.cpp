// The forward pass with libxsmm, which generates a kernel for each size of product: blocks of at
// most 64 samples stay in the first-level cache from the first layer to the last. The weights are
// kept transposed, [in][out], as the generator wants them.

#include "peers/forward_groups.hpp"

#include <libxsmm.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <type_traits>

namespace forward_peer {

namespace {

constexpr long block = 64;

/// C [samples][out] += X [samples][in] W [in][out].
template<class T>
class Kernel {
  public:
    Kernel() = default;
    Kernel(long out, long samples, long in) {
        const auto m = static_cast<libxsmm_blasint>(out);
        const auto n = static_cast<libxsmm_blasint>(samples);
        const auto k = static_cast<libxsmm_blasint>(in);
        if constexpr (std::is_same_v<T, float>) {
            function_ = libxsmm_smmdispatch(m, n, k, nullptr, nullptr, nullptr, nullptr, nullptr,
                                            nullptr, nullptr);
        } else {
            function_ = libxsmm_dmmdispatch(m, n, k, nullptr, nullptr, nullptr, nullptr, nullptr,
                                            nullptr, nullptr);
        }
        if (function_ == nullptr) throw std::runtime_error("libxsmm made no kernel");
    }
    void operator()(const T* weights, const T* inputs, T* outputs) const {
        function_(weights, inputs, outputs);
    }

  private:
    std::conditional_t<std::is_same_v<T, float>, libxsmm_smmfunction, libxsmm_dmmfunction>
        function_ = nullptr;
};

template<class T>
class XsmmPeer final : public Peer<T> {
  public:
    explicit XsmmPeer(const Model<T>& model)
        : model_(model)
        , parameters_(transposed(model))
        , kernels_(model.widths.size() - 1)
        , widest_(static_cast<std::size_t>(
              *std::max_element(model.widths.begin(), model.widths.end()))) {
        libxsmm_init();
        for (std::size_t j = 0; j < kernels_.size(); ++j) {
            for (long samples = 1; samples <= block; ++samples)
                kernels_[j][static_cast<std::size_t>(samples)] =
                    Kernel<T>(model.widths[j + 1], samples, model.widths[j]);
        }
    }

    void run(const Batch<T>& batch, T* outputs, unsigned threads) override {
        group(batch, model_.experts, groups_);
        for_each_group(
            groups_, workers_, threads,
            [&](Worker& worker, std::size_t expert, const std::uint32_t* rows, std::size_t count) {
                for (std::size_t s = 0; s < count; s += block)
                    run_block(worker, static_cast<long>(expert), batch, rows + s,
                              std::min<std::size_t>(block, count - s), outputs);
            });
    }

  private:
    struct Worker {
        std::vector<T> value;
        std::vector<T> next;
    };

    void run_block(Worker& worker, long expert, const Batch<T>& batch, const std::uint32_t* rows,
                   std::size_t count, T* outputs) const {
        worker.value.resize(widest_ * block);
        worker.next.resize(widest_ * block);
        T* value = worker.value.data();
        T* next = worker.next.data();
        const auto n = static_cast<std::size_t>(model_.widths.front());
        for (std::size_t s = 0; s < count; ++s)
            std::copy_n(batch.inputs + rows[s] * n, n, value + s * n);
        const T* parameters = parameters_.data() + expert * model_.parameters_each();
        for (std::size_t j = 0; j < kernels_.size(); ++j) {
            const auto out = static_cast<std::size_t>(model_.widths[j + 1]);
            const auto in = static_cast<std::size_t>(model_.widths[j]);
            const T* const biases = parameters + in * out;
            for (std::size_t s = 0; s < count; ++s)
                std::copy_n(biases, out, next + s * out);
            kernels_[j][count](parameters, value, next);
            if (j + 1 < kernels_.size()) {
                for (std::size_t i = 0; i < count * out; ++i)
                    next[i] = next[i] > T(0) ? next[i] : T(0);
            }
            std::swap(value, next);
            parameters += (in + 1) * out;
        }
        for (std::size_t s = 0; s < count; ++s)
            outputs[rows[s]] = value[s];
    }

    Model<T> model_;
    std::vector<T> parameters_;
    std::vector<std::array<Kernel<T>, block + 1>> kernels_; ///< by layer and samples
    std::size_t widest_;
    Groups groups_;
    std::vector<Worker> workers_;
};

} // namespace

template<class T>
std::unique_ptr<Peer<T>> libxsmm(const Model<T>& model) {
    return std::make_unique<XsmmPeer<T>>(model);
}

template MOE_PEER_EXPORT std::unique_ptr<Peer<double>> libxsmm(const Model<double>&);
template MOE_PEER_EXPORT std::unique_ptr<Peer<float>> libxsmm(const Model<float>&);

} // namespace forward_peer
