#include "rates/regression.hpp"

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/numbers.hpp"
#include "program/json_text.hpp"
#include "rates/run_record.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

namespace moe {

using Json = nlohmann::ordered_json;

namespace {

/// What a deterministic slope may differ by between compilers and libraries.
constexpr double deterministic_drift = 1e-3;

struct Band {
    double low;
    double high;
};

struct ReferenceRate {
    double slope;
    Band allowed;
};

/// What <program>.json holds.
struct Reference {
    std::string preset;
    Json seed;
    std::set<std::string> claims;
    std::map<std::string, ReferenceRate> rates;
};

bool is_deterministic(const Table& rates, std::size_t row) {
    const std::string& slopes = rates.text(row, "two_point_slopes");
    const auto sizes = 2 + std::count(slopes.begin(), slopes.end(), ' ');
    return rates.integer(row, "observations") == sizes;
}

Band allowed_band(const Table& rates, std::size_t row) {
    const double slope = rates.real(row, "slope");
    if (is_deterministic(rates, row) || rates.empty_at(row, "interval_low")) {
        return {slope - deterministic_drift, slope + deterministic_drift};
    }
    return {rates.real(row, "interval_low"), rates.real(row, "interval_high")};
}

Reference reference_of(const RunRecord& run) {
    Reference reference{run.verdict.at("preset"), run.verdict.at("seed"), {}, {}};
    for (const Json& claim : run.verdict.at("claims")) {
        reference.claims.insert(claim.at("id").get<std::string>());
    }
    for (std::size_t row = 0; row < run.rates.rows(); ++row) {
        reference.rates[run.rates.text(row, "id")] = {run.rates.real(row, "slope"),
                                                      allowed_band(run.rates, row)};
    }
    return reference;
}

Json to_json(const Reference& reference, const std::string& program) {
    Json json{{"program", program},
              {"preset", reference.preset},
              {"seed", reference.seed},
              {"claims", reference.claims},
              {"rates", Json::array()}};
    for (const auto& [id, rate] : reference.rates) {
        json["rates"].push_back(
            {{"id", id},
             {"slope", rate.slope},
             {"allowed", {{"low", rate.allowed.low}, {"high", rate.allowed.high}}}});
    }
    return json;
}

Reference read_reference(const std::filesystem::path& file) {
    const Json json = read_json(file);
    try {
        Reference reference{json.at("preset"), json.at("seed"), json.at("claims"), {}};
        for (const Json& rate : json.at("rates")) {
            reference.rates[rate.at("id").get<std::string>()] = {
                rate.at("slope").get<double>(),
                {rate.at("allowed").at("low").get<double>(),
                 rate.at("allowed").at("high").get<double>()}};
        }
        return reference;
    } catch (const Json::exception& error) {
        throw InputError("'" + file.string() + "': " + error.what());
    }
}

std::vector<std::string> unsupported_claims(const RunRecord& run) {
    std::vector<std::string> lines;
    for (const Json& claim : run.verdict.at("claims")) {
        const auto verdict = claim.at("verdict").get<std::string>();
        if (verdict == "supported") continue;
        const std::string why = verdict == "not run" ? "reason" : "evidence";
        lines.push_back("claim " + claim.at("id").get<std::string>() + " is " + verdict + ": " +
                        claim.at(why).get<std::string>());
    }
    return lines;
}

std::string interval_text(const Band& band) {
    return "[" + rounded(band.low, 6) + ", " + rounded(band.high, 6) + "]";
}

std::vector<std::string> compare_rates(const Reference& expected, const Reference& found) {
    std::vector<std::string> lines;
    for (const auto& [id, rate] : expected.rates) {
        const auto now = found.rates.find(id);
        if (now == found.rates.end()) {
            lines.push_back("rate " + id + " is gone");
        } else if (!(now->second.slope >= rate.allowed.low &&
                     now->second.slope <= rate.allowed.high)) {
            lines.push_back("rate " + id + " = " + rounded(now->second.slope, 6) +
                            " left its reference band " + interval_text(rate.allowed));
        }
    }
    for (const auto& [id, rate] : found.rates) {
        if (!expected.rates.contains(id)) lines.push_back("rate " + id + " has no reference");
    }
    return lines;
}

std::vector<std::string> compare_claims(const Reference& expected, const Reference& found) {
    std::vector<std::string> lines;
    for (const std::string& id : expected.claims) {
        if (!found.claims.contains(id)) lines.push_back("claim " + id + " is gone");
    }
    for (const std::string& id : found.claims) {
        if (!expected.claims.contains(id)) lines.push_back("claim " + id + " has no reference");
    }
    return lines;
}

/// What moved from the old reference, if there is one, to the new one.
std::vector<std::string> moves(const std::optional<Reference>& before, const Reference& now) {
    std::vector<std::string> lines;
    std::size_t unchanged = 0;
    for (const auto& [id, rate] : now.rates) {
        const std::string slope = rounded(rate.slope, 6);
        if (!before || !before->rates.contains(id)) {
            lines.push_back("new: " + id + " = " + slope + " " + interval_text(rate.allowed));
            continue;
        }
        const ReferenceRate& old = before->rates.at(id);
        const bool same = old.slope == rate.slope && old.allowed.low == rate.allowed.low &&
                          old.allowed.high == rate.allowed.high;
        if (same) {
            ++unchanged;
        } else {
            lines.push_back("moved: " + id + " = " + rounded(old.slope, 6) + " " +
                            interval_text(old.allowed) + " -> " + slope + " " +
                            interval_text(rate.allowed));
        }
    }
    if (before) {
        for (const auto& [id, rate] : before->rates) {
            if (!now.rates.contains(id)) lines.push_back("gone: " + id);
        }
    }
    lines.push_back(std::to_string(unchanged) + " of " + std::to_string(now.rates.size()) +
                    " rates unchanged");
    return lines;
}

/// Runs `body` on a run; a field that verdict.json lacks is bad input.
template<class Body>
std::vector<std::string> with_run(const std::filesystem::path& runs, const std::string& program,
                                  Body body) {
    const RunRecord run = read_run(runs, program);
    try {
        return body(run);
    } catch (const Json::exception& error) {
        throw InputError("'" + (runs / program / "verdict.json").string() + "': " + error.what());
    }
}

bool is_there(const std::filesystem::path& file) {
    std::error_code error;
    return std::filesystem::exists(file, error);
}

} // namespace

std::vector<std::string> regressions(const std::filesystem::path& runs,
                                     const std::filesystem::path& references,
                                     const std::string& program) {
    const Reference expected = read_reference(references / (program + ".json"));
    return with_run(runs, program, [&](const RunRecord& run) {
        const Reference found = reference_of(run);
        if (found.preset != expected.preset || found.seed != expected.seed) {
            throw InputError(program + ": the run has preset " + found.preset + " and seed " +
                             found.seed.dump() + ", the reference " + expected.preset + " and " +
                             expected.seed.dump());
        }
        std::vector<std::string> lines = unsupported_claims(run);
        for (const auto& part : {compare_claims(expected, found), compare_rates(expected, found)}) {
            lines.insert(lines.end(), part.begin(), part.end());
        }
        return lines;
    });
}

std::vector<std::string> renew(const std::filesystem::path& runs,
                               const std::filesystem::path& references,
                               const std::string& program) {
    return with_run(runs, program, [&](const RunRecord& run) {
        const Reference now = reference_of(run);
        const bool full = now.preset == "full";
        const std::filesystem::path file = references / (program + (full ? ".full.json" : ".json"));
        if (full) {
            const bool same = is_there(file) && MappedFile(file).text() == run.verdict_text;
            write_file(file, run.verdict_text);
            return std::vector<std::string>{same ? "full results unchanged" : "full results moved"};
        }
        const std::vector<std::string> unsupported = unsupported_claims(run);
        if (!unsupported.empty()) {
            throw InputError(program + ": no reference is made of a run that is not supported: " +
                             unsupported.front());
        }
        const std::optional<Reference> before =
            is_there(file) ? std::optional(read_reference(file)) : std::nullopt;
        write_file(file, json_text(to_json(now, program)));
        return moves(before, now);
    });
}

} // namespace moe
