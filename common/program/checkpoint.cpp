#include "program/checkpoint.hpp"

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/hash.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace moe {

using Json = nlohmann::ordered_json;

namespace {

std::string hex(std::uint64_t number) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16);
    const auto length = static_cast<std::size_t>(end.ptr - digits.data());
    return std::string(digits.size() - length, '0') + std::string(digits.data(), length);
}

std::uint64_t from_hex(std::string_view digits) {
    std::uint64_t number = 0;
    const char* const end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, number, 16);
    if (digits.size() != 16 || result.ec != std::errc{} || result.ptr != end)
        throw std::invalid_argument("not 16 hexadecimal digits");
    return number;
}

/// null, true, 12, "r<bits of the double>" or "t<text>".
Json to_json(const Value& value) {
    if (const auto* const flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* const integer = std::get_if<std::int64_t>(&value)) return *integer;
    if (const auto* const real = std::get_if<double>(&value))
        return "r" + hex(std::bit_cast<std::uint64_t>(*real));
    if (const auto* const text = std::get_if<std::string>(&value)) return "t" + *text;
    return nullptr;
}

Value from_json(const Json& json) {
    if (json.is_null()) return std::monostate{};
    if (json.is_boolean()) return json.get<bool>();
    if (json.is_number_integer()) return json.get<std::int64_t>();
    const auto& text = json.get_ref<const std::string&>();
    if (text.starts_with('t')) return text.substr(1);
    return std::bit_cast<double>(from_hex(std::string_view(text).substr(1)));
}

Json rows_json(const CellResult& result) {
    Json rows = Json::array();
    for (const auto& [table, row] : result.rows()) {
        Json values = Json::array();
        for (const Value& value : row)
            values.push_back(to_json(value));
        rows.push_back(Json::array({table, std::move(values)}));
    }
    return rows;
}

Json timings_json(const CellResult& result) {
    Json timings = Json::array();
    for (const Timing& timing : result.timings())
        timings.push_back(Json::array({timing.what, timing.seconds}));
    return timings;
}

CellResult result_from_json(const Json& json) {
    CellResult result;
    for (const Json& entry : json.at("timings"))
        result.add_timing(entry.at(0).get<std::string>(), entry.at(1).get<double>());
    for (const Json& entry : json.at("rows")) {
        Row row;
        for (const Json& value : entry.at(1))
            row.push_back(from_json(value));
        result.add(entry.at(0).get_ref<const std::string&>(), std::move(row));
    }
    return result;
}

Json to_json(const RunIdentity& identity) {
    Json json = Json::object();
    for (const auto& [name, value] : identity)
        json[name] = value;
    return json;
}

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

void require_same(const std::filesystem::path& manifest, const RunIdentity& identity) {
    const std::string advice = "; repeat its options, or leave --resume out to discard it";
    Json stored;
    try {
        stored = Json::parse(MappedFile(manifest).text());
    } catch (const Json::exception&) {
        throw InputError("--resume: '" + manifest.string() + "' cannot be understood" + advice);
    }
    const Json wanted = to_json(identity);
    for (const auto& item : wanted.items()) {
        const std::string other =
            stored.contains(item.key()) ? text_of(stored[item.key()]) : "none";
        if (other != text_of(item.value()))
            throw InputError("--resume: the checkpoint has " + item.key() + " " + other +
                             ", this run has " + text_of(item.value()) + advice);
    }
    if (text_of(stored) != text_of(wanted))
        throw InputError("--resume: the checkpoint is of another version" + advice);
}

} // namespace

Checkpoint::Checkpoint(std::filesystem::path folder, const RunIdentity& identity, bool resume)
    : folder_(std::move(folder))
    , identity_hash_(hash_of(text_of(to_json(identity)))) {
    const std::filesystem::path manifest = folder_ / "manifest.json";
    std::error_code error;
    const bool exists = std::filesystem::exists(manifest, error);
    if (exists && resume) {
        require_same(manifest, identity);
        remove_stale_temporaries(folder_);
        start_ = Start::resumed;
        return;
    }
    if (exists) start_ = Start::discarded_other;
    remove();
    if (!std::filesystem::create_directory(folder_, error) || error)
        throw EnvironmentError("cannot make the folder '" + folder_.string() +
                               "': " + error.message());
    write_file(manifest, text_of(to_json(identity)) + "\n");
}

std::filesystem::path Checkpoint::cell_file(const std::string& cell_name) const {
    return folder_ / (hex(cell_key(cell_name)) + ".cell");
}

std::optional<CellResult> Checkpoint::load(const std::string& cell_name) const {
    const std::filesystem::path path = cell_file(cell_name);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return std::nullopt;
    try {
        const MappedFile file(path);
        const std::string_view text = file.text();
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos || text.substr(0, end) != hash_of(text.substr(end + 1)))
            return std::nullopt;
        const Json json = Json::parse(text.substr(end + 1));
        if (json.at("run") != identity_hash_ || json.at("cell") != cell_name) return std::nullopt;
        return result_from_json(json);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {
        return std::nullopt; // unreadable: the cell is done again
    }
}

void Checkpoint::save(const std::string& cell_name, const CellResult& result) const {
    const Json json{{"run", identity_hash_},
                    {"cell", cell_name},
                    {"rows", rows_json(result)},
                    {"timings", timings_json(result)}};
    const std::string payload = json.dump();
    AtomicFile file(cell_file(cell_name));
    file.write(hash_of(payload) + "\n" + payload);
    file.publish();
}

void Checkpoint::remove() const {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
    if (error)
        throw EnvironmentError("cannot remove the folder '" + folder_.string() +
                               "': " + error.message());
}

} // namespace moe
