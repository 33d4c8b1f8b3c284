#include "program/conclusion.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

void fill(std::string& text, const std::string& declared) {
    if (text.empty()) text = declared;
}

Claim completed(Claim claim, const ClaimInfo& info) {
    fill(claim.id, info.id);
    fill(claim.check, info.check);
    fill(claim.paper, info.paper);
    fill(claim.theorem, info.theorem);
    fill(claim.statement, info.statement);
    return claim;
}

} // namespace

Conclusion conclude(const Program& program, const Options& options, Judgement judgement) {
    std::map<std::string, Claim> judged;
    for (Claim& claim : judgement.claims) {
        std::string id = claim.id;
        if (!judged.emplace(id, std::move(claim)).second)
            throw std::logic_error("claim '" + id + "' is judged twice");
    }
    Conclusion conclusion{{}, {}, std::move(judgement.rates), Verdict::supported};
    for (const ClaimInfo& info : program.claims) {
        auto entry = judged.extract(info.id);
        if (!options.selected(info.check)) {
            conclusion.not_run.push_back({info, "left out by --only"});
        } else if (entry.empty()) {
            conclusion.not_run.push_back({info, "no data with these options"});
        } else {
            conclusion.claims.push_back(completed(std::move(entry.mapped()), info));
        }
    }
    if (!judged.empty())
        throw std::logic_error("claim '" + judged.begin()->first + "' was not declared");

    const auto any = [&](Verdict verdict) {
        return std::ranges::any_of(conclusion.claims,
                                   [&](const Claim& claim) { return claim.verdict == verdict; });
    };
    if (any(Verdict::refuted))
        conclusion.verdict = Verdict::refuted;
    else if (conclusion.claims.empty() || any(Verdict::inconclusive))
        conclusion.verdict = Verdict::inconclusive;
    return conclusion;
}

ExitCode exit_code_of(Verdict verdict) noexcept {
    switch (verdict) {
    case Verdict::supported:
        return ExitCode::supported;
    case Verdict::refuted:
        return ExitCode::refuted;
    case Verdict::inconclusive:
        break;
    }
    return ExitCode::inconclusive;
}

} // namespace moe
