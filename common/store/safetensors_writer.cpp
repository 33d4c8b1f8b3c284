#include "store/safetensors_writer.hpp"

#include "basics/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace moe {

namespace {

constexpr std::size_t all_buffers_bytes = std::size_t{4} << 20U;
constexpr std::size_t most_buffer_bytes = std::size_t{256} << 10U;
constexpr std::size_t least_buffer_bytes = 512;
constexpr std::size_t axis_limit = 8;

/// A JSON text with its quotes.
std::string json_text(std::string_view text) {
    try {
        return nlohmann::json(text).dump();
    } catch (const nlohmann::json::exception&) {
        throw std::invalid_argument("safetensors: " + in_quotes(text) + " is not UTF-8");
    }
}

/// Bytes of a declared tensor; throws std::invalid_argument past 2^62.
std::uint64_t data_bytes(const TensorDeclaration& tensor) {
    if (tensor.shape.size() > axis_limit) {
        throw std::invalid_argument("safetensors: tensor " + in_quotes(tensor.name) + " has " +
                                    std::to_string(tensor.shape.size()) +
                                    " axes, at most 8 are allowed");
    }
    constexpr std::uint64_t most = std::uint64_t{1} << 62U;
    std::uint64_t bytes = element_bytes(tensor.dtype);
    for (const std::uint64_t axis : tensor.shape) {
        if (axis != 0 && bytes > most / axis) {
            throw std::invalid_argument("safetensors: tensor " + in_quotes(tensor.name) +
                                        " of shape " + shown_shape(tensor.shape) +
                                        " exceeds 2^62 bytes");
        }
        bytes *= axis;
    }
    return bytes;
}

} // namespace

SafetensorsWriter::SafetensorsWriter(
    std::filesystem::path path, std::vector<TensorDeclaration> tensors,
    const std::map<std::string, std::string, std::less<>>& metadata)
    : path_(std::move(path)) {
    std::set<std::string_view> names{"__metadata__"};
    streams_.reserve(tensors.size());
    for (TensorDeclaration& tensor : tensors) {
        streams_.emplace_back().declaration = std::move(tensor);
        if (!names.insert(streams_.back().declaration.name).second) {
            throw std::invalid_argument("safetensors: tensor name " +
                                        in_quotes(streams_.back().declaration.name) + " is taken");
        }
    }
    buffer_bytes_ = std::clamp(all_buffers_bytes / std::max<std::size_t>(streams_.size(), 1),
                               least_buffer_bytes, most_buffer_bytes);
    const std::string head = place_tensors(metadata);
    create_temporary();
    try {
        write_at(0, std::as_bytes(std::span(head)));
    } catch (...) {
        close_and_remove();
        throw;
    }
}

SafetensorsWriter::~SafetensorsWriter() {
    close_and_remove();
}

std::string
SafetensorsWriter::place_tensors(const std::map<std::string, std::string, std::less<>>& metadata) {
    std::vector<std::size_t> order(streams_.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
        return element_bytes(streams_[a].declaration.dtype) >
               element_bytes(streams_[b].declaration.dtype);
    });

    std::string header = "{";
    if (!metadata.empty()) {
        header += R"("__metadata__":{)";
        const char* separator = "";
        for (const auto& [key, value] : metadata) {
            header += separator;
            header += json_text(key);
            header += ':';
            header += json_text(value);
            separator = ",";
        }
        header += "}";
    }
    std::uint64_t offset = 0;
    for (const std::size_t index : order) {
        Stream& stream = streams_[index];
        const TensorDeclaration& tensor = stream.declaration;
        const std::uint64_t bytes = data_bytes(tensor);
        if (bytes > (std::uint64_t{1} << 62U) - offset) {
            throw std::invalid_argument("safetensors: " + path_.string() + " exceeds 2^62 bytes");
        }
        stream.next = offset;
        stream.end = offset + bytes;
        if (header.size() > 1) header += ',';
        header += json_text(tensor.name) + R"(:{"dtype":")" +
                  std::string(dtype_name(tensor.dtype)) + R"(","shape":)" +
                  nlohmann::json(tensor.shape).dump() + R"(,"data_offsets":[)" +
                  std::to_string(offset) + "," + std::to_string(stream.end) + "]}";
        offset = stream.end;
    }
    header += "}";
    // The format wants the data to start at a multiple of 8.
    header.resize((header.size() + 7) / 8 * 8, ' ');

    const std::uint64_t length = header.size();
    std::string head(sizeof length, '\0');
    std::memcpy(head.data(), &length, sizeof length);
    head += header;
    for (Stream& stream : streams_) {
        stream.next += head.size();
        stream.end += head.size();
    }
    file_bytes_ = head.size() + offset;
    return head;
}

