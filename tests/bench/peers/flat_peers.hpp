#pragma once
// The peers of our search for the nearest prototype, each on one thread: nanoflann's k-d tree in
// float64, compiled for this very processor, and FAISS's exact index IndexFlatL2 in float32, as its
// library was compiled. Plain C++17 without our headers.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#define MOE_PEER_EXPORT __attribute__((visibility("default")))

namespace flat_peer {

/// Prototypes in a peer's own structure.
class MOE_PEER_EXPORT Search {
  public:
    Search() = default;
    virtual ~Search() = default;
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;

    /// found[b] = the nearest prototype of row b of the inputs, for all rows at once.
    virtual void nearest(std::vector<std::int64_t>& found) = 0;
};

/// nanoflann::KDTreeSingleIndexAdaptor over prototypes [L][n]; n = 2, 8 or 64, known to the
/// compiler (std::invalid_argument for another).
MOE_PEER_EXPORT std::unique_ptr<Search> nanoflann_tree(const std::vector<double>& prototypes,
                                                       std::size_t n, std::size_t leaf_size,
                                                       const std::vector<double>& inputs);

/// faiss::IndexFlatL2 over the prototypes rounded to float32; the inputs are rounded here too,
/// outside of what is timed.
MOE_PEER_EXPORT std::unique_ptr<Search>
faiss_flat(const std::vector<double>& prototypes, std::size_t n, const std::vector<double>& inputs);

/// The BLAS by which FAISS multiplies, and its kernels.
MOE_PEER_EXPORT const char* faiss_blas();

} // namespace flat_peer
