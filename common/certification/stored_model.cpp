#include "certification/stored_model.hpp"

#include "basics/integer_power.hpp"
#include "store/model_writer.hpp"

#include <algorithm>
#include <utility>

namespace moe {

namespace {

std::vector<std::uint64_t> touched_leaves(const GridTree& grid, std::span<const double> inputs) {
    const auto n = static_cast<std::size_t>(grid.dimension());
    std::vector<std::uint64_t> leaves;
    leaves.reserve(inputs.size() / n);
    for (std::size_t start = 0; start + n <= inputs.size(); start += n) {
        leaves.push_back(grid.route(inputs.subspan(start, n)).leaf);
    }
    std::sort(leaves.begin(), leaves.end());
    leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());
    return leaves;
}

bool is_within(const MaterialisationLimit& limit, const GridTree& grid, std::size_t parameters) {
    const auto leaves = static_cast<double>(grid.leaves());
    return leaves * static_cast<double>(parameters) <= limit.parameters &&
           grid.leaves() <= limit.experts;
}

/// Writes the model and returns where it lies.
const std::filesystem::path& write(const std::filesystem::path& path, const ModelRecipe& recipe,
                                   const GridTree& grid, std::span<const std::uint64_t> touched,
                                   const MaterialisationLimit& limit) {
    const bool complete = is_within(limit, grid, recipe.architecture.parameters());
    ModelPlan plan{.architecture = recipe.architecture, .experts = grid.leaves()};
    if (complete) {
        plan.tree = materialise(grid);
    } else {
        plan.stored_ids.emplace(touched.begin(), touched.end());
        plan.cells_per_axis = recipe.grid;
    }
    ModelWriter<double> writer(path, plan);
    std::vector<double> parameters(recipe.architecture.parameters());
    const std::uint64_t stored = complete ? grid.leaves() : touched.size();
    for (std::uint64_t slot = 0; slot < stored; ++slot) {
        const std::uint64_t leaf = complete ? slot : touched[slot];
        recipe.fill(grid.cell(leaf), parameters);
        writer.write_expert(slot, parameters);
    }
    writer.finish(false);
    return path;
}

} // namespace

StoredModel::StoredModel(std::filesystem::path path, const ModelRecipe& recipe,
                         std::span<const double> inputs, const MaterialisationLimit& limit,
                         bool keep_file)
    : path_(std::move(path))
    , keep_file_(keep_file)
    , grid_(recipe.grid)
    , touched_(touched_leaves(grid_, inputs))
    , store_(write(path_, recipe, grid_, touched_, limit),
             recipe.architecture.parameters() * sizeof(double)) {}

StoredModel::~StoredModel() {
    if (keep_file_) return;
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

std::vector<double> StoredModel::evaluate(std::span<const double> inputs) {
    const auto n = static_cast<std::size_t>(grid_.dimension());
    std::vector<double> outputs(inputs.size() / n);
    report_ = forward<double>(store_.router().value(), store_, inputs, outputs);
    return outputs;
}

std::vector<double> uniform_points(int n, std::size_t count, RandomStream& random) {
    std::vector<double> points(count * static_cast<std::size_t>(n));
    std::generate(points.begin(), points.end(), [&] { return random.uniform(); });
    return points;
}

std::vector<double> lattice_corners(int n, std::int64_t N, std::size_t count,
                                    RandomStream& random) {
    const auto side = static_cast<std::uint64_t>(N) + 1;
    const auto all = power_below_limit(side, n);
    const bool enumerate = all && *all <= count;
    const auto dimension = static_cast<std::size_t>(n);
    std::vector<double> points((enumerate ? *all : count) * dimension);
    for (std::size_t i = 0; i < points.size() / dimension; ++i) {
        std::uint64_t rest = i;
        for (std::size_t axis = dimension; axis-- > 0; rest /= side) {
            const std::uint64_t j = enumerate ? rest % side : random.below(side);
            points[i * dimension + axis] = static_cast<double>(j) / static_cast<double>(N);
        }
    }
    return points;
}

} // namespace moe
