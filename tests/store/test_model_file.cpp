#include "store/model_file.hpp"

#include "store/sample_models.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

using moe::Activation;
using moe::Architecture;
using moe::Dtype;
using moe::InputError;
using moe::ModelPlan;
using moe::ModelView;
using moe::ModelWriter;
using moe::SafetensorsView;
using moe::test::refuses;
using moe::test::ScratchFolder;

namespace {

/// What write_model wrote is what copy_expert gives, and the architecture comes back.
template<class T>
void round_trip(const ModelPlan& plan) {
    const ScratchFolder folder;
    const auto weights = moe::test::write_model<T>(folder.file("model"), plan);
    const std::vector<std::byte> bytes = moe::test::read_bytes(folder.file("model"));
    const ModelView model("model", bytes, moe::dtype_of<T>());
    BOOST_TEST(model.experts() == plan.experts);
    BOOST_TEST(model.stored_experts() == weights.size());
    BOOST_TEST(model.materialised() == !plan.stored_ids.has_value());
    BOOST_TEST(model.description() == plan.description);
    BOOST_TEST(model.file_bytes() == bytes.size());

    const Architecture& read = model.architecture();
    BOOST_TEST((read.activation() == plan.architecture.activation()));
    BOOST_TEST(read.is_sparse() == plan.architecture.is_sparse());
    BOOST_TEST(read.inputs() == plan.architecture.inputs());
    BOOST_REQUIRE(read.depth() == plan.architecture.depth());
    for (std::size_t j = 0; j < read.depth(); ++j) {
        const moe::Layer& layer = read.layer(j);
        const moe::Layer& written = plan.architecture.layer(j);
        BOOST_TEST(layer.outputs == written.outputs);
        BOOST_TEST(layer.pattern.row == written.pattern.row);
        BOOST_TEST(layer.pattern.col == written.pattern.col);
        BOOST_TEST(layer.pattern.bias_row == written.pattern.bias_row);
    }
    std::vector<T> parameters(read.parameters());
    for (std::size_t s = 0; s < weights.size(); ++s) {
        BOOST_TEST(model.copy_expert(s, std::span<T>(parameters)) == read.parameters());
        BOOST_TEST(parameters == weights[s]);
    }
}

std::vector<double> tensor(const SafetensorsView& view, std::string_view name,
                           const std::vector<std::uint64_t>& shape) {
    const auto values = view.values<double>(view.require(name, Dtype::f64, shape));
    return {values.begin(), values.end()};
}

std::vector<double> piece(const std::vector<std::vector<double>>& experts, std::size_t first,
                          std::size_t count) {
    std::vector<double> all;
    for (const std::vector<double>& expert : experts) {
        const auto start = expert.begin() + static_cast<std::ptrdiff_t>(first);
        all.insert(all.end(), start, start + static_cast<std::ptrdiff_t>(count));
    }
    return all;
}

/// The model of `plan` in a file whose bytes `change` has altered is refused.
template<class Change>
void refused_after(const ModelPlan& plan, const Change& change,
                   std::initializer_list<std::string_view> parts) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("model"), plan);
    std::vector<std::byte> bytes = moe::test::read_bytes(folder.file("model"));
    change(bytes);
    refuses<InputError>([&] { ModelView("the.file", bytes, Dtype::f64); }, {"the.file"});
    refuses<InputError>([&] { ModelView("the.file", bytes, Dtype::f64); }, parts);
}

/// Replaces a text of the header by another of the same length.
auto replacing(std::string_view text, std::string_view other) {
    return [=](std::vector<std::byte>& bytes) {
        BOOST_REQUIRE(text.size() == other.size());
        const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        const std::size_t place = all.find(text);
        BOOST_REQUIRE_NE(place, std::string_view::npos);
        std::memcpy(bytes.data() + place, other.data(), other.size());
    };
}

