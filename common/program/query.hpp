#pragma once
// One question of --query: a JSON object with checked accessors. What is wrong with it is an
// InputError that names the key, the value and what is allowed.

#include "program/ranges.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moe {

/// Every accessor marks its key as used; require_all_used() refuses the keys that nobody read.
/// Accessors without fallback throw InputError for a missing key. Numbers are finite; an integer
/// is written without fraction or exponent.
class Query {
  public:
    /// Parses one JSON object without duplicate keys; throws InputError.
    explicit Query(std::string_view json);
    ~Query();
    Query(Query&&) noexcept;
    Query& operator=(Query&&) noexcept;
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    /// Whether the key is there (does not count as reading it).
    [[nodiscard]] bool has(std::string_view key) const;
    /// Whether the key is there and holds a text ("free" where a number may stand).
    [[nodiscard]] bool holds_text(std::string_view key) const;

    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high);
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high,
                                       std::int64_t fallback);
    /// A seed: an integer in 0..2^64-1.
    [[nodiscard]] std::uint64_t seed(std::string_view key);
    [[nodiscard]] std::uint64_t seed(std::string_view key, std::uint64_t fallback);
    [[nodiscard]] double real(std::string_view key, const RealRange& range = {});
    [[nodiscard]] double real(std::string_view key, const RealRange& range, double fallback);
    [[nodiscard]] bool boolean(std::string_view key, bool fallback);

    /// Arrays; `least` is the smallest number of entries.
    [[nodiscard]] std::vector<std::int64_t>
    integers(std::string_view key, const IntegerRange& range = {}, std::size_t least = 1);
    [[nodiscard]] std::vector<double> reals(std::string_view key, const RealRange& range = {},
                                            std::size_t least = 1);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key,
                                                 const std::vector<std::string>& allowed);
    /// Points of dimension n: an array of arrays of n numbers, or one flat point of n numbers; for
    /// n = 1 also an array of plain numbers, one a point. At least one point.
    [[nodiscard]] std::vector<std::vector<double>> points(std::string_view key, std::size_t n,
                                                          const RealRange& range = {});

    /// Any text; one of the allowed ones; the same with a fallback for a missing key.
    [[nodiscard]] std::string text(std::string_view key);
    [[nodiscard]] std::string text(std::string_view key, const std::vector<std::string>& allowed);
    [[nodiscard]] std::string text(std::string_view key, const std::vector<std::string>& allowed,
                                   std::string_view fallback);

    /// A nested object, with the same accessors; its keys must all be used too. The reference
    /// stays valid as long as this query.
    [[nodiscard]] Query& object(std::string_view key);

    /// Throws InputError naming the first key that no accessor read, here or in a nested object.
    void require_all_used() const;

    /// For checks that the accessors do not cover: an InputError naming the key, what it holds and
    /// what is allowed.
    [[noreturn]] void refuse(std::string_view key, std::string_view allowed) const;

  private:
    Query(std::unique_ptr<nlohmann::ordered_json> object, std::string path);
    [[nodiscard]] const nlohmann::ordered_json& at(std::string_view key);

    std::unique_ptr<nlohmann::ordered_json> object_;
    std::string path_; ///< "" at the top, "truth." inside the key truth
    std::set<std::string, std::less<>> used_;
    std::vector<std::pair<std::string, std::unique_ptr<Query>>> nested_;
};

} // namespace moe
