#include "store/model_file.hpp"

#include "basics/numbers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace moe {

namespace {

constexpr std::string_view format_version = "1";

/// Index of the first number that is NaN or infinite, or the size. The exponent bits decide, in
/// integers, so that the loop over the usual case vectorises.
template<class T>
std::size_t first_not_finite(std::span<const T> numbers) {
    using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    constexpr Bits exponent = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
    Bits bad = 0;
    for (const T number : numbers) {
        bad |= static_cast<Bits>((std::bit_cast<Bits>(number) & exponent) == exponent);
    }
    std::size_t index = numbers.size();
    for (std::size_t i = numbers.size(); bad != 0 && i-- > 0;) {
        if ((std::bit_cast<Bits>(numbers[i]) & exponent) == exponent) index = i;
    }
    return index;
}

} // namespace

std::vector<StackedTensor> stacked_tensors(const Architecture& architecture,
                                           std::uint64_t stored_experts) {
    std::vector<StackedTensor> tensors;
    for (std::size_t j = 0; j < architecture.depth(); ++j) {
        const Layer& layer = architecture.layer(j);
        const std::string prefix = "experts.layers." + std::to_string(j) + ".";
        const std::uint64_t outputs = layer.outputs;
        if (layer.sparse) {
            tensors.push_back({prefix + "values",
                               {stored_experts, layer.weights},
                               layer.weight_offset,
                               layer.weights});
            tensors.push_back({prefix + "bias_values",
                               {stored_experts, layer.biases},
                               layer.bias_offset,
                               layer.biases});
        } else {
            tensors.push_back({prefix + "weight",
                               {stored_experts, outputs, layer.inputs},
                               layer.weight_offset,
                               layer.weights});
            tensors.push_back(
                {prefix + "bias", {stored_experts, outputs}, layer.bias_offset, layer.biases});
        }
        if (layer.slopes) {
            tensors.push_back(
                {prefix + "slope", {stored_experts, outputs}, layer.slope_offset, layer.outputs});
        }
    }
    return tensors;
}

std::string pattern_tensor_name(std::size_t layer, std::string_view field) {
    return "pattern.layers." + std::to_string(layer) + "." + std::string(field);
}

ModelView::ModelView(std::string file, std::span<const std::byte> bytes, Dtype weights)
    : file_(std::move(file), bytes)
    , weights_(weights)
    , taken_(file_.tensors().size())
    , architecture_(read_architecture())
    , description_(entry("description")) {
    read_experts();
    read_router();
    read_parts();
    check_all_taken();
}

void ModelView::refuse(const std::string& what) const {
    throw InputError(file_.file() + ": " + what);
}

const std::string& ModelView::entry(std::string_view key) const {
    const auto place = file_.metadata().find(key);
    if (place == file_.metadata().end()) {
        refuse("metadata entry " + in_quotes(key) + " is missing, so this is no model file");
    }
    return place->second;
}

template<class T>
std::vector<T> ModelView::integers(std::string_view key) const {
    const std::string& text = entry(key);
    std::vector<T> numbers;
    std::string_view rest = text;
    for (bool more = true; more;) {
        const std::size_t comma = rest.find(',');
        const auto number = parse_integer<T>(rest.substr(0, comma));
        if (!number) {
            refuse("metadata entry " + in_quotes(key) + " is " + in_quotes(text) +
                   ", needed are integers below 2^" +
                   std::to_string(std::numeric_limits<T>::digits) + " with commas between");
        }
        numbers.push_back(*number);
        more = comma != std::string_view::npos;
        if (more) rest.remove_prefix(comma + 1);
    }
    return numbers;
}

const TensorInfo& ModelView::take(const TensorInfo& tensor) {
    taken_[static_cast<std::size_t>(&tensor - file_.tensors().data())] = true;
    return tensor;
}

std::vector<std::uint32_t> ModelView::read_pattern_field(std::size_t layer,
                                                         std::string_view field) {
    const TensorInfo& tensor =
        take(file_.require_vector(pattern_tensor_name(layer, field), Dtype::u32));
    const std::span<const std::uint32_t> indices = file_.values<std::uint32_t>(tensor);
    return {indices.begin(), indices.end()};
}

