#include "store/safetensors_writer.hpp"

#include "store/sample_models.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <csignal>
#include <numeric>
#include <sys/resource.h>

using moe::Dtype;
using moe::SafetensorsView;
using moe::SafetensorsWriter;
using moe::TensorDeclaration;
using moe::test::read_bytes;
using moe::test::refuses;
using moe::test::ScratchFolder;

namespace {

template<class T>
void append(SafetensorsWriter& writer, std::size_t tensor, const std::vector<T>& values) {
    writer.append(tensor, std::span<const T>(values));
}

template<class T>
std::vector<T> read_values(const SafetensorsView& view, std::string_view name) {
    const std::span<const T> values = view.values<T>(*view.find(name));
    return {values.begin(), values.end()};
}

/// No file of this process may grow beyond `bytes` while this lives: a full disk, as seen by
/// write().
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes)
        : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  private:
    rlimit before_{};
    void (*handler_)(int);
};

} // namespace

BOOST_AUTO_TEST_SUITE(safetensors_writer)

BOOST_AUTO_TEST_CASE(what_is_written_in_any_interleaving_is_read_back) {
    const ScratchFolder folder;
    const std::filesystem::path path = folder.file("all.safetensors");
    const std::vector<std::uint8_t> bytes{1, 2, 3};
    const std::vector<double> reals{0.1, -0.0, 5e-324};
    const std::vector<float> singles{0.1F, 3.0F};
    const std::vector<std::uint32_t> words{0, 0xffffffffU};
    const std::vector<std::int64_t> whole{-5};
    const std::vector<std::uint64_t> natural{0xffffffffffffffffU};
    SafetensorsWriter writer(path,
                             {{"bytes", Dtype::u8, {3}},
                              {"reals", Dtype::f64, {3, 1}},
                              {"singles", Dtype::f32, {2}},
                              {"empty", Dtype::f32, {7, 0}},
                              {"words", Dtype::u32, {2}},
                              {"whole", Dtype::i64, {}},
                              {"natural", Dtype::u64, {1}}},
                             {{"note", "\"quotes\", \n and \xc3\xa9"}});
    append(writer, 4, words);
    append(writer, 1, std::vector{reals[0]});
    append(writer, 0, bytes);
    append(writer, 1, std::vector{reals[1], reals[2]});
    append(writer, 2, singles);
    append(writer, 6, natural);
    append(writer, 5, whole);
    writer.finish();

    const std::vector<std::byte> file = read_bytes(path);
    const SafetensorsView view("all", file);
    BOOST_TEST(file.size() == writer.file_bytes());
    BOOST_TEST(view.metadata().at("note") == "\"quotes\", \n and \xc3\xa9");
    BOOST_TEST(read_values<std::uint8_t>(view, "bytes") == bytes);
    BOOST_TEST(read_values<double>(view, "reals") == reals);
    BOOST_TEST(std::signbit(read_values<double>(view, "reals")[1]));
    BOOST_TEST(read_values<float>(view, "singles") == singles);
    BOOST_TEST(read_values<std::uint32_t>(view, "words") == words);
    BOOST_TEST(read_values<std::int64_t>(view, "whole") == whole);
    BOOST_TEST(read_values<std::uint64_t>(view, "natural") == natural);
    BOOST_TEST(view.find("empty")->elements == 0U);
    BOOST_TEST(folder.entries() == 1U);
    // The format asks for data that start at a multiple of 8.
    BOOST_TEST(view.tensors().front().begin % 8 == 0U);
}

BOOST_AUTO_TEST_CASE(pieces_smaller_and_larger_than_the_buffers_arrive_in_order) {
    const ScratchFolder folder;
    const std::filesystem::path path = folder.file("large.safetensors");
    const std::size_t size = 300'000;
    std::vector<std::uint64_t> numbers(size);
    std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
    SafetensorsWriter writer(path, {{"a", Dtype::u64, {size}}, {"b", Dtype::u64, {size}}}, {});
    std::array<std::size_t, 2> done{0, 0};
    // Pieces of 1, 3, 9, ... numbers, from 8 bytes to over 1 MiB.
    for (std::size_t piece = 1; done[0] < size || done[1] < size; piece = piece * 3 % 531'443) {
        for (std::size_t tensor = 0; tensor < 2; ++tensor) {
            const std::size_t count = std::min(piece, size - done[tensor]);
            writer.append(tensor,
                          std::span<const std::uint64_t>(numbers).subspan(done[tensor], count));
            done[tensor] += count;
        }
    }
    writer.finish(false);
    const std::vector<std::byte> file = read_bytes(path);
    const SafetensorsView view("large", file);
    BOOST_TEST((read_values<std::uint64_t>(view, "a") == numbers));
    BOOST_TEST((read_values<std::uint64_t>(view, "b") == numbers));
}

