#include "store/safetensors.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

struct DtypeEntry {
    std::string_view name;
    std::size_t bytes;
};

/// Indexed by Dtype.
constexpr std::array<DtypeEntry, 6> dtypes{
    {{"F64", 8}, {"F32", 4}, {"U64", 8}, {"I64", 8}, {"U32", 4}, {"U8", 1}}};

constexpr std::size_t length_bytes = 8;             // of the header length that starts a file
constexpr std::uint64_t header_limit = 100'000'000; // as in the format's own library
constexpr std::size_t axis_limit = 8;

std::optional<Dtype> parse_dtype(std::string_view name) {
    for (std::size_t i = 0; i < dtypes.size(); ++i) {
        if (dtypes[i].name == name) return static_cast<Dtype>(i);
    }
    return std::nullopt;
}

/// Takes the header apart event by event. Nothing nests deeper than the format does, so a hostile
/// header cannot make this recurse; no tree of values is built.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
  public:
    using Metadata = std::map<std::string, std::string, std::less<>>;

    /// Offsets become absolute: data start at `data_begin` of a file of `file_bytes` bytes.
    HeaderReader(std::uint64_t data_begin, std::uint64_t file_bytes)
        : data_begin_(data_begin)
        , data_bytes_(file_bytes - data_begin) {}

    Metadata metadata;
    std::vector<TensorInfo> tensors;
    std::string error;

    bool null() override { return unexpected("null"); }
    bool boolean(bool /*value*/) override { return unexpected("a truth value"); }
    bool number_integer(number_integer_t /*value*/) override {
        return unexpected("a negative number");
    }
    bool number_float(number_float_t /*value*/, const string_t& /*text*/) override {
        return unexpected("a number that is no integer below 2^64");
    }
    bool binary(binary_t& /*value*/) override { return unexpected("binary data"); }

    bool number_unsigned(number_unsigned_t value) override {
        if (place_ == Place::shape) {
            if (tensor_.shape.size() == axis_limit) {
                return refuse("shape has more than " + std::to_string(axis_limit) + " axes");
            }
            tensor_.shape.push_back(value);
            return true;
        }
        if (place_ == Place::offsets) {
            if (offsets_.size() == 2) return refuse("data_offsets has more than 2 entries");
            offsets_.push_back(value);
            return true;
        }
        return unexpected("a number");
    }

    bool string(string_t& value) override {
        if (place_ == Place::metadata) {
            if (metadata.try_emplace(key_, value).second) return true;
            return refuse("entry " + in_quotes(key_) + " stands there twice");
        }
        if (place_ == Place::tensor && key_ == "dtype") {
            dtype_ = parse_dtype(value);
            if (dtype_) return true;
            return refuse("dtype " + in_quotes(value) +
                          ", allowed are F64, F32, U64, I64, U32, U8");
        }
        return unexpected("a text");
    }

    bool start_object(std::size_t /*elements*/) override {
        if (place_ == Place::outside) {
            place_ = Place::root;
            return true;
        }
        if (place_ != Place::root) return unexpected("an object");
        if (name_ == "__metadata__") {
            if (has_metadata_) return refuse("stands there twice");
            has_metadata_ = true;
            place_ = Place::metadata;
            return true;
        }
        tensor_ = TensorInfo{};
        tensor_.name = name_;
        offsets_.clear();
        dtype_.reset();
        has_shape_ = false;
        has_offsets_ = false;
        place_ = Place::tensor;
        return true;
    }

    bool key(string_t& value) override {
        if (place_ == Place::root) {
            name_ = std::move(value);
            return true;
        }
        key_ = std::move(value);
        if (place_ == Place::metadata) return true;
        if (key_ == "dtype") return !dtype_ || refuse("dtype stands there twice");
        if (key_ == "shape") return !has_shape_ || refuse("shape stands there twice");
        if (key_ == "data_offsets") {
            return !has_offsets_ || refuse("data_offsets stands there twice");
        }
        return refuse("unknown entry " + in_quotes(key_));
    }

    bool start_array(std::size_t /*elements*/) override {
        if (place_ == Place::tensor && key_ == "shape") {
            has_shape_ = true;
            place_ = Place::shape;
            return true;
        }
        if (place_ == Place::tensor && key_ == "data_offsets") {
            has_offsets_ = true;
            place_ = Place::offsets;
            return true;
        }
        return unexpected("a list");
    }

    bool end_array() override {
        place_ = Place::tensor;
        return true;
    }

    bool end_object() override {
        if (place_ == Place::tensor && !end_tensor()) return false;
        place_ = place_ == Place::root ? Place::outside : Place::root;
        return true;
    }

    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const nlohmann::json::exception& /*cause*/) override {
        error = "header is not valid JSON at file offset " +
                std::to_string(length_bytes + (position > 0 ? position - 1 : 0));
        return false;
    }

  private:
    enum class Place { outside, root, metadata, tensor, shape, offsets };

    bool refuse(const std::string& what) {
        const bool in_metadata = name_ == "__metadata__";
        error = (in_metadata ? name_ : "tensor " + in_quotes(name_)) + ": " + what;
        return false;
    }

    bool unexpected(const std::string& what) {
        if (place_ == Place::outside) {
            error = "header is " + what + ", not an object";
            return false;
        }
        const bool inner = place_ != Place::root;
        return refuse(what + (inner ? " at " + in_quotes(key_) : std::string{}) +
                      " where the format has none");
    }

    bool end_tensor() {
        if (!dtype_ || !has_shape_ || offsets_.size() != 2) {
            return refuse("needs dtype, shape and two data_offsets");
        }
        tensor_.dtype = *dtype_;
        constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
        std::uint64_t elements = 1;
        for (const std::uint64_t axis : tensor_.shape) {
            if (axis != 0 && elements > most / axis) {
                return refuse("shape " + shown_shape(tensor_.shape) + " overflows");
            }
            elements *= axis;
        }
        const auto [begin, end] = std::pair{offsets_[0], offsets_[1]};
        const std::string range =
            "data_offsets [" + std::to_string(begin) + ", " + std::to_string(end) + "]";
        if (begin > end) return refuse(range + " end before they begin");
        if (end > data_bytes_) {
            return refuse(range + " reach past the " + std::to_string(data_bytes_) +
                          " bytes of data that start at file offset " +
                          std::to_string(data_begin_));
        }
        const std::size_t width = element_bytes(tensor_.dtype);
        if ((end - begin) % width != 0 || (end - begin) / width != elements) {
            return refuse(range + " do not hold shape " + shown_shape(tensor_.shape) + " of " +
                          std::string(dtype_name(tensor_.dtype)));
        }
        tensor_.elements = elements;
        tensor_.begin = data_begin_ + begin;
        tensor_.end = data_begin_ + end;
        tensors.push_back(std::move(tensor_));
        return true;
    }

    std::uint64_t data_begin_;
    std::uint64_t data_bytes_;
    Place place_ = Place::outside;
    std::string name_;
    std::string key_;
    TensorInfo tensor_;
    std::optional<Dtype> dtype_;
    std::vector<std::uint64_t> offsets_;
    bool has_shape_ = false;
    bool has_offsets_ = false;
    bool has_metadata_ = false;
};

