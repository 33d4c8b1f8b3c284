#pragma once
// Reading of the safetensors format (github.com/huggingface/safetensors): 8-byte little-endian
// header length, JSON header {name: {"dtype", "shape", "data_offsets"}, "__metadata__": {..}}, raw
// little-endian tensors. The reader is a view: it looks at bytes that somebody else keeps mapped,
// copies the header's entries and nothing else.
//
// What is accepted is what the format's own library accepts, restricted to the element types below:
// the offsets tile the data section without hole, overlap or rest. The format does not ask for
// aligned tensors. bytes() serves any offset; values() refuses a tensor that is not aligned to its
// element (files of SafetensorsWriter and of the format's own library always are).

#include "basics/error.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace moe {

static_assert(std::endian::native == std::endian::little,
              "tensors are little-endian and read in place");

enum class Dtype : std::uint8_t { f64, f32, u64, i64, u32, u8 };

/// Bytes of one element.
[[nodiscard]] std::size_t element_bytes(Dtype dtype) noexcept;
/// The format's name: "F64", "F32", "U64", "I64", "U32", "U8".
[[nodiscard]] std::string_view dtype_name(Dtype dtype) noexcept;

/// The element type that holds T.
template<class T>
[[nodiscard]] constexpr Dtype dtype_of() noexcept {
    if constexpr (std::is_same_v<T, double>)
        return Dtype::f64;
    else if constexpr (std::is_same_v<T, float>)
        return Dtype::f32;
    else if constexpr (std::is_same_v<T, std::uint64_t>)
        return Dtype::u64;
    else if constexpr (std::is_same_v<T, std::int64_t>)
        return Dtype::i64;
    else if constexpr (std::is_same_v<T, std::uint32_t>)
        return Dtype::u32;
    else {
        static_assert(std::is_same_v<T, std::uint8_t>, "no element type of the format");
        return Dtype::u8;
    }
}

/// `text` in quotes for a one-line message: control characters and bytes above 126 become '?',
/// anything past 80 bytes is cut.
[[nodiscard]] std::string in_quotes(std::string_view text);
/// "[4, 2, 3]".
[[nodiscard]] std::string shown_shape(std::span<const std::uint64_t> shape);

/// One entry of the header.
struct TensorInfo {
    std::string name;
    Dtype dtype = Dtype::f64;
    std::vector<std::uint64_t> shape; ///< at most 8 axes; an axis of 0 makes an empty tensor
    std::uint64_t elements = 0;       ///< product of the shape
    std::uint64_t begin = 0;          ///< first byte, counted from the start of the file
    std::uint64_t end = 0;            ///< one past the last byte, counted likewise
};

/// A parsed file. Refers to the bytes given to the constructor, which must outlive it.
class SafetensorsView {
  public:
    /// Parses the header of `bytes`, the whole of file `file` (the name is used in messages only).
    /// Throws InputError naming file, tensor and offset for anything that the format forbids;
    /// work and memory are bounded by a multiple of the header's size.
    SafetensorsView(std::string file, std::span<const std::byte> bytes);

    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return bytes_.size(); }
    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& metadata() const noexcept {
        return metadata_;
    }
    /// In the order of their data.
    [[nodiscard]] std::span<const TensorInfo> tensors() const noexcept { return tensors_; }
    /// nullptr if there is no tensor of that name.
    [[nodiscard]] const TensorInfo* find(std::string_view name) const;
    /// The tensor of that name, element type and shape; throws InputError naming the tensor, what
    /// it is and what it should be.
    [[nodiscard]] const TensorInfo& require(std::string_view name, Dtype dtype,
                                            std::span<const std::uint64_t> shape) const;
    /// As above for a tensor of one axis of any length.
    [[nodiscard]] const TensorInfo& require_vector(std::string_view name, Dtype dtype) const;

    /// The bytes of a tensor of this file.
    [[nodiscard]] std::span<const std::byte> bytes(const TensorInfo& tensor) const;
    /// The elements of a tensor of this file, in place. Throws InputError if its data are not
    /// aligned to T and std::invalid_argument if T is not its element type.
    template<class T>
    [[nodiscard]] std::span<const T> values(const TensorInfo& tensor) const {
        const std::span<const std::byte> raw = aligned_bytes(tensor, dtype_of<T>(), alignof(T));
        return {reinterpret_cast<const T*>(raw.data()), raw.size() / sizeof(T)};
    }

  private:
    [[nodiscard]] std::span<const std::byte> aligned_bytes(const TensorInfo& tensor, Dtype dtype,
                                                           std::size_t alignment) const;
    void check_tiling(std::uint64_t data_begin);

    std::string file_;
    std::span<const std::byte> bytes_;
    std::map<std::string, std::string, std::less<>> metadata_;
    std::vector<TensorInfo> tensors_;
    std::vector<std::uint32_t> by_name_; ///< indices into tensors_, ascending by name
};

} // namespace moe
