#include "store/model_writer.hpp"

#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

template<class Range>
std::string with_commas(const Range& numbers) {
    std::string text;
    for (const auto number : numbers) {
        if (!text.empty()) text += ',';
        text += std::to_string(number);
    }
    return text;
}

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument("model to be written: " + what);
}

std::uint64_t count_stored(const ModelPlan& plan) {
    return plan.stored_ids ? plan.stored_ids->size() : plan.experts;
}

void check_plan(const ModelPlan& plan) {
    const bool has_grid = !plan.cells_per_axis.empty();
    if (plan.architecture.parameters() == 0) refuse("its experts have no parameters");
    if (plan.experts == 0 || count_stored(plan) == 0) refuse("it has no expert");
    if (plan.tree && has_grid) refuse("it has two routers, a tree and a grid");
    if (plan.tree) {
        if (plan.tree->dimension != static_cast<int>(plan.architecture.inputs())) {
            refuse("its tree routes in dimension " + std::to_string(plan.tree->dimension) +
                   ", its experts take " + std::to_string(plan.architecture.inputs()) + " inputs");
        }
        check_tree(plan.tree->view(), plan.experts);
    }
    if (has_grid && (GridTree(plan.cells_per_axis).leaves() != plan.experts ||
                     plan.cells_per_axis.size() != plan.architecture.inputs())) {
        refuse("its grid " + with_commas(plan.cells_per_axis) + " does not have " +
               std::to_string(plan.architecture.inputs()) + " axes and " +
               std::to_string(plan.experts) + " cells");
    }
    if (!plan.stored_ids) return;
    if (!has_grid) refuse("only a model with a grid router can be stored in part");
    const std::vector<std::uint64_t>& ids = *plan.stored_ids;
    for (std::size_t s = 0; s < ids.size(); ++s) {
        if (ids[s] >= plan.experts || (s > 0 && ids[s] <= ids[s - 1])) {
            refuse("stored expert " + std::to_string(ids[s]) + " is not below " +
                   std::to_string(plan.experts) + " or not above the one before it");
        }
    }
}

std::map<std::string, std::string, std::less<>> metadata_of(const ModelPlan& plan) {
    const Architecture& architecture = plan.architecture;
    std::vector<std::uint32_t> widths{architecture.inputs()};
    for (const Layer& layer : architecture.layers()) {
        widths.push_back(layer.outputs);
    }
    const bool has_grid = !plan.cells_per_axis.empty();
    std::map<std::string, std::string, std::less<>> entries{
        {"format_version", "1"},
        {"n", std::to_string(architecture.inputs())},
        {"activation", architecture.activation() == Activation::relu ? "relu" : "prelu"},
        {"widths", with_commas(widths)},
        {"kind", architecture.is_sparse() ? "sparse" : "dense"},
        {"experts", std::to_string(plan.experts)},
        {"router", plan.tree  ? "tree"
                   : has_grid ? "grid"
                              : "none"},
        {"description", plan.description}};
    if (has_grid) entries.emplace("cells_per_axis", with_commas(plan.cells_per_axis));
    return entries;
}

/// What a model has besides its weights: the arrays behind the tensors that follow the experts'.
struct SharedTensor {
    TensorDeclaration declaration;
    std::span<const double> reals;
    std::span<const std::uint32_t> indices;
    std::span<const std::uint64_t> ids;
};

std::vector<SharedTensor> shared_tensors(const ModelPlan& plan) {
    std::vector<SharedTensor> tensors;
    const auto add_indices = [&](std::string name, const std::vector<std::uint32_t>& indices) {
        tensors.push_back({{std::move(name), Dtype::u32, {indices.size()}}, {}, indices, {}});
    };
    for (std::size_t j = 0; plan.architecture.is_sparse() && j < plan.architecture.depth(); ++j) {
        const SparsePattern& pattern = plan.architecture.layer(j).pattern;
        add_indices(pattern_tensor_name(j, "row"), pattern.row);
        add_indices(pattern_tensor_name(j, "col"), pattern.col);
        add_indices(pattern_tensor_name(j, "bias_row"), pattern.bias_row);
    }
    if (plan.tree) {
        const PrototypeTree& tree = *plan.tree;
        tensors.push_back({{"router.nodes",
                            Dtype::f64,
                            {tree.child_count.size(), static_cast<std::uint64_t>(tree.dimension)}},
                           tree.prototypes,
                           {},
                           {}});
        add_indices("router.first_child", tree.first_child);
        add_indices("router.child_count", tree.child_count);
        add_indices("router.expert", tree.expert);
    }
    if (plan.stored_ids) {
        tensors.push_back(
            {{"experts.id", Dtype::u64, {plan.stored_ids->size()}}, {}, {}, *plan.stored_ids});
    }
    return tensors;
}

std::vector<TensorDeclaration> declarations(const std::vector<StackedTensor>& experts, Dtype dtype,
                                            const ModelPlan& plan) {
    std::vector<TensorDeclaration> all;
    all.reserve(experts.size());
    for (const StackedTensor& tensor : experts) {
        all.push_back({tensor.name, dtype, tensor.shape});
    }
    for (SharedTensor& tensor : shared_tensors(plan)) {
        all.push_back(std::move(tensor.declaration));
    }
    return all;
}

const ModelPlan& checked(const ModelPlan& plan) {
    check_plan(plan);
    return plan;
}

} // namespace

template<class T>
ModelWriter<T>::ModelWriter(const std::filesystem::path& path, const ModelPlan& plan)
    : stored_(count_stored(checked(plan)))
    , parameters_(plan.architecture.parameters())
    , parts_(stacked_tensors(plan.architecture, stored_))
    , writer_(path, declarations(parts_, dtype_of<T>(), plan), metadata_of(plan)) {
    std::size_t index = parts_.size();
    for (const SharedTensor& tensor : shared_tensors(plan)) {
        if (!tensor.reals.empty()) writer_.append(index, tensor.reals);
        if (!tensor.indices.empty()) writer_.append(index, tensor.indices);
        if (!tensor.ids.empty()) writer_.append(index, tensor.ids);
        ++index;
    }
}

template<class T>
void ModelWriter<T>::write_expert(std::uint64_t slot, std::span<const T> parameters) {
    if (slot != next_slot_ || slot >= stored_) {
        refuse("expert in slot " + std::to_string(slot) + ", next is " +
               std::to_string(next_slot_) + " of " + std::to_string(stored_));
    }
    if (parameters.size() != parameters_) {
        refuse("expert in slot " + std::to_string(slot) + " has " +
               std::to_string(parameters.size()) + " parameters, needed are " +
               std::to_string(parameters_));
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (!std::isfinite(parameters[i])) {
            refuse("expert in slot " + std::to_string(slot) + ": parameter " + std::to_string(i) +
                   " is not finite");
        }
    }
    for (std::size_t p = 0; p < parts_.size(); ++p) {
        writer_.append(p, parameters.subspan(parts_[p].offset, parts_[p].count));
    }
    ++next_slot_;
}

template<class T>
void ModelWriter<T>::finish(bool durable) {
    if (next_slot_ != stored_) {
        throw std::logic_error("model to be written: finished at expert " +
                               std::to_string(next_slot_) + " of " + std::to_string(stored_));
    }
    writer_.finish(durable);
}

template class ModelWriter<double>;
template class ModelWriter<float>;

} // namespace moe