/// Overwrites element `index` of a tensor.
template<class T>
auto setting(std::string_view name, std::size_t index, T value) {
    return [=](std::vector<std::byte>& bytes) {
        const std::uint64_t begin = SafetensorsView("f", bytes).find(name)->begin;
        std::memcpy(bytes.data() + begin + index * sizeof value, &value, sizeof value);
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(model_file)

BOOST_AUTO_TEST_CASE(every_kind_of_model_comes_back_as_it_was_written) {
    for (const Activation activation : {Activation::relu, Activation::prelu}) {
        ModelPlan dense{moe::test::dense_net(activation), 5};
        dense.description = R"(free text, "quoted")";
        round_trip<double>(dense);
        round_trip<float>(dense);
        round_trip<double>({moe::test::sparse_net(activation), 4});
        round_trip<float>({moe::test::sparse_net(activation), 4});
        round_trip<double>(moe::test::tree_plan(moe::test::sparse_net(activation)));
    }
    round_trip<double>(moe::test::tree_plan());
    round_trip<double>(moe::test::lazy_plan());
    round_trip<float>(moe::test::lazy_plan());
    round_trip<double>({moe::test::constant_net(3), 1000});
}

BOOST_AUTO_TEST_CASE(dense_tensors_are_stacked_as_the_layout_says) {
    // 2-3-1 with PReLU, flat: 6 weights, 3 biases, 3 slopes, 3 weights, 1 bias.
    const ScratchFolder folder;
    const auto experts = moe::test::write_model<double>(
        folder.file("model"), {moe::test::dense_net(Activation::prelu), 4});
    const std::vector<std::byte> bytes = moe::test::read_bytes(folder.file("model"));
    const SafetensorsView view("model", bytes);
    BOOST_TEST(tensor(view, "experts.layers.0.weight", {4, 3, 2}) == piece(experts, 0, 6));
    BOOST_TEST(tensor(view, "experts.layers.0.bias", {4, 3}) == piece(experts, 6, 3));
    BOOST_TEST(tensor(view, "experts.layers.0.slope", {4, 3}) == piece(experts, 9, 3));
    BOOST_TEST(tensor(view, "experts.layers.1.weight", {4, 1, 3}) == piece(experts, 12, 3));
    BOOST_TEST(tensor(view, "experts.layers.1.bias", {4, 1}) == piece(experts, 15, 1));
    BOOST_TEST(view.tensors().size() == 5U);
    BOOST_TEST(view.metadata().at("widths") == "2,3,1");
    BOOST_TEST(view.metadata().at("activation") == "prelu");
    BOOST_TEST(view.metadata().at("kind") == "dense");
    BOOST_TEST(view.metadata().at("n") == "2");
}

BOOST_AUTO_TEST_CASE(sparse_tensors_share_one_pattern_and_may_be_empty) {
    // Flat: 4 values, 1 bias, then 2 values and no bias.
    const ScratchFolder folder;
    const auto experts =
        moe::test::write_model<double>(folder.file("model"), {moe::test::sparse_net(), 3});
    const std::vector<std::byte> bytes = moe::test::read_bytes(folder.file("model"));
    const SafetensorsView view("model", bytes);
    BOOST_TEST(tensor(view, "experts.layers.0.values", {3, 4}) == piece(experts, 0, 4));
    BOOST_TEST(tensor(view, "experts.layers.0.bias_values", {3, 1}) == piece(experts, 4, 1));
    BOOST_TEST(tensor(view, "experts.layers.1.values", {3, 2}) == piece(experts, 5, 2));
    BOOST_TEST(tensor(view, "experts.layers.1.bias_values", {3, 0}).empty());
    const auto row =
        view.values<std::uint32_t>(view.require_vector("pattern.layers.0.row", Dtype::u32));
    BOOST_TEST(std::vector(row.begin(), row.end()) == (std::vector<std::uint32_t>{0, 1, 2, 2}));
    BOOST_TEST(view.find("pattern.layers.1.bias_row")->elements == 0U);
}

BOOST_AUTO_TEST_CASE(a_stored_tree_routes_like_the_grid_that_it_came_from) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("model"), moe::test::tree_plan());
    const std::vector<std::byte> bytes = moe::test::read_bytes(folder.file("model"));
    const ModelView model("model", bytes, Dtype::f64);
    BOOST_REQUIRE(model.router().has_value());
    BOOST_TEST(model.has_tree());
    moe::RandomStream random(3, 0, 0);
    for (int i = 0; i < 200; ++i) {
        const std::array x{random.uniform(), random.uniform()};
        // Cells of the 3 x 2 grid, axis 0 most significant.
        const auto cell =
            static_cast<std::uint64_t>(std::floor(x[0] * 3) * 2 + std::floor(x[1] * 2));
        BOOST_TEST(model.router()->route(x).leaf == cell);
    }
}

