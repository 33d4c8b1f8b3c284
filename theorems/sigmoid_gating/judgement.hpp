#pragma once
// What thm_sigmoid_gating claims, and how the tables decide it.

#include "program/program.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sigmoid_gating {

/// Name, papers, options, checks, claims, tables, figures and sabotages; the caller adds the
/// functions.
[[nodiscard]] moe::Program declaration();

[[nodiscard]] moe::Judgement judge(const moe::Options& options, const moe::Tables& tables);

/// Which words stand before the evidence (notes 5).
enum class Kind {
    exact,      ///< a statement that is computed: no word
    simulated,  ///< "verified", "not reproduced", "no verdict"
    consistent, ///< "consistent with the claim" if supported
    finding,    ///< "finding: differs from the stated claim" if supported
    addition    ///< "finding: not in the claim" if supported
};
[[nodiscard]] std::string with_word(Kind kind, moe::Verdict verdict, const std::string& evidence);

/// The parts of judge(), by check.
void judge_models(moe::Judgement& judgement, const moe::Table& agreements);
void judge_lemmas(moe::Judgement& judgement, const moe::Tables& tables);
void judge_families(moe::Judgement& judgement, const moe::Table& families);
void judge_tangents(moe::Judgement& judgement, const moe::Options& options,
                    const moe::Table& tangents);
void judge_moduli(moe::Judgement& judgement, const moe::Table& moduli);
void judge_floors(moe::Judgement& judgement, const moe::Table& floors);

/// Slopes, patterns, certificate and gain of the cells of one check ("gelu" or "tanh").
void judge_cells(moe::Judgement& judgement, const moe::Options& options, const moe::Table& fits,
                 const std::string& check);
/// Which representation wins over the whole box, in the cells of one check whose additional atom is
/// shared.
void judge_representations(moe::Judgement& judgement, const moe::Options& options,
                           const moe::Table& fits, const std::string& check);
/// Headline and comparisons of both gates, of the check "gelu".
void judge_headline(moe::Judgement& judgement, const moe::Options& options, const moe::Table& fits);
void judge_comparisons(moe::Judgement& judgement, const moe::Options& options,
                       const moe::Table& fits);
void judge_without_zero_expert(moe::Judgement& judgement, const moe::Options& options,
                               const moe::Tables& tables);
void judge_linear(moe::Judgement& judgement, const moe::Options& options, const moe::Table& fits);

/// A claim with its word.
[[nodiscard]] moe::Claim worded(Kind kind, moe::Claim claim);

} // namespace sigmoid_gating
