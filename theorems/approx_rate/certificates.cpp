#include "certificates.hpp"

#include "certification/certificate.hpp"

#include <algorithm>
#include <cmath>

namespace approx_rate {

using moe::decide;
using moe::number;
using moe::Rows;
using moe::rows_with;

void add_certificates(moe::Judgement& judgement, const std::string& check, const Rows& rows,
                      double lambda) {
    if (rows.empty()) return;
    const bool bits = check == "bit-extraction";
    const auto add = [&](const char* name, moe::Expected expected, double measured,
                         const char* evidence) {
        judgement.claims.push_back(
            decide(check + "." + name, expected, measured, rows.size(), evidence));
    };
    const auto largest_of = [&](std::string_view column) {
        return rows.largest(
            [&](const moe::Table& t, std::size_t row) { return t.real(row, column); });
    };
    using moe::Relation;
    if (bits) {
        add("nodes", {Relation::at_most, 1.0, moe::identity_tolerance},
            largest_of("node_deviation"),
            "largest |f - v|/q over all nodes of the paths of every touched expert");
        const double starts = largest_of("start_deviation") / lambda;
        const double codes = rows.largest([](const moe::Table& t, std::size_t row) {
            return t.boolean(row, "codes_round_trip") ? 0.0 : 1.0;
        });
        add("codes", {Relation::at_most, 0.0, moe::identity_tolerance}, std::max(starts, codes),
            "stored codes equal recomputed ones (else 1); rounding of the stored path starts");
    } else {
        add("nodes", {Relation::at_most, 0.0, moe::identity_tolerance},
            largest_of("node_deviation") / lambda,
            "largest |net - f|/lambda at the nodes of every touched expert; then E is proved");
        const double tightness = Rows(rows.table(), [&](const moe::Table& t, std::size_t row) {
                                     return t.text(row, "construction") == check &&
                                            t.text(row, "family") == "adv";
                                 }).largest([](const moe::Table& t, std::size_t row) {
            return std::abs(t.real(row, "special_error") / t.real(row, "certified_error") - 1.0);
        });
        add("tight", {Relation::at_most, 0.0, moe::sampled_error_tolerance}, tightness,
            "largest |E_samp/E - 1| of the worst-case target on lattice corners");
    }
    add("reference", {Relation::at_most, 0.0, moe::identity_tolerance},
        largest_of("reference_deviation") / lambda,
        bits ? "largest |net - median of the path values|/lambda outside step zones"
             : "largest |net - sort-based Freudenthal interpolant|/lambda");
    add("sampled", {Relation::at_most, 0.0, moe::sampled_error_tolerance},
        rows.largest([&](const moe::Table& t, std::size_t row) {
            return (t.real(row, "sampled_error") - t.real(row, "certified_error")) / lambda;
        }),
        "largest (E_samp - E)/lambda over four families of targets; negative: below the bound");
    add("loading", {Relation::at_most, 0.0, 0.0},
        rows.largest([](const moe::Table& t, std::size_t row) {
            const double loaded = std::abs(number(t, row, "parameters_loaded") -
                                           number(t, row, "parameters_formula"));
            const double bytes =
                std::abs(t.real(row, "bytes_per_load") - 8.0 * number(t, row, "parameters_loaded"));
            const double experts =
                std::abs(number(t, row, "experts_counted") - number(t, row, "experts_formula"));
            // Without a stored tree the prototypes are computed, not read.
            if (!t.boolean(row, "materialised")) return loaded + bytes + experts;
            const double route =
                std::abs(number(t, row, "route_reals_read") -
                         2.0 * number(t, row, "n") * number(t, row, "route_depth"));
            const double height = std::max(0.0, number(t, row, "route_reals_read") -
                                                    number(t, row, "route_reals_formula"));
            return loaded + bytes + experts + route + height;
        }),
        "store counters against P, 8P bytes a load and L, stored routers against 2n reals a node "
        "and "
        "2n height");
    const Rows stored(rows.table(), [&](const moe::Table& t, std::size_t row) {
        return t.text(row, "construction") == check && t.boolean(row, "materialised");
    });
    if (stored.empty()) return;
    judgement.claims.push_back(
        decide(check + ".floor", {Relation::at_most, 1.0, 0.0},
               stored.largest([](const moe::Table& t, std::size_t row) {
                   return number(t, row, "sign_points") / (8.0 * number(t, row, "file_bytes"));
               }),
               stored.size(), "largest G/(8 file bytes) over completely written models"));
}

} // namespace approx_rate