Architecture ModelView::read_architecture() {
    if (const std::string& version = entry("format_version"); version != format_version) {
        refuse("metadata entry 'format_version' is " + in_quotes(version) + ", known is 1");
    }
    const std::string& kind = entry("kind");
    if (kind != "dense" && kind != "sparse") {
        refuse("metadata entry 'kind' is " + in_quotes(kind) + ", allowed are dense and sparse");
    }
    const std::string& activation_name = entry("activation");
    if (activation_name != "relu" && activation_name != "prelu") {
        refuse("metadata entry 'activation' is " + in_quotes(activation_name) +
               ", allowed are relu and prelu");
    }
    const Activation activation = activation_name == "relu" ? Activation::relu : Activation::prelu;

    const std::vector<std::uint32_t> widths = integers<std::uint32_t>("widths");
    // What is built from the widths must not outgrow the file: every layer has two tensors, and
    // every unit something of its own in one of them.
    if (widths.size() < 2 || widths.size() - 1 > file_.tensors().size() / 2) {
        refuse("metadata entry 'widths' has " + std::to_string(widths.size()) +
               " entries, which does not fit " + std::to_string(file_.tensors().size()) +
               " tensors");
    }
    std::uint64_t units = 0;
    for (const std::uint32_t width : widths) {
        units += width;
    }
    if (units > file_.file_bytes() || units > std::numeric_limits<std::int32_t>::max()) {
        refuse("metadata entry 'widths' sums to " + std::to_string(units) +
               " units, more than the file can hold");
    }
    if (integers<std::uint32_t>("n") != std::vector{widths.front()}) {
        refuse("metadata entry 'n' is " + in_quotes(entry("n")) +
               ", but the first of the widths is " + std::to_string(widths.front()));
    }

    try {
        if (kind == "dense") return Architecture::dense(widths, activation);
        std::vector<SparsePattern> patterns(widths.size() - 1);
        for (std::size_t j = 0; j < patterns.size(); ++j) {
            patterns[j].row = read_pattern_field(j, "row");
            patterns[j].col = read_pattern_field(j, "col");
            patterns[j].bias_row = read_pattern_field(j, "bias_row");
        }
        return Architecture::sparse(widths.front(), std::span(widths).subspan(1),
                                    std::move(patterns), activation);
    } catch (const std::invalid_argument& error) {
        refuse(std::string("metadata entry 'widths' or tensors 'pattern.layers.*': ") +
               error.what());
    }
}

void ModelView::read_experts() {
    const std::vector<std::uint64_t> count = integers<std::uint64_t>("experts");
    if (count.size() != 1 || count.front() == 0) {
        refuse("metadata entry 'experts' is " + in_quotes(entry("experts")) +
               ", needed is one integer of at least 1");
    }
    experts_ = count.front();
    stored_ = experts_;
    if (file_.find("experts.id") == nullptr) return;

    const TensorInfo& tensor = take(file_.require_vector("experts.id", Dtype::u64));
    ids_ = file_.values<std::uint64_t>(tensor);
    stored_ = ids_.size();
    if (ids_.empty()) refuse("tensor 'experts.id' names no expert, at least 1 is needed");
    for (std::size_t s = 0; s < ids_.size(); ++s) {
        if (ids_[s] >= experts_ || (s > 0 && ids_[s] <= ids_[s - 1])) {
            refuse("tensor 'experts.id' has " + std::to_string(ids_[s]) + " at file offset " +
                   std::to_string(tensor.begin + 8 * s) + ", needed are ascending numbers below " +
                   std::to_string(experts_));
        }
    }
}

