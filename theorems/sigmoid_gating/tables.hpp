#pragma once
// The tables of thm_sigmoid_gating: their columns and one struct a row.

#include "basics/table.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace sigmoid_gating {

/// Entries that do not apply are NaN here and empty in the table.
inline constexpr double not_applicable = std::numeric_limits<double>::quiet_NaN();

/// Derivatives of one class, or two representations of one function, compared.
struct AgreementRow {
    std::string what; ///< "jacobian", "common-truth", "inclusion", "ratio-model"
    std::string gate;
    std::string expert;
    double noise = not_applicable; ///< of pseudo-noise data
    double one = not_applicable;   ///< values that are compared, where they are single numbers
    double other = not_applicable;
    double difference = not_applicable; ///< largest
};

/// Cases of a lemma in exact integers.
struct LemmaRow {
    std::string statement;
    std::int64_t cases = 0;
    std::int64_t failures = 0;
};

struct KinkRow {
    double displacement = 0.0;
    double norm = 0.0;
    double closed_form = 0.0;
};

struct RatioRow {
    std::string gate;
    double r = 1.0;
    double m = 10.0;
    double ratio = 0.0;
};

/// One exact representation of a truth (or a control that is none).
struct FamilyRow {
    std::string family; ///< "scale", "opposite-gates", ..., "dead"
    std::string gate;
    std::string expert;
    bool control = false;          ///< the expert lacks what the family needs: must deviate
    double deviation = 0.0;        ///< max |f_G - f_G*| / (1 + max |f_G*|) on the grid
    double loss1 = not_applicable; ///< D_r of G from the truth, r = 1, 2, 4
    double loss2 = not_applicable;
    double loss4 = not_applicable;
    double objective_change = 0.0; ///< relative, on one noisy data set
};

/// Smallest singular value of the regime-2 tangent over a grid of nuisance gates.
struct TangentRow {
    std::string truth;
    double minimum = 0.0;
    double maximum = 0.0;
    double b1 = 0.0; ///< gate of the dead atom at the minimum
    double b0 = 0.0;
    double at_true_gate = 0.0; ///< least over the truth's own gates
};

/// Modulus of one direction at one distance of the split atoms.
struct ModulusRow {
    std::string truth;
    std::int64_t direction = 0; ///< 0..2 the axes, negative: the scale direction
    double delta = 0.0;
    double norm = 0.0; ///< m(delta) along that direction
};

/// One fit of a simulated cell.
struct FitRow {
    std::string cell;
    std::int64_t n = 0;
    std::int64_t repetition = 0;
    double gain = 0.0;
    double F = 0.0;
    double exact = not_applicable;
    double exact_experts = not_applicable;
    double over = not_applicable;
    double dead = not_applicable;
    double expert_0 = not_applicable; ///< ||D eta|| of true atom 0 if its cell has one atom
    double expert_1 = not_applicable;
    double loss = not_applicable; ///< D1, Ds, or the distance to the set of minimisers (D3)
    std::string pattern;          ///< sizes of the cells: "2 1", "1 1 1"
    bool expected_pattern = false;
    std::int64_t start = 0; ///< which one won
    std::int64_t rounds = 1;
    std::int64_t fits = 0;
    double uniform_lead = not_applicable; ///< gain of the best uniform start less the best other's
    std::int64_t on_box = 0;
    std::string bounds; ///< "dead.b1=2.5 shared.b0=-2.5": parameters at an end of the box
};

/// A search for a population minimiser by many starts.
struct FloorRow {
    std::string fit; ///< "R2b.tanh", "SIG2.gelu by softmax", "SOFT.gelu by sigmoid"
    std::int64_t part = 0;
    double rms = 0.0;
    std::int64_t starts = 0;
    std::int64_t reached = 0; ///< starts that end within a relative 1e-6 of this part's rms
    std::int64_t on_box = 0;
    double distance = not_applicable; ///< true experts to their nearest fitted ones, summed
    std::string minimiser;            ///< atoms as text
};

[[nodiscard]] std::vector<moe::TableSchema> schemas();
[[nodiscard]] moe::TableSchema fits_schema();

[[nodiscard]] moe::Row row(const AgreementRow& agreement);
[[nodiscard]] moe::Row row(const LemmaRow& lemma);
[[nodiscard]] moe::Row row(const KinkRow& kink);
[[nodiscard]] moe::Row row(const RatioRow& ratio);
[[nodiscard]] moe::Row row(const FamilyRow& family);
[[nodiscard]] moe::Row row(const TangentRow& tangent);
[[nodiscard]] moe::Row row(const ModulusRow& modulus);
[[nodiscard]] moe::Row row(const FitRow& fit);
[[nodiscard]] moe::Row row(const FloorRow& floor);

} // namespace sigmoid_gating