void SafetensorsWriter::create_temporary() {
    // The form that remove_stale_temporaries() of basics/files.hpp knows.
    const std::string name = path_.filename().string();
    const std::string process = std::to_string(::getpid());
    unsigned k = 0;
    do {
        temporary_ =
            path_.parent_path() / ("." + name + ".tmp-" + process + "-" + std::to_string(k++));
        descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 && (errno == EEXIST || errno == EINTR));
    if (descriptor_ < 0) {
        const int error = errno;
        temporary_.clear();
        fail("cannot create a file beside it", error);
    }
}

void SafetensorsWriter::append_bytes(std::size_t tensor, Dtype dtype,
                                     std::span<const std::byte> bytes) {
    Stream& stream = streams_.at(tensor);
    if (stream.declaration.dtype != dtype) {
        throw std::invalid_argument("safetensors: tensor " + in_quotes(stream.declaration.name) +
                                    " holds " + std::string(dtype_name(stream.declaration.dtype)) +
                                    ", not " + std::string(dtype_name(dtype)));
    }
    if (bytes.size() > stream.end - stream.next - stream.buffer.size()) {
        throw std::invalid_argument("safetensors: more elements than shape " +
                                    shown_shape(stream.declaration.shape) + " of tensor " +
                                    in_quotes(stream.declaration.name) + " has");
    }
    if (stream.buffer.size() + bytes.size() > buffer_bytes_) flush(stream);
    if (bytes.size() > buffer_bytes_) {
        write_at(stream.next, bytes);
        stream.next += bytes.size();
    } else {
        stream.buffer.insert(stream.buffer.end(), bytes.begin(), bytes.end());
    }
}

void SafetensorsWriter::flush(Stream& stream) {
    write_at(stream.next, stream.buffer);
    stream.next += stream.buffer.size();
    stream.buffer.clear();
}

void SafetensorsWriter::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
    if (descriptor_ < 0) throw std::logic_error("safetensors: write after finish()");
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0) {
            if (errno == EINTR) continue;
            fail("cannot write", errno);
        }
        offset += static_cast<std::uint64_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void SafetensorsWriter::finish(bool durable) {
    for (Stream& stream : streams_) {
        flush(stream);
        if (stream.next != stream.end) {
            throw std::logic_error("safetensors: tensor " + in_quotes(stream.declaration.name) +
                                   " lacks its last " + std::to_string(stream.end - stream.next) +
                                   " bytes");
        }
    }
    if (durable && ::fsync(descriptor_) != 0) fail("cannot bring it to the disk", errno);
    if (::close(std::exchange(descriptor_, -1)) != 0) fail("cannot close", errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot rename", errno);
    temporary_.clear();
    if (durable) sync_folder(path_.parent_path());
}

void SafetensorsWriter::close_and_remove() noexcept {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void SafetensorsWriter::fail(const char* what, int error) const {
    throw EnvironmentError(path_.string() + ": " + what + ": " +
                           std::generic_category().message(error) + " (" +
                           std::to_string(file_bytes_) + " bytes in all)");
}

} // namespace moe
