// IDX files of every broken kind, written here byte by byte.

#include "support/temporary_folder.hpp"

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "datasets/idx.hpp"

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/device/back_inserter.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;
namespace io = boost::iostreams;

std::string compressed(const std::string& bytes) {
    std::string out;
    io::filtering_streambuf<io::input> in;
    in.push(io::gzip_compressor());
    in.push(io::array_source(bytes.data(), bytes.size()));
    io::copy(in, io::back_inserter(out));
    return out;
}

std::string big_endian(std::uint32_t value) {
    std::string text;
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        text += static_cast<char>(value >> shift & 255U);
    return text;
}

/// Pixels 0, 1, 2, ... modulo 251.
std::string pixels(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += static_cast<char>(i % 251);
    return text;
}

std::string images(std::uint32_t count, std::uint32_t rows, std::uint32_t columns,
                   const std::string& payload) {
    return big_endian(0x803) + big_endian(count) + big_endian(rows) + big_endian(columns) + payload;
}

std::string labels(std::uint32_t count, const std::string& payload) {
    return big_endian(0x801) + big_endian(count) + payload;
}

struct Files {
    fs::path write(const std::string& bytes) {
        const fs::path file = folder.path() / "file.gz";
        moe::write_file(file, bytes);
        return file;
    }

    /// Fails unless reading is refused in one line that names the file and holds both texts.
    template<class Read>
    void refused(const Read& read, const fs::path& file, const std::string& found,
                 const std::string& expected) {
        BOOST_CHECK_EXCEPTION(static_cast<void>(read(file)), moe::InputError,
                              [&](const moe::InputError& error) {
                                  const std::string text = error.what();
                                  BOOST_TEST_MESSAGE(text);
                                  return text.find(file.string()) != std::string::npos &&
                                         text.find("found " + found) != std::string::npos &&
                                         text.find("expected " + expected) != std::string::npos &&
                                         std::ranges::count(text, '\n') == 0;
                              });
    }
    void images_refused(const std::string& bytes, const std::string& found,
                        const std::string& expected, std::size_t count = 2) {
        refused([=](const fs::path& file) { return moe::read_idx_images(file, count); },
                write(bytes), found, expected);
    }
    void labels_refused(const std::string& bytes, const std::string& found,
                        const std::string& expected, std::size_t count = 2) {
        refused([=](const fs::path& file) { return moe::read_idx_labels(file, count, 3); },
                write(bytes), found, expected);
    }

