#include "device.hpp"

#include "statistics/rows.hpp"

#include "basics/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace approx_rate {

namespace {

using moe::decide;
using moe::number;
using moe::Relation;
using moe::Rows;

/// What float32 is held to on nets without large weights. Here it is counted, not judged: a node
/// lattice of N points per axis multiplies the rounding of an input by N, codes of bit extraction
/// have more bits than float32.
constexpr double usual_tolerance = 1e-5;

moe::TableSchema device_table() {
    using moe::ColumnType;
    return {"device",
            "one model of the table models, run in float32 on the GPU within one expert's bytes",
            {{"ladder", ColumnType::text, "sizes that are fitted together"},
             {"construction", ColumnType::text, "kuhn, narrow, bit-extraction"},
             {"n", ColumnType::integer, "dimension"},
             {"size", ColumnType::integer, "N (r = 0), M (Kuhn) or m = d (bit extraction)"},
             {"family", ColumnType::text, "family of the target"},
             {"expert_bytes", ColumnType::integer, "4P, one expert in float32"},
             {"peak_device_bytes", ColumnType::integer,
              "most device memory that experts held, counted where it is allocated"},
             {"loads", ColumnType::integer, "experts copied to the device"},
             {"touched_experts", ColumnType::integer, "experts that the inputs were routed to"},
             {"relative_difference", ColumnType::real, "||Y32 - Y64|| / ||Y64||"},
             {"bound_ratio", ColumnType::real,
              "largest |y32 - y64| over the bound of float32's rounding errors"}}};
}

/// Codes of bit extraction need float64: their bound in float32 is so wide that no output could
/// break it. What they lose stands in the table.
bool judges_rounding(const std::string& check) {
    return check != "bit-extraction";
}

void judge_construction(moe::Judgement& judgement, const std::string& check, const Rows& rows) {
    if (rows.empty()) return;
    const auto largest_of = [&](const char* column) {
        return rows.largest(
            [&](const moe::Table& t, std::size_t row) { return number(t, row, column); });
    };
    judgement.claims.push_back(decide(
        check + ".device-residency", {Relation::at_most, 0.0, 0.0},
        rows.largest([](const moe::Table& t, std::size_t row) {
            return std::abs(number(t, row, "peak_device_bytes") - number(t, row, "expert_bytes")) +
                   std::abs(number(t, row, "loads") - number(t, row, "touched_experts"));
        }),
        rows.size(),
        "largest deviation of the counted peak from the bytes of one expert (at most " +
            std::to_string(static_cast<std::int64_t>(largest_of("expert_bytes"))) +
            "), and of the loads from the touched experts"));
    if (!judges_rounding(check)) return;
    const double relative = rows.largest(
        [](const moe::Table& t, std::size_t row) { return t.real(row, "relative_difference"); });
    const auto close = std::ranges::count_if(rows.indices(), [&](std::size_t row) {
        return rows.table().real(row, "relative_difference") <= usual_tolerance;
    });
    judgement.claims.push_back(
        decide(check + ".device-rounding", {Relation::at_most, 1.0, 0.0},
               rows.largest(
                   [](const moe::Table& t, std::size_t row) { return t.real(row, "bound_ratio"); }),
               rows.size(),
               "largest |y32 - y64| over the bound of float32's rounding errors; " +
                   std::to_string(close) + " of " + std::to_string(rows.size()) +
                   " models within 1e-5 of ||Y64||, the farthest at " + moe::rounded(relative, 3)));
}

} // namespace

moe::DeviceParts device_parts() {
    moe::DeviceParts parts{{device_table()}, {}};
    for (const char* const check : {"kuhn", "narrow", "bit-extraction"}) {
        parts.claims.push_back({std::string(check) + ".device-residency", check,
                                "arXiv:2402.03460v2", "A1, loaded parameters",
                                "on the GPU too the parameters of one expert are enough: the "
                                "memory of experts peaks at exactly the bytes of one"});
        if (!judges_rounding(check)) continue;
        parts.claims.push_back({std::string(check) + ".device-rounding", check,
                                "arXiv:2402.03460v2", "A1, on a device",
                                "outputs of the GPU differ from those in float64 by no more than "
                                "float32 rounds in these layers"});
    }
    return parts;
}

moe::Row device_row(const ModelRow& model, moe::StoredModel& stored, std::span<const double> inputs,
                    const moe::Float32Forward& forward) {
    const moe::Float32Comparison result = moe::compare_in_float32(stored, inputs, forward);
    return {model.ladder,
            model.construction,
            model.n,
            model.size,
            model.family,
            static_cast<std::int64_t>(result.expert_bytes),
            static_cast<std::int64_t>(result.use.peak_expert_bytes),
            static_cast<std::int64_t>(result.use.loads),
            model.touched_experts,
            result.relative_difference,
            result.bound_ratio};
}

void judge_device(moe::Judgement& judgement, const moe::Table& device) {
    for (const char* const check : {"kuhn", "narrow", "bit-extraction"}) {
        judge_construction(judgement, check, rows_with(device, "construction", check));
    }
}

} // namespace approx_rate