BOOST_AUTO_TEST_CASE(an_unfinished_file_leaves_nothing_and_the_old_one_stays) {
    const ScratchFolder folder;
    const std::filesystem::path path = folder.file("kept");
    moe::test::write_bytes(path, moe::test::bytes_of("old"));
    {
        SafetensorsWriter writer(path, {{"a", Dtype::u8, {2}}}, {});
        append(writer, 0, std::vector<std::uint8_t>{1});
        BOOST_TEST(folder.entries() == 2U);
        refuses<std::logic_error>([&] { writer.finish(); }, {"'a'", "1 bytes"});
    }
    BOOST_TEST(folder.entries() == 1U);
    BOOST_TEST((read_bytes(path) == moe::test::bytes_of("old")));
    SafetensorsWriter writer(path, {}, {});
    writer.finish();
    BOOST_TEST((read_bytes(path) != moe::test::bytes_of("old")));
    BOOST_TEST(folder.entries() == 1U);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_environment_error_and_the_old_file_stays) {
    const ScratchFolder folder;
    const std::filesystem::path path = folder.file("model");
    moe::test::write_bytes(path, moe::test::bytes_of("old"));
    const std::vector<double> numbers(100'000, 1.0);
    const FileSizeLimit limit(64 * 1024);
    {
        SafetensorsWriter writer(path, {{"a", Dtype::f64, {numbers.size()}}}, {});
        refuses<moe::EnvironmentError>([&] { append(writer, 0, numbers); },
                                       {path.string(), "cannot write", "800"});
    }
    {
        // Small pieces: the buffers run over at finish() at the latest.
        SafetensorsWriter writer(path, {{"a", Dtype::f64, {9'000}}}, {});
        append(writer, 0, std::vector<double>(9'000, 1.0));
        refuses<moe::EnvironmentError>([&] { writer.finish(); }, {path.string()});
    }
    BOOST_TEST(folder.entries() == 1U);
    BOOST_TEST((read_bytes(path) == moe::test::bytes_of("old")));
}

BOOST_AUTO_TEST_CASE(a_folder_that_does_not_exist_is_an_environment_error) {
    const ScratchFolder folder;
    const std::filesystem::path path = folder.file("missing") / "model";
    refuses<moe::EnvironmentError>([&] { SafetensorsWriter(path, {}, {}); }, {path.string()});
}

BOOST_AUTO_TEST_CASE(declarations_and_pieces_that_contradict_themselves_are_refused) {
    const ScratchFolder folder;
    const std::filesystem::path path = folder.file("model");
    const auto refused = [&](std::vector<TensorDeclaration> tensors, std::string_view part) {
        refuses<std::invalid_argument>([&] { SafetensorsWriter(path, tensors, {}); }, {part});
    };
    refused({{"a", Dtype::u8, {1}}, {"a", Dtype::u8, {1}}}, "'a'");
    refused({{"__metadata__", Dtype::u8, {1}}}, "'__metadata__'");
    refused({{"a\xff", Dtype::u8, {1}}}, "UTF-8");
    refused({{"a", Dtype::u8, std::vector<std::uint64_t>(9, 1)}}, "9 axes");
    refused({{"a", Dtype::f64, {std::uint64_t{1} << 40U, std::uint64_t{1} << 40U}}}, "2^62");
    refused({{"a", Dtype::u8, {std::uint64_t{1} << 62U}}, {"b", Dtype::u8, {1}}}, "2^62");
    refuses<std::invalid_argument>(
        [&] {
            SafetensorsWriter(path, {}, {{"k", "\xff"}});
        },
        {"UTF-8"});
    SafetensorsWriter writer(path, {{"a", Dtype::f64, {2}}}, {});
    refuses<std::invalid_argument>([&] { append(writer, 0, std::vector<float>{1}); },
                                   {"'a'", "F64", "F32"});
    refuses<std::invalid_argument>(
        [&] {
            append(writer, 0, std::vector<double>{1, 2, 3});
        },
        {"'a'", "[2]"});
    BOOST_CHECK_THROW(append(writer, 1, std::vector<double>{1}), std::out_of_range);
}

BOOST_AUTO_TEST_SUITE_END()
