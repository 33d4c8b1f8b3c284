#pragma once
// IDX files (the format of MNIST), gzip-compressed: big-endian header, unsigned bytes.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace moe {

/// Images of bytes, each rows x columns, row-major, one after the other.
struct ImageSet {
    std::size_t count;   ///< images here
    std::size_t in_file; ///< images in the file
    std::size_t rows;
    std::size_t columns;
    std::vector<std::uint8_t> pixels;
};

/// The first `count` images of a .gz file with magic 0x00000803. The whole file is read and
/// checked. Throws InputError (one line: path, what was found, what was expected) for a missing
/// file, one that is not gzip or whose stream is damaged or cut, another magic, a payload shorter
/// or longer than the header says, and fewer images than asked for.
[[nodiscard]] ImageSet read_idx_images(const std::filesystem::path& file, std::size_t count);

/// The first `count` labels of a .gz file with magic 0x00000801; throws as read_idx_images, and for
/// a label above 9. `images_in_file` is the number of images of its image file, which must agree.
[[nodiscard]] std::vector<std::uint8_t>
read_idx_labels(const std::filesystem::path& file, std::size_t count, std::size_t images_in_file);

} // namespace moe
