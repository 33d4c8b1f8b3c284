#include "peers/flat_peers.hpp"

#include <faiss/IndexFlat.h>
#include <omp.h>

// OpenBLAS's own; the references also keep it linked before any other BLAS.
extern "C" void openblas_set_num_threads(int threads);
extern "C" char* openblas_get_config();

namespace flat_peer {

namespace {

class Flat : public Search {
  public:
    Flat(const std::vector<double>& prototypes, std::size_t n, const std::vector<double>& inputs)
        : index_(static_cast<long>(n))
        , inputs_(inputs.begin(), inputs.end())
        , distances_(inputs.size() / n) {
        omp_set_num_threads(1);
        openblas_set_num_threads(1);
        const std::vector<float> rounded(prototypes.begin(), prototypes.end());
        index_.add(static_cast<long>(prototypes.size() / n), rounded.data());
    }
    void nearest(std::vector<std::int64_t>& found) override {
        index_.search(static_cast<long>(distances_.size()), inputs_.data(), 1, distances_.data(),
                      found.data());
    }

  private:
    faiss::IndexFlatL2 index_;
    std::vector<float> inputs_;
    std::vector<float> distances_;
};

} // namespace

std::unique_ptr<Search> faiss_flat(const std::vector<double>& prototypes, std::size_t n,
                                   const std::vector<double>& inputs) {
    return std::make_unique<Flat>(prototypes, n, inputs);
}

const char* faiss_blas() {
    return openblas_get_config();
}

} // namespace flat_peer
