#pragma once
// Writing of a model file (layout: store/model_file.hpp), expert by expert, so that a model larger
// than memory can be written.

#include "models/architecture.hpp"
#include "routing/prototype_tree.hpp"
#include "store/model_file.hpp"
#include "store/safetensors_writer.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace moe {

/// What a model file says besides the weights.
struct ModelPlan {
    Architecture architecture;
    std::uint64_t experts = 1; ///< L
    /// Lazily materialised: the experts that are written, strictly ascending (needs a grid router).
    /// Nothing: all L.
    std::optional<std::vector<std::uint64_t>> stored_ids{};
    /// Router, at most one of the two: a stored tree, or the implicit tree over a grid of cells
    /// (then L is the product of cells_per_axis).
    std::optional<PrototypeTree> tree{};
    std::vector<std::int64_t> cells_per_axis{};
    std::string description{}; ///< free text, UTF-8
};

/// T = double or float: the element type of the weights.
template<class T>
class ModelWriter {
  public:
    /// Opens a temporary file beside `path` and writes all but the experts. Throws
    /// std::invalid_argument for a plan that contradicts itself or experts without parameters,
    /// InputError for a broken tree, EnvironmentError if the file cannot be written.
    ModelWriter(const std::filesystem::path& path, const ModelPlan& plan);

    /// Appends the P parameters of the next expert; `slot` counts the stored experts and must
    /// ascend 0, 1, 2, ... Throws std::invalid_argument for another slot, length or a number that
    /// is not finite; EnvironmentError for a failed write.
    void write_expert(std::uint64_t slot, std::span<const T> parameters);

    /// Gives the file its final name (see SafetensorsWriter::finish). Throws std::logic_error
    /// naming the next slot if experts are missing.
    void finish(bool durable = true);

    [[nodiscard]] std::uint64_t stored_experts() const noexcept { return stored_; }
    /// Size of the finished file.
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return writer_.file_bytes(); }

  private:
    std::uint64_t stored_;
    std::uint64_t next_slot_ = 0;
    std::size_t parameters_;
    std::vector<StackedTensor> parts_; ///< the writer's first tensors, in the same order
    SafetensorsWriter writer_;
};

} // namespace moe