    moe_test::TemporaryFolder folder;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(idx, Files)

BOOST_AUTO_TEST_CASE(the_first_images_and_labels_of_a_sound_file_are_read) {
    const std::string payload = pixels(3 * 4 * 5);
    const moe::ImageSet set = moe::read_idx_images(write(compressed(images(3, 4, 5, payload))), 2);
    BOOST_TEST(set.count == 2U);
    BOOST_TEST(set.in_file == 3U);
    BOOST_TEST(set.rows == 4U);
    BOOST_TEST(set.columns == 5U);
    BOOST_TEST(std::string(set.pixels.begin(), set.pixels.end()) == payload.substr(0, 40));
    const std::vector<std::uint8_t> read =
        moe::read_idx_labels(write(compressed(labels(3, std::string{'\7', '\0', '\11'}))), 2, 3);
    BOOST_TEST(read == (std::vector<std::uint8_t>{7, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_larger_than_a_piece_are_read_whole) {
    const std::string payload = pixels(3000 * 784);
    const moe::ImageSet set =
        moe::read_idx_images(write(compressed(images(3000, 28, 28, payload))), 3000);
    BOOST_TEST((std::string(set.pixels.begin(), set.pixels.end()) == payload));
}

BOOST_AUTO_TEST_CASE(a_gzip_file_of_several_members_is_one_stream) {
    const std::string all = labels(3, std::string{'\1', '\2', '\3'});
    const std::vector<std::uint8_t> read =
        moe::read_idx_labels(write(compressed(all.substr(0, 6)) + compressed(all.substr(6))), 3, 3);
    BOOST_TEST(read == (std::vector<std::uint8_t>{1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_no_gzip_file_is_refused) {
    const auto read = [](const fs::path& file) { return moe::read_idx_images(file, 1); };
    refused(read, folder.path() / "none.gz", "no file", "an IDX .gz file");
    refused(read, folder.path(), "no readable file", "an IDX .gz file");
    images_refused("", "a file of less than 2 bytes", "a gzip stream");
    images_refused(images(2, 1, 1, "ab"), "first bytes 0x0000", "a gzip stream (0x1f8b)");
}

BOOST_AUTO_TEST_CASE(a_gzip_stream_cut_anywhere_or_damaged_is_refused) {
    const std::string whole = compressed(images(2, 20, 20, pixels(800)));
    for (std::size_t size = 2; size < whole.size(); ++size) {
        BOOST_TEST_CONTEXT(size << " of " << whole.size() << " bytes") {
            images_refused(whole.substr(0, size), "a", "a");
        }
    }
    images_refused(whole.substr(0, whole.size() - 1), "a truncated gzip stream", "a whole");
    images_refused(whole.substr(0, whole.size() / 2), "a truncated gzip stream", "a whole");
    std::string damaged = whole;
    damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);
    images_refused(damaged, "a gzip stream with a wrong checksum", "a whole gzip stream");
    images_refused(whole + "junk", "a damaged gzip header", "a whole gzip stream");
}

BOOST_AUTO_TEST_CASE(another_magic_is_refused) {
    images_refused(compressed(labels(3, "abc")), "magic 0x00000801", "magic 0x00000803");
    labels_refused(compressed(images(3, 1, 1, "abc")), "magic 0x00000803", "magic 0x00000801");
    images_refused(compressed(std::string("\x03\x08\0\0", 4) + pixels(20)), "magic 0x03080000",
                   "magic 0x00000803");
    images_refused(compressed("ab"), "an end of data inside the header", "a magic number");
    images_refused(compressed(big_endian(0x803) + big_endian(2)),
                   "an end of data inside the header", "the number of rows");
}

BOOST_AUTO_TEST_CASE(a_payload_of_another_length_than_the_header_says_is_refused) {
    images_refused(compressed(images(2, 3, 4, pixels(23))), "a payload of 23 bytes", "24 bytes");
    images_refused(compressed(images(2, 3, 4, pixels(25))), "a longer payload", "24 bytes");
    labels_refused(compressed(labels(3, std::string(2, '\0'))), "a payload of 2 bytes", "3 bytes");
    labels_refused(compressed(labels(3, std::string(4, '\0'))), "a longer payload", "3 bytes");
    images_refused(compressed(images(0xffffffff, 0xffffffff, 0xffffffff, "a")), "4294967295 images",
                   "sizes of at least 1 that can be held");
    images_refused(compressed(images(0xffffffff, 28, 28, "a")), "a payload of 1 bytes",
                   "3367254359280 bytes");
    images_refused(compressed(images(2, 0, 28, "")), "2 images of 0 x 28 pixels", "sizes of at");
}

BOOST_AUTO_TEST_CASE(counts_and_labels_that_do_not_fit_are_refused) {
    images_refused(compressed(images(2, 1, 1, "ab")), "2 images", "at least the 3 asked for", 3);
    labels_refused(compressed(labels(3, std::string(3, '\0'))), "3 labels",
                   "at least the 4 asked for", 4);
    labels_refused(compressed(labels(2, std::string(2, '\0'))), "2 labels", "the 3 of its image");
    labels_refused(compressed(labels(3, std::string{'\0', '\12', '\0'})), "label 10 at position 1",
                   "labels 0..9");
}

BOOST_AUTO_TEST_SUITE_END()
