#include "statistics/rows.hpp"

#include <optional>
#include <utility>

namespace moe {

Rows all_rows(const Table& table) {
    return {table, [](const Table&, std::size_t) { return true; }};
}

Rows rows_with(const Table& table, std::string_view column, std::string_view text) {
    return {table, [=](const Table& t, std::size_t row) { return t.text(row, column) == text; }};
}

double number(const Table& table, std::size_t row, std::string_view column) {
    return static_cast<double>(table.integer(row, column));
}

Claim decide(std::string id, Expected expected, double measured, std::int64_t observations,
             std::string evidence) {
    Claim claim;
    claim.id = std::move(id);
    claim.expected = expected;
    claim.measured = {measured, std::nullopt, observations};
    claim.verdict = judge(expected, measured);
    claim.evidence = std::move(evidence);
    return claim;
}

} // namespace moe