BOOST_AUTO_TEST_CASE(a_lazy_model_knows_the_slots_of_its_experts) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("model"), moe::test::lazy_plan());
    const std::vector<std::byte> bytes = moe::test::read_bytes(folder.file("model"));
    const ModelView model("model", bytes, Dtype::f64);
    BOOST_TEST(model.slot(0).value() == 0U);
    BOOST_TEST(model.slot(4096).value() == 2U);
    BOOST_TEST(model.slot((1U << 20U) - 1).value() == 3U);
    BOOST_TEST(!model.slot(1).has_value());
    BOOST_TEST(!model.slot(1U << 20U).has_value());
    BOOST_TEST(!model.has_tree());
    // Leaf 17 = cell (0, 17) of 1024 x 1024.
    const std::array x{0.5 / 1024, 17.5 / 1024};
    const moe::Route route = model.router()->route(x);
    BOOST_TEST(route.leaf == 17U);
    BOOST_TEST(model.router()->expert(route.leaf) == 1U);
    // 2 coordinates of 2 children on each of the log2(1024) * 2 levels.
    BOOST_TEST(route.reals_read == 2 * 2 * 20);
    BOOST_CHECK_THROW((void)model.router()->expert(18), InputError);
}

BOOST_AUTO_TEST_CASE(weights_that_are_not_finite_are_refused_with_tensor_and_offset) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("model"), {moe::test::dense_net(), 4});
    const std::vector<std::byte> bytes = moe::test::read_bytes(folder.file("model"));
    for (const double bad :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
          -std::numeric_limits<double>::infinity()}) {
        std::vector<std::byte> altered = bytes;
        // Bias 1 of 3 of the expert in slot 2.
        setting("experts.layers.0.bias", 2 * 3 + 1, bad)(altered);
        const std::uint64_t begin =
            SafetensorsView("f", bytes).find("experts.layers.0.bias")->begin;
        const ModelView model("the.file", altered, Dtype::f64);
        std::vector<double> parameters(13);
        BOOST_TEST(model.copy_expert(1, std::span(parameters)) == 13U);
        refuses<InputError>([&] { model.copy_expert(2, std::span(parameters)); },
                            {"the.file", "'experts.layers.0.bias'",
                             "offset " + std::to_string(begin + 8 * (2 * 3 + 1)), "slot 2"});
    }
    std::vector<std::byte> altered = bytes;
    setting("experts.layers.0.bias", 0, std::numeric_limits<double>::max())(altered);
    setting("experts.layers.0.bias", 1, -5e-324)(altered);
    std::vector<double> parameters(13);
    BOOST_TEST(ModelView("f", altered, Dtype::f64).copy_expert(0, std::span(parameters)) == 13U);
    std::vector<float> singles(13);
    BOOST_CHECK_THROW(ModelView("f", bytes, Dtype::f64).copy_expert(0, std::span(singles)),
                      std::invalid_argument);
    BOOST_CHECK_THROW(ModelView("f", bytes, Dtype::f64).copy_expert(4, std::span(parameters)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(tensors_of_the_wrong_type_or_shape_are_refused_by_name) {
    const ScratchFolder folder;
    moe::test::write_model<double>(folder.file("model"), {moe::test::dense_net(), 4});
    const std::vector<std::byte> bytes = moe::test::read_bytes(folder.file("model"));
    refuses<InputError>([&] { ModelView("f", bytes, Dtype::f32); },
                        {"'experts.layers.0.weight'", "offset", "F64 [4, 3, 2]", "F32"});
    const ModelPlan dense{moe::test::dense_net(), 4};
    refused_after(dense, replacing("[4,3,2]", "[4,2,3]"),
                  {"'experts.layers.0.weight'", "[4, 2, 3]", "[4, 3, 2]"});
    refused_after(dense, replacing("layers.1.bias", "layers.2.bias"),
                  {"'experts.layers.1.bias'", "missing"});
    const ModelPlan sparse{moe::test::sparse_net(), 4};
    refused_after(sparse, replacing("[4,4]", "[2,8]"), {"'experts.layers.0.values'", "[4, 4]"});
    refused_after(sparse, replacing("layers.0.col", "layers.0.cow"), {"pattern.layers.0.col'"});
    refused_after(moe::test::tree_plan(), replacing("router.nodes", "router.knots"),
                  {"'router.nodes'", "missing", "F64 [11, 2]"});
    refused_after(moe::test::tree_plan(), replacing(R"("tree")", R"("none")"),
                  {"'router.nodes'", "no part"});
}

BOOST_AUTO_TEST_CASE(metadata_that_contradict_themselves_or_the_tensors_are_refused) {
    const ModelPlan dense{moe::test::dense_net(), 4};
    const auto refused = [&](std::string_view text, std::string_view other,
                             std::initializer_list<std::string_view> parts) {
        refused_after(dense, replacing(text, other), parts);
    };
    refused(R"("format_version":"1")", R"("format_version":"2")", {"'format_version'", "'2'"});
    refused(R"("format_version")", R"("format_versiom")", {"'format_version'", "missing"});
    refused(R"("dense")", R"("thick")", {"'kind'", "'thick'", "dense and sparse"});
    refused(R"("relu")", R"("gelu")", {"'activation'", "'gelu'"});
    refused(R"("relu")", R"("relU")", {"'activation'"});
    refused(R"("none")", R"("star")", {"'router'", "'star'"});
    refused(R"("none")", R"("grid")", {"'cells_per_axis'", "missing"});
    refused(R"("2,3,1")", R"("2,4,1")", {"'experts.layers.0.weight'"});
    refused(R"("2,3,1")", R"("2,0,1")", {"'widths'"});
    refused(R"("2,3,1")", R"("2,3,-")", {"'widths'", "'2,3,-'"});
    refused(R"("2,3,1")", R"("2,3,,")", {"'widths'"});
    refused(R"("n":"2")", R"("n":"3")", {"'n'", "'3'"});
    refused(R"("experts":"4")", R"("experts":"5")", {"'experts.layers.0.weight'", "[5, 3, 2]"});
    refused(R"("experts":"4")", R"("experts":"0")", {"'experts'", "at least 1"});
    refused(R"("experts":"4")", R"("experts":"x")", {"'experts'", "'x'"});
}

BOOST_AUTO_TEST_CASE(widths_that_would_outgrow_the_file_are_refused_before_anything_is_built) {
    // A sparse layer of 2^32 - 1 units without entries would need 32 GiB of index.
    const auto header = [](const std::string& widths) {
        return R"({"__metadata__":{"format_version":"1","kind":"sparse","activation":"relu",)"
               R"("n":"1","experts":"1","router":"none","description":"","widths":")" +
               widths + R"("},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)" +
               R"("b":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})";
    };
    const auto refused = [](const std::string& text, std::string_view part) {
        const std::vector<std::byte> bytes = moe::test::file_with(text, 0);
        refuses<InputError>([&] { ModelView("f", bytes, Dtype::f64); }, {"'widths'", part});
    };
    refused(header("1,4294967295"), "4294967296 units");
    refused(header("1,1,1"), "2 tensors");
}

