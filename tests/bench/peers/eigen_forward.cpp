// The forward pass as a user of Eigen writes it: the group's inputs gathered into a matrix (a
// column is a sample), one product per layer, bias, ReLU, outputs scattered.

#include "peers/forward_groups.hpp"

#include <Eigen/Dense>

#include <utility>

namespace forward_peer {

namespace {

using Index = Eigen::Index;

template<class T>
class EigenPeer final : public Peer<T> {
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
    using Vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;

  public:
    explicit EigenPeer(const Model<T>& model)
        : model_(model)
        , parameters_(transposed(model)) {}

    void run(const Batch<T>& batch, T* outputs, unsigned threads) override {
        group(batch, model_.experts, groups_);
        for_each_group(
            groups_, workers_, threads,
            [&](Worker& worker, std::size_t expert, const std::uint32_t* rows, std::size_t count) {
                run_expert(worker, static_cast<long>(expert), batch, rows,
                           static_cast<Index>(count), outputs);
            });
    }

  private:
    struct Worker {
        Matrix value;
        Matrix next;
    };

    void run_expert(Worker& worker, long expert, const Batch<T>& batch, const std::uint32_t* rows,
                    Index count, T* outputs) const {
        const Index n = model_.widths.front();
        Matrix& value = worker.value;
        value.resize(n, count);
        for (Index s = 0; s < count; ++s)
            value.col(s) = Eigen::Map<const Vector>(batch.inputs + rows[s] * n, n);
        const T* parameters = parameters_.data() + expert * model_.parameters_each();
        for (std::size_t j = 1; j < model_.widths.size(); ++j) {
            const Index in = model_.widths[j - 1];
            const Index out = model_.widths[j];
            const Eigen::Map<const Matrix> weights(parameters, out, in);
            const Eigen::Map<const Vector> biases(parameters + out * in, out);
            worker.next.resize(out, count);
            worker.next.noalias() = weights * value;
            if (j + 1 < model_.widths.size()) {
                worker.next = (worker.next.colwise() + biases).cwiseMax(T(0));
            } else {
                worker.next.colwise() += biases;
            }
            std::swap(value, worker.next);
            parameters += (in + 1) * out;
        }
        for (Index s = 0; s < count; ++s)
            outputs[rows[s]] = value(0, s);
    }

    Model<T> model_;
    std::vector<T> parameters_;
    Groups groups_;
    std::vector<Worker> workers_;
};

} // namespace

template<class T>
std::unique_ptr<Peer<T>> eigen(const Model<T>& model) {
    return std::make_unique<EigenPeer<T>>(model);
}

template MOE_PEER_EXPORT std::unique_ptr<Peer<double>> eigen(const Model<double>&);
template MOE_PEER_EXPORT std::unique_ptr<Peer<float>> eigen(const Model<float>&);

} // namespace forward_peer
