#pragma once
// Streaming writer of the safetensors format: tensors are declared first, so that every offset is
// known, and their data are appended piece by piece in any interleaving. Memory stays below a few
// MiB however large the file is. The result appears whole or not at all.

#include "store/safetensors.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace moe {

struct TensorDeclaration {
    std::string name;
    Dtype dtype = Dtype::f64;
    std::vector<std::uint64_t> shape; ///< at most 8 axes, 0 allowed
};

class SafetensorsWriter {
  public:
    /// Creates a temporary file with a unique name in the folder of `path` and writes the header.
    /// Data stand in the file in the order of declaration, wide element types first, so that every
    /// tensor is aligned. Throws std::invalid_argument for a repeated or reserved name, more than 8
    /// axes, a size overflow or text that is not UTF-8; EnvironmentError if the file cannot be
    /// written.
    SafetensorsWriter(std::filesystem::path path, std::vector<TensorDeclaration> tensors,
                      const std::map<std::string, std::string, std::less<>>& metadata);
    SafetensorsWriter(const SafetensorsWriter&) = delete;
    SafetensorsWriter& operator=(const SafetensorsWriter&) = delete;
    /// Removes the temporary file unless finish() has returned.
    ~SafetensorsWriter();

    /// Appends elements to the tensor declared at that index. Throws std::invalid_argument for
    /// another element type or more elements than declared, EnvironmentError for a failed write.
    template<class T>
    void append(std::size_t tensor, std::span<const T> elements) {
        append_bytes(tensor, dtype_of<T>(), std::as_bytes(elements));
    }

    /// Writes what is buffered and gives the file its final name, replacing an older one
    /// atomically. `durable` forces the data to the disk first; scratch files need not. Throws
    /// std::logic_error if a tensor lacks elements, EnvironmentError for a failed write.
    void finish(bool durable = true);

    /// Size of the finished file.
    [[nodiscard]] std::uint64_t file_bytes() const noexcept { return file_bytes_; }

  private:
    struct Stream {
        TensorDeclaration declaration;
        std::uint64_t next = 0; ///< file offset of the first byte that is not yet written
        std::uint64_t end = 0;
        std::vector<std::byte> buffer; ///< bytes that follow `next`
    };

    [[nodiscard]] std::string
    place_tensors(const std::map<std::string, std::string, std::less<>>& metadata);
    void append_bytes(std::size_t tensor, Dtype dtype, std::span<const std::byte> bytes);
    void flush(Stream& stream);
    void write_at(std::uint64_t offset, std::span<const std::byte> bytes);
    void create_temporary();
    void close_and_remove() noexcept;
    [[noreturn]] void fail(const char* what, int error) const;

    std::filesystem::path path_;
    std::filesystem::path temporary_;
    std::vector<Stream> streams_;
    std::size_t buffer_bytes_ = 0; ///< per tensor
    std::uint64_t file_bytes_ = 0;
    int descriptor_ = -1;
};

} // namespace moe