[[noreturn]] void refuse_file(const std::string& file, const std::string& what) {
    throw InputError(file + ": " + what);
}

/// The header's text, checked to lie in the file.
std::string_view header_text(const std::string& file, std::span<const std::byte> bytes) {
    if (bytes.size() < length_bytes) {
        refuse_file(file, "no safetensors file: " + std::to_string(bytes.size()) +
                              " bytes, the header length at offset 0 alone takes 8");
    }
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), length_bytes);
    const std::uint64_t most = std::min<std::uint64_t>(bytes.size() - length_bytes, header_limit);
    if (length < 2 || length > most) {
        refuse_file(file, "no safetensors file: header length " + std::to_string(length) +
                              " at offset 0, allowed is 2 to " + std::to_string(most));
    }
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + length_bytes, length);
    if (text.front() != '{') refuse_file(file, "header does not start with '{' at offset 8");
    // The JSON parser takes a NUL for the end of its input and would not see what follows.
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
        refuse_file(file, "NUL in the header at offset " + std::to_string(length_bytes + nul));
    }
    return text;
}

} // namespace

std::size_t element_bytes(Dtype dtype) noexcept {
    return dtypes[static_cast<std::size_t>(dtype)].bytes;
}

std::string_view dtype_name(Dtype dtype) noexcept {
    return dtypes[static_cast<std::size_t>(dtype)].name;
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t most = 80;
    std::string shown = "'";
    for (const char c : text.substr(0, most)) {
        shown += c >= ' ' && c <= '~' ? c : '?';
    }
    if (text.size() > most) shown += "...";
    return shown + "'";
}

std::string shown_shape(std::span<const std::uint64_t> shape) {
    std::string shown = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (i > 0) shown += ", ";
        shown += std::to_string(shape[i]);
    }
    return shown + "]";
}

