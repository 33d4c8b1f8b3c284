#include "datasets/idx.hpp"

#include "basics/error.hpp"

#include <boost/iostreams/device/file.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <ios>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace moe {

namespace {

namespace io = boost::iostreams;

constexpr std::uint32_t image_magic = 0x00000803;
constexpr std::uint32_t label_magic = 0x00000801;
constexpr std::uint8_t largest_label = 9;

std::string hexadecimal(std::uint64_t value, int digits) {
    std::string text = "0x";
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        text += "0123456789abcdef"[value >> static_cast<unsigned>(shift) & 15U];
    return text;
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& found,
                         const std::string& expected) {
    throw InputError("'" + file.string() + "': found " + found + ", expected " + expected);
}

/// A .gz file whose failures are those of the user's input.
class GzipFile {
  public:
    explicit GzipFile(std::filesystem::path file)
        : file_(std::move(file)) {
        constexpr std::string_view gzip_mark = "\x1f\x8b";
        std::array<char, 2> start{};
        std::error_code ignored;
        if (!std::filesystem::exists(file_, ignored)) refuse(file_, "no file", "an IDX .gz file");
        std::ifstream plain(file_, std::ios::binary);
        if (!std::filesystem::is_regular_file(file_, ignored) || !plain)
            refuse(file_, "no readable file", "an IDX .gz file");
        plain.read(start.data(), static_cast<std::streamsize>(start.size()));
        if (plain.gcount() < 2) refuse(file_, "a file of less than 2 bytes", "a gzip stream");
        if (std::string_view(start.data(), start.size()) != gzip_mark) {
            const auto byte = [&](std::size_t i) {
                return static_cast<unsigned char>(start.at(i));
            };
            refuse(file_, "first bytes " + hexadecimal(256ULL * byte(0) + byte(1), 4),
                   "a gzip stream (0x1f8b)");
        }
        stream_.push(io::gzip_decompressor());
        stream_.push(io::file_source(file_.string(), std::ios::binary));
    }

    /// Up to `size` decompressed bytes; fewer only at the end of the stream, whose checksum and
    /// length then have been found right.
    std::size_t read(std::uint8_t* bytes, std::size_t size) {
        try {
            return static_cast<std::size_t>(
                stream_.sgetn(reinterpret_cast<char*>(bytes), static_cast<std::streamsize>(size)));
        } catch (const io::gzip_error& error) {
            refuse(file_, describe(error), "a whole gzip stream");
        } catch (const std::ios_base::failure& error) {
            refuse(file_, std::string("an unreadable gzip stream (") + error.what() + ")",
                   "a whole gzip stream");
        }
    }

    /// A big-endian number of the header.
    std::uint32_t header_number(const char* what) {
        std::array<std::uint8_t, 4> bytes{};
        if (read(bytes.data(), bytes.size()) < bytes.size())
            refuse(file_, "an end of data inside the header", what);
        std::uint32_t value = 0;
        for (const std::uint8_t byte : bytes)
            value = value << 8U | byte;
        return value;
    }

    void require_magic(std::uint32_t magic) {
        const std::uint32_t found = header_number("a magic number");
        if (found != magic)
            refuse(file_, "magic " + hexadecimal(found, 8), "magic " + hexadecimal(magic, 8));
    }

    /// The rest of the stream, which must have `size` bytes: the first `keep` of them.
    std::vector<std::uint8_t> payload(std::uint64_t size, std::uint64_t keep) {
        // In pieces: what a damaged header promises must not be allocated before it is there.
        constexpr std::size_t piece = 1U << 20U;
        std::vector<std::uint8_t> kept;
        std::vector<std::uint8_t> buffer(piece);
        std::uint64_t total = 0;
        for (std::size_t count = piece; count == piece && total <= size;) {
            count = read(buffer.data(), piece);
            const std::uint64_t wanted = std::min<std::uint64_t>(keep - kept.size(), count);
            kept.insert(kept.end(), buffer.begin(),
                        buffer.begin() + static_cast<std::ptrdiff_t>(wanted));
            total += count;
        }
        if (total != size) {
            refuse(file_,
                   (total > size ? "a longer payload (at least " : "a payload of ") +
                       std::to_string(total) + (total > size ? " bytes)" : " bytes"),
                   std::to_string(size) + " bytes by its header");
        }
        return kept;
    }

  private:
    static std::string describe(const io::gzip_error& error) {
        // zlib lacks bytes where the compressed data are cut.
        const bool cut = error.zlib_error_code() == io::zlib::buf_error;
        switch (error.error()) {
        case io::gzip::bad_crc:
            return "a gzip stream with a wrong checksum";
        case io::gzip::bad_length:
            return "a gzip stream with a wrong length";
        case io::gzip::bad_header:
            return "a damaged gzip header";
        case io::gzip::bad_footer:
            return "a truncated gzip stream";
        default:
            return cut ? "a truncated gzip stream" : "a damaged gzip stream";
        }
    }

    std::filesystem::path file_;
    io::filtering_streambuf<io::input> stream_;
};

void require_count(const std::filesystem::path& file, std::size_t in_file, std::size_t count,
                   const char* what) {
    if (in_file < count) {
        refuse(file, std::to_string(in_file) + " " + what,
               "at least the " + std::to_string(count) + " asked for");
    }
}

} // namespace

ImageSet read_idx_images(const std::filesystem::path& file, std::size_t count) {
    GzipFile stream(file);
    stream.require_magic(image_magic);
    ImageSet images{};
    images.in_file = stream.header_number("the number of images");
    images.rows = stream.header_number("the number of rows");
    images.columns = stream.header_number("the number of columns");
    const std::uint64_t pixels = std::uint64_t{images.rows} * images.columns;
    if (pixels == 0 || images.in_file > std::numeric_limits<std::uint64_t>::max() / pixels) {
        refuse(file,
               std::to_string(images.in_file) + " images of " + std::to_string(images.rows) +
                   " x " + std::to_string(images.columns) + " pixels",
               "sizes of at least 1 that can be held");
    }
    images.count = std::min(count, images.in_file);
    images.pixels = stream.payload(images.in_file * pixels, images.count * pixels);
    require_count(file, images.in_file, count, "images");
    return images;
}

std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& file, std::size_t count,
                                          std::size_t images_in_file) {
    GzipFile stream(file);
    stream.require_magic(label_magic);
    const std::size_t in_file = stream.header_number("the number of labels");
    if (in_file != images_in_file) {
        refuse(file, std::to_string(in_file) + " labels",
               "the " + std::to_string(images_in_file) + " of its image file");
    }
    std::vector<std::uint8_t> labels = stream.payload(in_file, in_file);
    const auto wrong = std::find_if(labels.begin(), labels.end(),
                                    [](std::uint8_t label) { return label > largest_label; });
    if (wrong != labels.end()) {
        refuse(file,
               "label " + std::to_string(*wrong) + " at position " +
                   std::to_string(wrong - labels.begin()),
               "labels 0..9");
    }
    require_count(file, in_file, count, "labels");
    labels.resize(count);
    return labels;
}

} // namespace moe
