#include "program/query.hpp"

#include "basics/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace moe {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t longest_echo = 80;

/// A value as it is echoed in an error message: one line, not too long.
std::string echo(const Json& value) {
    std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    if (text.size() > longest_echo) text = text.substr(0, longest_echo) + "...";
    return text;
}

/// JSON without duplicate keys (the parser would silently keep one of them).
Json parse_strictly(std::string_view text) {
    std::vector<std::set<std::string>> open_objects;
    const auto watch = [&](int, Json::parse_event_t event, const Json& parsed) {
        if (event == Json::parse_event_t::object_start) {
            open_objects.emplace_back();
        } else if (event == Json::parse_event_t::object_end) {
            open_objects.pop_back();
        } else if (event == Json::parse_event_t::key) {
            const auto& key = parsed.get_ref<const std::string&>();
            if (!open_objects.back().insert(key).second)
                throw InputError("--query: key " + echo(parsed) + " stands there twice");
        }
        return true;
    };
    try {
        return Json::parse(text, watch);
    } catch (const Json::exception& error) {
        throw InputError("--query: not a JSON object: " + std::string(error.what()));
    }
}

std::optional<std::int64_t> as_integer(const Json& value) {
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return std::nullopt;
        return static_cast<std::int64_t>(number);
    }
    if (value.is_number_integer()) return value.get<std::int64_t>();
    return std::nullopt;
}

std::optional<double> as_real(const Json& value) {
    if (!value.is_number()) return std::nullopt;
    return value.get<double>();
}

/// The array's entries through `read`, which gives nothing for a wrong entry.
template<class T, class Read>
std::optional<std::vector<T>> as_list(const Json& value, std::size_t least, Read read) {
    if (!value.is_array() || value.size() < least) return std::nullopt;
    std::vector<T> list;
    list.reserve(value.size());
    for (const Json& entry : value) {
        auto item = read(entry);
        if (!item) return std::nullopt;
        list.push_back(std::move(*item));
    }
    return list;
}

auto reader_in(const RealRange& range) {
    return [range](const Json& entry) {
        const auto number = as_real(entry);
        return number && range.contains(*number) ? number : std::nullopt;
    };
}

bool is_one_of(const Json& value, const std::vector<std::string>& allowed) {
    return value.is_string() &&
           std::ranges::find(allowed, value.get_ref<const std::string&>()) != allowed.end();
}

std::string list_of(const std::vector<std::string>& allowed) {
    std::string text = "one of";
    for (const std::string& entry : allowed) {
        text += entry == allowed.front() ? " \"" : ", \"";
        text += entry + "\"";
    }
    return text;
}

std::string at_least(std::size_t least) {
    return "an array of at least " + std::to_string(least);
}

} // namespace

Query::Query(std::string_view json)
    : object_(std::make_unique<Json>(parse_strictly(json))) {
    if (!object_->is_object())
        throw InputError("--query: " + echo(*object_) + " is not a JSON object");
}

Query::Query(std::unique_ptr<Json> object, std::string path)
    : object_(std::move(object))
    , path_(std::move(path)) {}

Query::~Query() = default;
Query::Query(Query&&) noexcept = default;
Query& Query::operator=(Query&&) noexcept = default;

bool Query::has(std::string_view key) const {
    return object_->contains(key);
}

bool Query::holds_text(std::string_view key) const {
    const auto place = object_->find(key);
    return place != object_->end() && place->is_string();
}

const Json& Query::at(std::string_view key) {
    const auto place = object_->find(key);
    if (place == object_->end())
        throw InputError("--query: key \"" + path_ + std::string(key) + "\" is missing");
    used_.emplace(key);
    return *place;
}

void Query::refuse(std::string_view key, std::string_view allowed) const {
    const auto place = object_->find(key);
    throw InputError("--query: key \"" + path_ + std::string(key) + "\" is " +
                     (place == object_->end() ? "missing" : echo(*place)) +
                     "; allowed: " + std::string(allowed));
}

std::int64_t Query::integer(std::string_view key, std::int64_t low, std::int64_t high) {
    const IntegerRange range{low, high};
    const auto value = as_integer(at(key));
    if (!value || !range.contains(*value)) refuse(key, "an integer " + to_string(range));
    return *value;
}

