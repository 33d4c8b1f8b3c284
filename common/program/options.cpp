#include "program/options.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace moe {

namespace {

template<class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template<class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

[[noreturn]] void refuse(const OptionSpec& spec, std::string_view text) {
    throw InputError("--" + spec.name + ": '" + std::string(text) +
                     "' is not allowed; allowed: " + allowed_values(spec.kind));
}

/// The commas-separated entries; an empty text is one empty entry, which no number parser accepts.
std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t comma = text.find(','); comma != std::string_view::npos;
         comma = text.find(',')) {
        parts.push_back(text.substr(0, comma));
        text.remove_prefix(comma + 1);
    }
    parts.push_back(text);
    return parts;
}

template<class T, class Parse, class Range>
std::vector<T> parse_list(const OptionSpec& spec, std::string_view text, const Range& range,
                          const ListLength& length, Parse parse) {
    std::vector<T> values;
    for (const std::string_view part : split(text)) {
        const auto value = parse(part);
        if (!value || !range.contains(*value)) refuse(spec, text);
        values.push_back(*value);
    }
    if (values.size() < length.least || values.size() > length.most) refuse(spec, text);
    return values;
}

template<class T>
void refuse_repetition(std::string_view option, std::vector<T> values) {
    std::ranges::sort(values);
    const auto twice = std::ranges::adjacent_find(values);
    if (twice == values.end()) return;
    throw InputError("--" + std::string(option) + ": '" + to_string(OptionValue(*twice)) +
                     "' is given twice; allowed: different values");
}

bool is_readable_file(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error) || error) return false;
    return std::ifstream(path).is_open();
}

std::string list_of(const std::string& what, const std::string& range, const ListLength& length) {
    const std::string lengths = length == ListLength{} ? ""
                                                       : std::to_string(length.least) + " to " +
                                                             std::to_string(length.most) + " ";
    return lengths + "comma-separated " + what + " " + range;
}

bool fits(const OptionKind& kind, const OptionValue& value) {
    const auto all_in = [](const auto& list, const auto& range, const ListLength& length) {
        return list.size() >= length.least && list.size() <= length.most &&
               std::ranges::all_of(list, [&](auto entry) { return range.contains(entry); });
    };
    return std::visit(
        Overloaded{
            [&](const FlagKind&) { return std::holds_alternative<bool>(value); },
            [&](const IntegerKind& k) {
                const auto* const v = std::get_if<std::int64_t>(&value);
                return v != nullptr && k.range.contains(*v);
            },
            [&](const RealKind& k) {
                const auto* const v = std::get_if<double>(&value);
                return v != nullptr && k.range.contains(*v);
            },
            [&](const ChoiceKind& k) {
                const auto* const v = std::get_if<std::string>(&value);
                return v != nullptr && std::ranges::find(k.choices, *v) != k.choices.end();
            },
            [&](const IntegersKind& k) {
                const auto* const v = std::get_if<std::vector<std::int64_t>>(&value);
                return v != nullptr && all_in(*v, k.range, k.length);
            },
            [&](const RealsKind& k) {
                const auto* const v = std::get_if<std::vector<double>>(&value);
                return v != nullptr && all_in(*v, k.range, k.length);
            },
            [&](const TextKind&) { return std::holds_alternative<std::string>(value); },
            [&](const InputFileKind&) { return std::holds_alternative<std::string>(value); },
        },
        kind);
}

} // namespace

std::string_view to_string(Preset preset) noexcept {
    return preset == Preset::quick ? "quick" : "full";
}

std::string to_string(const OptionValue& value) {
    const auto joined = [](const auto& list, auto text_of) {
        std::string text;
        for (const auto entry : list) {
            if (!text.empty()) text += ',';
            text += text_of(entry);
        }
        return text;
    };
    return std::visit(Overloaded{
                          [](bool v) { return std::string(v ? "yes" : "no"); },
                          [](std::int64_t v) { return std::to_string(v); },
                          [](double v) { return shortest(v); },
                          [](const std::string& v) { return v; },
                          [&](const std::vector<std::int64_t>& v) {
                              return joined(
                                  v, [](std::int64_t entry) { return std::to_string(entry); });
                          },
                          [&](const std::vector<double>& v) {
                              return joined(v, [](double entry) { return shortest(entry); });
                          },
                      },
                      value);
}

std::string allowed_values(const OptionKind& kind) {
    return std::visit(
        Overloaded{
            [](const FlagKind&) { return std::string("no value"); },
            [](const IntegerKind& k) { return "an integer " + to_string(k.range); },
            [](const RealKind& k) { return "a real number " + to_string(k.range); },
            [](const ChoiceKind& k) {
                std::string text = "one of";
                for (const std::string& choice : k.choices)
                    text += (choice == k.choices.front() ? " " : ", ") + choice;
                return text;
            },
            [](const IntegersKind& k) { return list_of("integers", to_string(k.range), k.length); },
            [](const RealsKind& k) {
                return list_of("real numbers", to_string(k.range), k.length);
            },
            [](const TextKind&) { return std::string("any text"); },
            [](const InputFileKind&) { return std::string("a file that can be read"); },
        },
        kind);
}

OptionSpec flag_option(std::string name, std::string help) {
    return {std::move(name), std::move(help), FlagKind{}, false, false, {}};
}

OptionSpec integer_option(std::string name, std::string help, IntegerRange range,
                          std::int64_t quick, std::int64_t full, std::string unit) {
    return {std::move(name), std::move(help), IntegerKind{range}, quick, full, std::move(unit)};
}

OptionSpec real_option(std::string name, std::string help, RealRange range, double quick,
                       double full, std::string unit) {
    return {std::move(name), std::move(help), RealKind{range}, quick, full, std::move(unit)};
}

