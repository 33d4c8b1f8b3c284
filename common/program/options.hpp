#pragma once
// Options of a program: declared as checked value types with a default for each preset, read by
// name and type. How they are read from the command line stands in command_line.hpp.

#include "program/ranges.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace moe {

enum class Preset { quick, full };

[[nodiscard]] std::string_view to_string(Preset preset) noexcept;

using OptionValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                                 std::vector<double>>;

/// Decimals that read back to the same value; lists are comma-separated, flags "yes" or "no".
[[nodiscard]] std::string to_string(const OptionValue& value);

/// Number of entries of a list option.
struct ListLength {
    std::size_t least = 1;
    std::size_t most = 1000;

    friend bool operator==(const ListLength&, const ListLength&) = default;
};

struct FlagKind {};
struct IntegerKind {
    IntegerRange range;
};
struct RealKind {
    RealRange range;
};
struct ChoiceKind {
    std::vector<std::string> choices;
};
struct IntegersKind {
    IntegerRange range;
    ListLength length;
};
struct RealsKind {
    RealRange range;
    ListLength length;
};
struct TextKind {};
struct InputFileKind {}; ///< a regular file that can be read; the empty default means none

using OptionKind = std::variant<FlagKind, IntegerKind, RealKind, ChoiceKind, IntegersKind,
                                RealsKind, TextKind, InputFileKind>;

/// What values of that kind are allowed, for people: "integer in 1..8", "one of wide, narrow".
[[nodiscard]] std::string allowed_values(const OptionKind& kind);

/// One option of a theorem, without the leading dashes in its name.
struct OptionSpec {
    std::string name;
    std::string help;
    OptionKind kind;
    OptionValue quick; ///< value under --preset quick
    OptionValue full;  ///< value under --preset full
    std::string unit;  ///< "" if it has none
};

/// Declarations. The two values are those of the presets quick and full.
[[nodiscard]] OptionSpec flag_option(std::string name, std::string help);
[[nodiscard]] OptionSpec integer_option(std::string name, std::string help, IntegerRange range,
                                        std::int64_t quick, std::int64_t full,
                                        std::string unit = {});
[[nodiscard]] OptionSpec real_option(std::string name, std::string help, RealRange range,
                                     double quick, double full, std::string unit = {});
[[nodiscard]] OptionSpec choice_option(std::string name, std::string help,
                                       std::vector<std::string> choices, std::string quick,
                                       std::string full);
[[nodiscard]] OptionSpec integers_option(std::string name, std::string help, IntegerRange range,
                                         std::vector<std::int64_t> quick,
                                         std::vector<std::int64_t> full, std::string unit = {},
                                         ListLength length = {});
[[nodiscard]] OptionSpec reals_option(std::string name, std::string help, RealRange range,
                                      std::vector<double> quick, std::vector<double> full,
                                      std::string unit = {}, ListLength length = {});
[[nodiscard]] OptionSpec text_option(std::string name, std::string help, std::string value);
/// A file to read; "" as default means none. A given file must be readable (InputError).
[[nodiscard]] OptionSpec input_file_option(std::string name, std::string help,
                                           std::string value = {});

/// Reads the text of an option. Throws InputError naming option, value and what is allowed.
[[nodiscard]] OptionValue parse_option(const OptionSpec& spec, std::string_view text);

/// For lists whose values name cells: throws InputError naming the option and the value if one is
/// given twice. `option` is without the leading dashes.
void require_different(std::string_view option, std::vector<std::int64_t> values);
void require_different(std::string_view option, std::vector<double> values);

/// Throws std::invalid_argument naming the option if a default does not fit its kind.
void validate(const OptionSpec& spec);

/// What every program takes besides its own options, as far as results or their place depend on it.
struct RunSettings {
    Preset preset = Preset::quick;
    std::uint64_t seed = 1;
    unsigned threads = 1;
    std::string device = "cpu";              ///< the chosen one, never "auto"
    std::filesystem::path out = "data/runs"; ///< results go to out/<program>/
    std::vector<std::string> only;           ///< checks to run; empty means all
    std::string sabotage;                    ///< empty means none
};

/// The effective options of a run; a value type. Accessors by name throw std::out_of_range for an
/// option that was not declared and std::invalid_argument for one of another type.
class Options {
  public:
    /// Values of the preset, overridden by what was given (by option name).
    Options(std::vector<OptionSpec> specs, RunSettings settings,
            const std::map<std::string, OptionValue>& given);

    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] std::int64_t integer(std::string_view name) const;
    [[nodiscard]] double real(std::string_view name) const;
    [[nodiscard]] const std::vector<std::int64_t>& integers(std::string_view name) const;
    [[nodiscard]] const std::vector<double>& reals(std::string_view name) const;
    /// A choice, a text or a path.
    [[nodiscard]] const std::string& text(std::string_view name) const;

    [[nodiscard]] Preset preset() const noexcept { return settings_.preset; }
    [[nodiscard]] std::uint64_t seed() const noexcept { return settings_.seed; }
    [[nodiscard]] unsigned threads() const noexcept { return settings_.threads; }
    /// "cpu" or "cuda".
    [[nodiscard]] const std::string& device() const noexcept { return settings_.device; }
    [[nodiscard]] const std::filesystem::path& out() const noexcept { return settings_.out; }
    [[nodiscard]] const std::vector<std::string>& only() const noexcept { return settings_.only; }
    /// Whether a check is to be run and judged (all of them without --only).
    [[nodiscard]] bool selected(std::string_view check) const;
    /// Name of the sabotage; empty in an honest run.
    [[nodiscard]] const std::string& sabotage() const noexcept { return settings_.sabotage; }

    /// One theorem option as it is in force.
    struct Effective {
        std::string name;
        OptionValue value;
        std::string unit;
        bool given; ///< on the command line, not by the preset
    };
    /// All theorem options in the order of their declaration.
    [[nodiscard]] std::vector<Effective> effective() const;

  private:
    [[nodiscard]] const OptionValue& value(std::string_view name) const;

    std::vector<OptionSpec> specs_;
    RunSettings settings_;
    std::map<std::string, OptionValue, std::less<>> values_;
    std::vector<std::string> given_;
};

} // namespace moe