BOOST_AUTO_TEST_CASE(broken_patterns_trees_and_ids_are_refused) {
    const ModelPlan sparse{moe::test::sparse_net(), 4};
    refused_after(sparse, setting<std::uint32_t>("pattern.layers.0.row", 3, 3), {"pattern"});
    refused_after(sparse, setting<std::uint32_t>("pattern.layers.0.row", 0, 2), {"pattern"});
    refused_after(sparse, setting<std::uint32_t>("pattern.layers.1.col", 1, 3), {"pattern"});
    refused_after(sparse, setting<std::uint32_t>("pattern.layers.0.bias_row", 0, 9), {"pattern"});
    const ModelPlan tree = moe::test::tree_plan();
    refused_after(tree, setting<std::uint32_t>("router.first_child", 0, 0), {"router", "offset"});
    refused_after(tree, setting<std::uint32_t>("router.child_count", 0, 99), {"router"});
    refused_after(tree, setting<std::uint32_t>("router.expert", 10, 6), {"router"});
    refused_after(tree, setting("router.nodes", 2, std::nan("")), {"router"});
    const ModelPlan lazy = moe::test::lazy_plan();
    refused_after(lazy, setting<std::uint64_t>("experts.id", 1, 0),
                  {"'experts.id'", "has 0 at", "offset"});
    refused_after(lazy, setting<std::uint64_t>("experts.id", 3, 1U << 20U),
                  {"'experts.id'", "1048576"});
    refused_after(lazy, replacing(R"("1024,1024")", R"("1024,1023")"), {"'cells_per_axis'"});
    refused_after(lazy, replacing(R"("1024,1024")", R"("1048576,0")"), {"'cells_per_axis'"});
    refused_after(lazy, replacing(R"("1024,1024")", R"("100000000")"), {"'cells_per_axis'"});
    refused_after(lazy, replacing(R"("grid")", R"("none")"), {"'experts.id'", "router"});
}