SafetensorsView::SafetensorsView(std::string file, std::span<const std::byte> bytes)
    : file_(std::move(file))
    , bytes_(bytes) {
    const std::string_view text = header_text(file_, bytes_);
    const std::uint64_t data_begin = length_bytes + text.size();
    HeaderReader reader(data_begin, bytes_.size());
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &reader)) {
        refuse_file(file_, reader.error);
    }
    metadata_ = std::move(reader.metadata);
    tensors_ = std::move(reader.tensors);
    check_tiling(data_begin);

    by_name_.resize(tensors_.size());
    for (std::size_t i = 0; i < by_name_.size(); ++i) {
        by_name_[i] = static_cast<std::uint32_t>(i);
    }
    std::sort(by_name_.begin(), by_name_.end(), [this](std::uint32_t a, std::uint32_t b) {
        return tensors_[a].name < tensors_[b].name;
    });
    for (std::size_t i = 1; i < by_name_.size(); ++i) {
        const TensorInfo& tensor = tensors_[by_name_[i]];
        if (tensors_[by_name_[i - 1]].name == tensor.name) {
            refuse_file(file_, "tensor " + in_quotes(tensor.name) +
                                   " stands there twice, once at offset " +
                                   std::to_string(tensor.begin));
        }
    }
}

void SafetensorsView::check_tiling(std::uint64_t data_begin) {
    std::sort(tensors_.begin(), tensors_.end(), [](const TensorInfo& a, const TensorInfo& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t expected = data_begin;
    for (const TensorInfo& tensor : tensors_) {
        if (tensor.begin != expected) {
            refuse_file(file_, "tensor " + in_quotes(tensor.name) + " starts at file offset " +
                                   std::to_string(tensor.begin) +
                                   (tensor.begin < expected ? " inside the tensor before it, which"
                                                            : " after a hole; what precedes it") +
                                   " ends at " + std::to_string(expected));
        }
        expected = tensor.end;
    }
    if (expected != bytes_.size()) {
        refuse_file(file_, std::to_string(bytes_.size() - expected) + " bytes at file offset " +
                               std::to_string(expected) + " belong to no tensor");
    }
}

const TensorInfo* SafetensorsView::find(std::string_view name) const {
    const auto place = std::lower_bound(
        by_name_.begin(), by_name_.end(), name,
        [this](std::uint32_t index, std::string_view key) { return tensors_[index].name < key; });
    if (place == by_name_.end() || tensors_[*place].name != name) return nullptr;
    return &tensors_[*place];
}

const TensorInfo& SafetensorsView::require(std::string_view name, Dtype dtype,
                                           std::span<const std::uint64_t> shape) const {
    const TensorInfo* const tensor = find(name);
    const auto needed = [&] {
        return std::string(dtype_name(dtype)) + " " + shown_shape(shape) + " is needed";
    };
    if (tensor == nullptr) {
        refuse_file(file_, "tensor " + in_quotes(name) + " is missing, " + needed());
    }
    if (tensor->dtype != dtype ||
        !std::equal(shape.begin(), shape.end(), tensor->shape.begin(), tensor->shape.end())) {
        refuse_file(file_, "tensor " + in_quotes(name) + " at file offset " +
                               std::to_string(tensor->begin) + " is " +
                               std::string(dtype_name(tensor->dtype)) + " " +
                               shown_shape(tensor->shape) + ", " + needed());
    }
    return *tensor;
}

const TensorInfo& SafetensorsView::require_vector(std::string_view name, Dtype dtype) const {
    const TensorInfo* const tensor = find(name);
    const std::uint64_t length =
        tensor != nullptr && tensor->shape.size() == 1 ? tensor->shape.front() : 0;
    return require(name, dtype, std::array{length});
}

std::span<const std::byte> SafetensorsView::bytes(const TensorInfo& tensor) const {
    if (tensor.begin > tensor.end || tensor.end > bytes_.size()) {
        throw std::invalid_argument("tensor " + in_quotes(tensor.name) + " is not of file " +
                                    file_);
    }
    return bytes_.subspan(tensor.begin, tensor.end - tensor.begin);
}

std::span<const std::byte> SafetensorsView::aligned_bytes(const TensorInfo& tensor, Dtype dtype,
                                                          std::size_t alignment) const {
    if (tensor.dtype != dtype) {
        throw std::invalid_argument("tensor " + in_quotes(tensor.name) + " is " +
                                    std::string(dtype_name(tensor.dtype)) + ", not " +
                                    std::string(dtype_name(dtype)));
    }
    const std::span<const std::byte> raw = bytes(tensor);
    if (raw.empty()) return {};
    if (reinterpret_cast<std::uintptr_t>(raw.data()) % alignment != 0) {
        refuse_file(file_, "tensor " + in_quotes(tensor.name) + " at file offset " +
                               std::to_string(tensor.begin) + " is not aligned to its " +
                               std::to_string(alignment) +
                               "-byte elements; pad the header and order tensors by element size");
    }
    return raw;
}

} // namespace moe
