#include "peers/flat_peers.hpp"

#include <nanoflann.hpp>

#include <stdexcept>

namespace flat_peer {

namespace {

/// The prototypes as nanoflann wants to see them.
struct Cloud {
    std::vector<double> numbers;
    std::size_t n;

    [[nodiscard]] std::size_t kdtree_get_point_count() const { return numbers.size() / n; }
    [[nodiscard]] double kdtree_get_pt(std::size_t point, std::size_t axis) const {
        return numbers[point * n + axis];
    }
    template<class Box>
    bool kdtree_get_bbox(Box&) const {
        return false;
    }
};

template<int N>
class Tree : public Search {
  public:
    Tree(const std::vector<double>& prototypes, std::size_t leaf_size, std::vector<double> inputs)
        : inputs_(std::move(inputs))
        , cloud_{prototypes, N}
        , tree_(N, cloud_, nanoflann::KDTreeSingleIndexAdaptorParams(leaf_size)) {
        tree_.buildIndex();
    }
    void nearest(std::vector<std::int64_t>& found) override {
        for (std::size_t b = 0; b < found.size(); ++b) {
            std::uint32_t index = 0;
            double distance = 0.0;
            tree_.knnSearch(inputs_.data() + b * N, 1, &index, &distance);
            found[b] = index;
        }
    }

  private:
    std::vector<double> inputs_;
    Cloud cloud_;
    nanoflann::KDTreeSingleIndexAdaptor<nanoflann::L2_Simple_Adaptor<double, Cloud>, Cloud, N>
        tree_;
};

} // namespace

std::unique_ptr<Search> nanoflann_tree(const std::vector<double>& prototypes, std::size_t n,
                                       std::size_t leaf_size, const std::vector<double>& inputs) {
    if (n == 2) return std::make_unique<Tree<2>>(prototypes, leaf_size, inputs);
    if (n == 8) return std::make_unique<Tree<8>>(prototypes, leaf_size, inputs);
    if (n == 64) return std::make_unique<Tree<64>>(prototypes, leaf_size, inputs);
    throw std::invalid_argument("nanoflann_tree: n is not 2, 8 or 64");
}

} // namespace flat_peer