BOOST_AUTO_TEST_CASE(a_file_cut_anywhere_is_refused) {
    for (const ModelPlan& plan :
         {ModelPlan{moe::test::sparse_net(), 2}, moe::test::tree_plan(), moe::test::lazy_plan()}) {
        const ScratchFolder folder;
        moe::test::write_model<double>(folder.file("model"), plan);
        const std::vector<std::byte> bytes = moe::test::read_bytes(folder.file("model"));
        std::size_t accepted = 0;
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            // A copy of exactly that size, so that a sanitizer sees any read beyond it.
            const std::vector<std::byte> cut(bytes.begin(),
                                             bytes.begin() + static_cast<std::ptrdiff_t>(size));
            try {
                (void)ModelView("f", cut, Dtype::f64);
                ++accepted;
            } catch (const InputError&) {
            }
        }
        BOOST_TEST(accepted == 0U);
    }
}

BOOST_AUTO_TEST_CASE(plans_that_contradict_themselves_are_not_written) {
    const ScratchFolder folder;
    const auto refused = [&](const ModelPlan& plan, std::string_view part) {
        refuses<std::invalid_argument>([&] { ModelWriter<double>(folder.file("model"), plan); },
                                       {part});
    };
    refused({moe::test::dense_net(), 0}, "no expert");
    const moe::SparsePattern nothing;
    refused({Architecture::sparse(2, std::array{1U}, {nothing}), 1}, "no parameters");
    ModelPlan plan = moe::test::tree_plan();
    plan.cells_per_axis = {3, 2};
    refused(plan, "two routers");
    plan = moe::test::tree_plan(Architecture::dense(std::array{3U, 1U}));
    refused(plan, "dimension 2");
    plan = moe::test::tree_plan();
    plan.experts = 5;
    BOOST_CHECK_THROW(ModelWriter<double>(folder.file("model"), plan), InputError);
    plan = moe::test::lazy_plan();
    plan.cells_per_axis = {1024, 1023};
    refused(plan, "1024,1023");
    plan = moe::test::lazy_plan();
    plan.cells_per_axis.clear();
    refused(plan, "grid router");
    plan = moe::test::lazy_plan();
    plan.stored_ids = {{5, 5}};
    refused(plan, "expert 5");
    plan.stored_ids = {{1U << 20U}};
    refused(plan, "expert 1048576");
    plan.stored_ids.emplace();
    refused(plan, "no expert");
    BOOST_TEST(folder.entries() == 0U);
}

BOOST_AUTO_TEST_CASE(experts_are_written_in_order_completely_and_finite) {
    const ScratchFolder folder;
    ModelWriter<double> writer(folder.file("model"), {moe::test::dense_net(), 2});
    std::vector<double> expert(13, 1.0);
    const std::span<const double> parameters(expert);
    refuses<std::invalid_argument>([&] { writer.write_expert(1, parameters); },
                                   {"slot 1", "next is 0"});
    refuses<std::invalid_argument>([&] { writer.write_expert(0, parameters.first(12)); },
                                   {"12 parameters", "13"});
    expert[7] = std::nan("");
    refuses<std::invalid_argument>([&] { writer.write_expert(0, parameters); },
                                   {"slot 0", "parameter 7"});
    expert[7] = 1.0;
    writer.write_expert(0, parameters);
    refuses<std::logic_error>([&] { writer.finish(); }, {"1 of 2"});
    writer.write_expert(1, parameters);
    refuses<std::invalid_argument>([&] { writer.write_expert(2, parameters); }, {"slot 2"});
    writer.finish();
    BOOST_TEST(std::filesystem::file_size(folder.file("model")) == writer.file_bytes());
}

BOOST_AUTO_TEST_SUITE_END()