void ModelView::read_router() {
    const std::string& kind = entry("router");
    if (kind != "none" && kind != "tree" && kind != "grid") {
        refuse("metadata entry 'router' is " + in_quotes(kind) +
               ", allowed are none, tree and grid");
    }
    if (kind != "grid" && !ids_.empty()) {
        refuse("tensor 'experts.id' needs the router grid, metadata entry 'router' is " +
               in_quotes(kind));
    }
    if (kind == "grid") {
        try {
            grid_.emplace(integers<std::int64_t>("cells_per_axis"));
        } catch (const InputError& error) {
            refuse(std::string("metadata entry 'cells_per_axis': ") + error.what());
        }
        if (grid_->leaves() != experts_ ||
            grid_->cells_per_axis().size() != architecture_.inputs()) {
            refuse("metadata entry 'cells_per_axis' is " + in_quotes(entry("cells_per_axis")) +
                   ", needed are " + std::to_string(architecture_.inputs()) +
                   " numbers with the product " + std::to_string(experts_));
        }
    }
    if (kind != "tree") return;

    const TensorInfo& counts = take(file_.require_vector("router.child_count", Dtype::u32));
    const std::array<std::uint64_t, 2> nodes_shape{counts.elements, architecture_.inputs()};
    const auto nodes_long = std::span(nodes_shape).first(1);
    const TensorInfo& nodes = take(file_.require("router.nodes", Dtype::f64, nodes_shape));
    const TensorInfo& first = take(file_.require("router.first_child", Dtype::u32, nodes_long));
    const TensorInfo& expert = take(file_.require("router.expert", Dtype::u32, nodes_long));
    tree_ =
        PrototypeTreeView{static_cast<int>(architecture_.inputs()), file_.values<double>(nodes),
                          file_.values<std::uint32_t>(first), file_.values<std::uint32_t>(counts),
                          file_.values<std::uint32_t>(expert)};
    try {
        check_tree(*tree_, experts_);
    } catch (const InputError& error) {
        refuse("tensors 'router.*' from file offset " + std::to_string(nodes.begin) +
               " on: " + error.what());
    }
}

void ModelView::read_parts() {
    if (architecture_.parameters() == 0) refuse("the experts have no parameters");
    for (const StackedTensor& stacked : stacked_tensors(architecture_, stored_)) {
        const TensorInfo& tensor = take(file_.require(stacked.name, weights_, stacked.shape));
        if (stacked.count == 0) continue;
        parts_.push_back({static_cast<std::size_t>(&tensor - file_.tensors().data()),
                          stacked.offset, stacked.count});
    }
}

void ModelView::check_all_taken() const {
    for (std::size_t i = 0; i < taken_.size(); ++i) {
        if (taken_[i]) continue;
        const TensorInfo& tensor = file_.tensors()[i];
        refuse("tensor " + in_quotes(tensor.name) + " at file offset " +
               std::to_string(tensor.begin) + " is no part of such a model");
    }
}

std::optional<std::uint64_t> ModelView::slot(std::uint64_t expert) const {
    if (ids_.empty()) return expert < experts_ ? std::optional(expert) : std::nullopt;
    const auto place = std::lower_bound(ids_.begin(), ids_.end(), expert);
    if (place == ids_.end() || *place != expert) return std::nullopt;
    return static_cast<std::uint64_t>(place - ids_.begin());
}

std::optional<Router> ModelView::router() const {
    if (tree_) return Router(*tree_);
    if (!grid_) return std::nullopt;
    if (ids_.empty()) return Router(*grid_);
    return Router(*grid_, SlotMap(std::vector<std::uint64_t>(ids_.begin(), ids_.end())));
}

template<class T>
std::uint64_t ModelView::copy_expert(std::uint64_t slot, std::span<T> parameters) const {
    if (weights_ != dtype_of<T>() || slot >= stored_ ||
        parameters.size() != architecture_.parameters()) {
        throw std::invalid_argument("copy of expert " + std::to_string(slot) + " into " +
                                    std::to_string(parameters.size()) + " numbers of " +
                                    std::string(dtype_name(dtype_of<T>())) + "; the file has " +
                                    std::to_string(stored_) + " of " +
                                    std::to_string(architecture_.parameters()) + " numbers of " +
                                    std::string(dtype_name(weights_)));
    }
    std::uint64_t copied = 0;
    for (const Part& part : parts_) {
        const TensorInfo& tensor = file_.tensors()[part.tensor];
        const std::uint64_t start = slot * part.count * sizeof(T);
        const std::span<T> target = parameters.subspan(part.offset, part.count);
        const std::span<const std::byte> source =
            file_.bytes(tensor).subspan(start, target.size_bytes());
        std::memcpy(target.data(), source.data(), source.size());
        copied += target.size();
        if (const std::size_t bad = first_not_finite<T>(target); bad < target.size()) {
            refuse("tensor " + in_quotes(tensor.name) + " has " +
                   shortest(static_cast<double>(target[bad])) + " at file offset " +
                   std::to_string(tensor.begin + start + bad * sizeof(T)) + " (expert in slot " +
                   std::to_string(slot) + "), weights must be finite");
        }
    }
    return copied;
}

template std::uint64_t ModelView::copy_expert(std::uint64_t, std::span<double>) const;
template std::uint64_t ModelView::copy_expert(std::uint64_t, std::span<float>) const;

} // namespace moe
