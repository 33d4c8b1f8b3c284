#pragma once
// Small models with random weights, and files made byte by byte, for the tests of the store.

#include "basics/error.hpp"
#include "basics/random.hpp"
#include "store/model_writer.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace moe::test {

/// A folder of its own for a test, removed with everything in it.
class ScratchFolder {
  public:
    ScratchFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "store-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
        path_ = pattern;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    [[nodiscard]] std::filesystem::path file(std::string_view name) const { return path_ / name; }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(path_), {}));
    }

  private:
    std::filesystem::path path_;
};

inline std::vector<std::byte> bytes_of(std::string_view text) {
    const auto raw = std::as_bytes(std::span(text));
    return {raw.begin(), raw.end()};
}

inline std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return bytes_of(std::string(std::istreambuf_iterator<char>(stream), {}));
}

inline void write_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    std::ofstream stream(path, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
}

/// The bytes of a file with this header (not padded) followed by `data_bytes` zero bytes.
inline std::vector<std::byte> file_with(std::string_view header, std::size_t data_bytes) {
    const std::uint64_t length = header.size();
    std::string text(sizeof length, '\0');
    std::memcpy(text.data(), &length, sizeof length);
    text += header;
    text.resize(text.size() + data_bytes, '\0');
    return bytes_of(text);
}

/// Checks that a call throws Error with one line that contains all of `parts`.
template<class Error, class Call>
void refuses(const Call& call, std::initializer_list<std::string_view> parts) {
    BOOST_CHECK_EXCEPTION(call(), Error, [&](const Error& error) {
        const std::string_view message = error.what();
        BOOST_TEST_CONTEXT("message: " << message) {
            BOOST_TEST(message.find('\n') == std::string_view::npos);
            for (const std::string_view part : parts) {
                BOOST_TEST((message.find(part) != std::string_view::npos), "lacks: " << part);
            }
        }
        return true;
    });
}

/// 2-3-1 net in which the hidden layer lists w_00, w_11, w_20, w_21, a bias of unit 1 only, and the
/// last layer lists two weights and no bias: 4 + 1 + 2 = 7 parameters (10 with slopes).
inline Architecture sparse_net(Activation activation = Activation::relu) {
    std::vector<SparsePattern> patterns{{{0, 1, 2, 2}, {0, 1, 0, 1}, {1}}, {{0, 0}, {0, 2}, {}}};
    return Architecture::sparse(2, std::array{3U, 1U}, std::move(patterns), activation);
}

/// One unit with one listed bias and no weight: the constant expert, P = 1.
inline Architecture constant_net(std::uint32_t inputs) {
    return Architecture::sparse(inputs, std::array{1U}, {SparsePattern{{}, {}, {0}}});
}

/// 2-3-1, everything listed: 9 + 4 = 13 parameters (16 with slopes).
inline Architecture dense_net(Activation activation = Activation::relu) {
    return Architecture::dense(std::array{2U, 3U, 1U}, activation);
}

/// Random weights [S][P] for a plan; the same for the same seed.
template<class T>
std::vector<std::vector<T>> random_weights(const ModelPlan& plan, std::uint64_t seed) {
    RandomStream random(seed, cell_key("weights"), 0);
    std::vector<std::vector<T>> experts(plan.stored_ids ? plan.stored_ids->size() : plan.experts);
    for (std::vector<T>& expert : experts) {
        expert.resize(plan.architecture.parameters());
        for (T& weight : expert) {
            weight = static_cast<T>(random.normal());
        }
    }
    return experts;
}

/// Writes the model with random weights and returns these.
template<class T>
std::vector<std::vector<T>> write_model(const std::filesystem::path& path, const ModelPlan& plan,
                                        std::uint64_t seed = 1) {
    std::vector<std::vector<T>> experts = random_weights<T>(plan, seed);
    ModelWriter<T> writer(path, plan);
    for (std::size_t s = 0; s < experts.size(); ++s) {
        writer.write_expert(s, std::span<const T>(experts[s]));
    }
    writer.finish(false);
    return experts;
}

/// Dense experts behind the stored tree over 3 x 2 cells.
inline ModelPlan tree_plan(Architecture architecture = dense_net()) {
    ModelPlan plan{std::move(architecture), 6};
    plan.tree = materialise(GridTree({3, 2}));
    return plan;
}

/// Four of the 2^20 experts of a grid that is never stored.
inline ModelPlan lazy_plan() {
    ModelPlan plan{sparse_net(), std::uint64_t{1} << 20U};
    plan.cells_per_axis = {1024, 1024};
    plan.stored_ids = {{0, 17, 4096, (1U << 20U) - 1}};
    return plan;
}

} // namespace moe::test