OptionSpec choice_option(std::string name, std::string help, std::vector<std::string> choices,
                         std::string quick, std::string full) {
    return {std::move(name),  std::move(help), ChoiceKind{std::move(choices)},
            std::move(quick), std::move(full), {}};
}

OptionSpec integers_option(std::string name, std::string help, IntegerRange range,
                           std::vector<std::int64_t> quick, std::vector<std::int64_t> full,
                           std::string unit, ListLength length) {
    return {std::move(name),  std::move(help), IntegersKind{range, length},
            std::move(quick), std::move(full), std::move(unit)};
}

OptionSpec reals_option(std::string name, std::string help, RealRange range,
                        std::vector<double> quick, std::vector<double> full, std::string unit,
                        ListLength length) {
    return {std::move(name),  std::move(help), RealsKind{range, length},
            std::move(quick), std::move(full), std::move(unit)};
}

OptionSpec text_option(std::string name, std::string help, std::string value) {
    return {std::move(name), std::move(help), TextKind{}, value, value, {}};
}

OptionSpec input_file_option(std::string name, std::string help, std::string value) {
    return {std::move(name), std::move(help), InputFileKind{}, value, value, {}};
}

OptionValue parse_option(const OptionSpec& spec, std::string_view text) {
    return std::visit(Overloaded{
                          [&](const FlagKind&) -> OptionValue {
                              if (!text.empty()) refuse(spec, text);
                              return true;
                          },
                          [&](const IntegerKind& k) -> OptionValue {
                              const auto value = parse_integer<std::int64_t>(text);
                              if (!value || !k.range.contains(*value)) refuse(spec, text);
                              return *value;
                          },
                          [&](const RealKind& k) -> OptionValue {
                              const auto value = parse_real(text);
                              if (!value || !k.range.contains(*value)) refuse(spec, text);
                              return *value;
                          },
                          [&](const ChoiceKind& k) -> OptionValue {
                              if (std::ranges::find(k.choices, text) == k.choices.end())
                                  refuse(spec, text);
                              return std::string(text);
                          },
                          [&](const IntegersKind& k) -> OptionValue {
                              return parse_list<std::int64_t>(spec, text, k.range, k.length,
                                                              parse_integer<std::int64_t>);
                          },
                          [&](const RealsKind& k) -> OptionValue {
                              return parse_list<double>(spec, text, k.range, k.length, parse_real);
                          },
                          [&](const TextKind&) -> OptionValue { return std::string(text); },
                          [&](const InputFileKind&) -> OptionValue {
                              std::string path(text);
                              if (!is_readable_file(path)) refuse(spec, text);
                              return path;
                          },
                      },
                      spec.kind);
}

void require_different(std::string_view option, std::vector<std::int64_t> values) {
    refuse_repetition(option, std::move(values));
}

void require_different(std::string_view option, std::vector<double> values) {
    refuse_repetition(option, std::move(values));
}

void validate(const OptionSpec& spec) {
    const auto fail = [&](const std::string& why) {
        throw std::invalid_argument("option '" + spec.name + "': " + why);
    };
    if (spec.name.empty() ||
        spec.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
        fail("a name consists of a-z, 0-9 and -");
    if (!fits(spec.kind, spec.quick)) fail("the quick default is not " + allowed_values(spec.kind));
    if (!fits(spec.kind, spec.full)) fail("the full default is not " + allowed_values(spec.kind));
}

Options::Options(std::vector<OptionSpec> specs, RunSettings settings,
                 const std::map<std::string, OptionValue>& given)
    : specs_(std::move(specs))
    , settings_(std::move(settings)) {
    for (const OptionSpec& spec : specs_)
        values_.emplace(spec.name, settings_.preset == Preset::quick ? spec.quick : spec.full);
    for (const auto& [name, value] : given) {
        const auto place = values_.find(name);
        if (place == values_.end()) throw std::out_of_range("no option '" + name + "'");
        place->second = value;
        given_.push_back(name);
    }
}

const OptionValue& Options::value(std::string_view name) const {
    const auto place = values_.find(name);
    if (place == values_.end()) throw std::out_of_range("no option '" + std::string(name) + "'");
    return place->second;
}

namespace {

template<class T>
const T& typed(const OptionValue& value, std::string_view name) {
    const T* const typed_value = std::get_if<T>(&value);
    if (typed_value == nullptr)
        throw std::invalid_argument("option '" + std::string(name) + "' has another type");
    return *typed_value;
}

} // namespace

bool Options::flag(std::string_view name) const {
    return typed<bool>(value(name), name);
}

std::int64_t Options::integer(std::string_view name) const {
    return typed<std::int64_t>(value(name), name);
}

double Options::real(std::string_view name) const {
    return typed<double>(value(name), name);
}

const std::vector<std::int64_t>& Options::integers(std::string_view name) const {
    return typed<std::vector<std::int64_t>>(value(name), name);
}

const std::vector<double>& Options::reals(std::string_view name) const {
    return typed<std::vector<double>>(value(name), name);
}

const std::string& Options::text(std::string_view name) const {
    return typed<std::string>(value(name), name);
}

bool Options::selected(std::string_view check) const {
    return settings_.only.empty() ||
           std::ranges::find(settings_.only, check) != settings_.only.end();
}

std::vector<Options::Effective> Options::effective() const {
    std::vector<Effective> list;
    list.reserve(specs_.size());
    for (const OptionSpec& spec : specs_)
        list.push_back({spec.name, value(spec.name), spec.unit,
                        std::ranges::find(given_, spec.name) != given_.end()});
    return list;
}

} // namespace moe