std::int64_t Query::integer(std::string_view key, std::int64_t low, std::int64_t high,
                            std::int64_t fallback) {
    return has(key) ? integer(key, low, high) : fallback;
}

std::uint64_t Query::seed(std::string_view key) {
    const Json& value = at(key);
    if (!value.is_number_unsigned()) refuse(key, "an integer 0..18446744073709551615");
    return value.get<std::uint64_t>();
}

std::uint64_t Query::seed(std::string_view key, std::uint64_t fallback) {
    return has(key) ? seed(key) : fallback;
}

double Query::real(std::string_view key, const RealRange& range) {
    const auto value = reader_in(range)(at(key));
    if (!value) refuse(key, "a number " + to_string(range));
    return *value;
}

double Query::real(std::string_view key, const RealRange& range, double fallback) {
    return has(key) ? real(key, range) : fallback;
}

bool Query::boolean(std::string_view key, bool fallback) {
    if (!has(key)) return fallback;
    const Json& value = at(key);
    if (!value.is_boolean()) refuse(key, "true or false");
    return value.get<bool>();
}

std::vector<std::int64_t> Query::integers(std::string_view key, const IntegerRange& range,
                                          std::size_t least) {
    auto list = as_list<std::int64_t>(at(key), least, [&](const Json& entry) {
        const auto number = as_integer(entry);
        return number && range.contains(*number) ? number : std::nullopt;
    });
    if (!list) refuse(key, at_least(least) + " integers " + to_string(range));
    return *std::move(list);
}

std::vector<double> Query::reals(std::string_view key, const RealRange& range, std::size_t least) {
    auto list = as_list<double>(at(key), least, reader_in(range));
    if (!list) refuse(key, at_least(least) + " numbers " + to_string(range));
    return *std::move(list);
}

std::vector<std::string> Query::texts(std::string_view key,
                                      const std::vector<std::string>& allowed) {
    auto list = as_list<std::string>(at(key), 1, [&](const Json& entry) {
        return is_one_of(entry, allowed) ? std::optional(entry.get<std::string>()) : std::nullopt;
    });
    if (!list) refuse(key, "an array, each " + list_of(allowed));
    return *std::move(list);
}

std::vector<std::vector<double>> Query::points(std::string_view key, std::size_t n,
                                               const RealRange& range) {
    const Json& value = at(key);
    const auto coordinate = reader_in(range);
    const auto point = [&](const Json& entry) {
        auto list = as_list<double>(entry, n, coordinate);
        return list && list->size() == n ? list : std::nullopt;
    };
    if (value.is_array() && !value.empty() && value.front().is_number()) {
        if (n != 1) {
            if (auto flat = point(value)) return {*std::move(flat)};
        } else if (const auto numbers = as_list<double>(value, 1, coordinate)) {
            std::vector<std::vector<double>> list;
            for (const double number : *numbers)
                list.push_back({number});
            return list;
        }
    } else if (auto list = as_list<std::vector<double>>(value, 1, point)) {
        return *std::move(list);
    }
    refuse(key, "points of " + std::to_string(n) + " numbers " + to_string(range));
}

std::string Query::text(std::string_view key) {
    const Json& value = at(key);
    if (!value.is_string()) refuse(key, "a text");
    return value.get<std::string>();
}

std::string Query::text(std::string_view key, const std::vector<std::string>& allowed) {
    const Json& value = at(key);
    if (!is_one_of(value, allowed)) refuse(key, list_of(allowed));
    return value.get<std::string>();
}

std::string Query::text(std::string_view key, const std::vector<std::string>& allowed,
                        std::string_view fallback) {
    return has(key) ? text(key, allowed) : std::string(fallback);
}

Query& Query::object(std::string_view key) {
    const Json& value = at(key);
    if (!value.is_object()) refuse(key, "an object");
    for (const auto& [name, query] : nested_)
        if (name == key) return *query;
    nested_.emplace_back(key, std::unique_ptr<Query>(new Query(std::make_unique<Json>(value),
                                                               path_ + std::string(key) + ".")));
    return *nested_.back().second;
}

void Query::require_all_used() const {
    for (const auto& item : object_->items())
        if (!used_.contains(item.key()))
            throw InputError("--query: unknown key " + echo(Json(path_ + item.key())));
    for (const auto& entry : nested_)
        entry.second->require_all_used();
}

} // namespace moe
