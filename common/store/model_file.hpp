#pragma once
// The layout of a model in a safetensors file. L experts of one architecture are stacked, so that
// expert i is a slice at a computable offset of each tensor; layers j = 0..J-1; S = number of
// stored experts (S = L unless the model is lazily materialised).
//   dense   experts.layers.<j>.weight [S,out,in]   experts.layers.<j>.bias [S,out]
//   sparse  experts.layers.<j>.values [S,nnz_j]    experts.layers.<j>.bias_values [S,nb_j]
//           pattern.layers.<j>.row [nnz_j], .col [nnz_j], .bias_row [nb_j]  (U32, once per model)
//   PReLU   experts.layers.<j>.slope [S,out]       (hidden layers)
//   router "tree"  router.nodes [V,n] F64, router.first_child, .child_count, .expert [V] U32
//   router "grid"  nothing but metadata cells_per_axis: the tree of routing/grid_tree.hpp
//   lazily materialised  experts.id [S] U64, the ascending leaf indices of the stored experts
// Metadata (texts): format_version, n, activation, widths, kind, experts, router, cells_per_axis,
// description. A layer that lists nothing has a tensor of shape [S,0].

#include "models/architecture.hpp"
#include "routing/grid_tree.hpp"
#include "routing/prototype_tree.hpp"
#include "routing/router.hpp"
#include "store/safetensors.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moe {

/// One tensor that holds a part of every expert's parameters.
struct StackedTensor {
    std::string name;
    std::vector<std::uint64_t> shape; ///< first axis: the stored experts
    std::size_t offset = 0;           ///< where the part stands in the flat array of an expert
    std::size_t count = 0;            ///< numbers per expert
};

/// The expert tensors of an architecture in layer order. The parts tile the flat array of an
/// expert.
[[nodiscard]] std::vector<StackedTensor> stacked_tensors(const Architecture& architecture,
                                                         std::uint64_t stored_experts);

/// Name of an array of layer j's sparsity pattern: field is "row", "col" or "bias_row".
[[nodiscard]] std::string pattern_tensor_name(std::size_t layer, std::string_view field);

/// A model in the bytes of a file. Refers to the bytes, which must outlive it.
class ModelView {
  public:
    /// Reads and checks everything but the weights; `weights` is the element type that they must
    /// have. Throws InputError naming file, tensor or metadata entry, and what is wrong. Memory is
    /// bounded by a multiple of the file's size.
    ModelView(std::string file, std::span<const std::byte> bytes, Dtype weights);

    [[nodiscard]] const Architecture& architecture() const noexcept { return architecture_; }
    /// L, the number of experts of the model.
    [[nodiscard]] std::uint64_t experts() const noexcept { return experts_; }
    /// S, the number of experts in the file. Expert `ids()[s]` (expert s if ids() is empty) stands
    /// in slot s.
    [[nodiscard]] std::uint64_t stored_experts() const noexcept { return stored_; }
    /// Whether the file holds all experts.
    [[nodiscard]] bool materialised() const noexcept { return stored_ == experts_; }
    /// The stored experts of a lazily materialised model, strictly ascending, in place.
    [[nodiscard]] std::span<const std::uint64_t> ids() const noexcept { return ids_; }
    /// The slot of an expert; nothing if the file does not hold it.
    [[nodiscard]] std::optional<std::uint64_t> slot(std::uint64_t expert) const;
    /// The model's router; nothing if it has none. A stored tree is read in place and checked.
    [[nodiscard]] std::optional<Router> router() const;
    /// Whether the router is a stored tree.
    [[nodiscard]] bool has_tree() const noexcept { return tree_.has_value(); }
    [[nodiscard]] const std::string& description() const noexcept { return description_; }
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return file_.file_bytes(); }

    /// Copies the P parameters of the expert in `slot` into `parameters` and returns how many were
    /// copied. Throws InputError naming tensor, slot and file offset for a NaN or an infinity,
    /// std::invalid_argument for another length of `parameters`, another element type or a slot
    /// that does not exist. T = double or float.
    template<class T>
    std::uint64_t copy_expert(std::uint64_t slot, std::span<T> parameters) const;

  private:
    struct Part {
        std::size_t tensor = 0; ///< index into file_.tensors()
        std::size_t offset = 0; ///< in the flat array of an expert
        std::size_t count = 0;  ///< numbers per expert
    };

    [[noreturn]] void refuse(const std::string& what) const;
    [[nodiscard]] const std::string& entry(std::string_view key) const;
    template<class T>
    [[nodiscard]] std::vector<T> integers(std::string_view key) const;
    const TensorInfo& take(const TensorInfo& tensor);
    [[nodiscard]] std::vector<std::uint32_t> read_pattern_field(std::size_t layer,
                                                                std::string_view field);
    [[nodiscard]] Architecture read_architecture();
    void read_experts();
    void read_router();
    void read_parts();
    void check_all_taken() const;

    SafetensorsView file_;
    Dtype weights_;
    std::vector<bool> taken_; ///< tensors that belong to the layout
    Architecture architecture_;
    std::uint64_t experts_ = 0;
    std::uint64_t stored_ = 0;
    std::span<const std::uint64_t> ids_;
    std::optional<PrototypeTreeView> tree_;
    std::optional<GridTree> grid_;
    std::string description_;
    std::vector<Part> parts_;
};

} // namespace moe
