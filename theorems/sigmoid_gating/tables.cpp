#include "sigmoid_gating/tables.hpp"

#include <cmath>

namespace sigmoid_gating {

namespace {

using moe::TableSchema;
using moe::Value;
using enum moe::ColumnType;

Value real_or_empty(double value) {
    return std::isnan(value) ? Value{} : Value{value};
}

} // namespace

TableSchema fits_schema() {
    return {"fits",
            "one fit of a simulated cell: the best of its starts",
            {{"cell", text,
              "truth and class: SIG2C.gelu, ...; with .atom0, .atom1, .split, .dead one of its two "
              "representations, without the whole box"},
             {"n", integer, "samples"},
             {"repetition", integer, "number of the data set"},
             {"gain", real,
              "SSE(feasible reference) - SSE(fit), units of chi square; empty if no start ended"},
             {"F", real, "distance of the fitted from the true function in L2(grid)"},
             {"E_exact", real, "cells of one atom: |D b1| + |D b0| + |D eta|"},
             {"E_exx", real, "cells of one atom: |D eta|"},
             {"E_over", real, "cells of several atoms: mass-weighted root mean square of D eta"},
             {"E_dead", real, "|eta| of the atoms nearest to the zero expert"},
             {"expert_0", real, "|D eta| of true atom 0 if its cell has one atom"},
             {"expert_1", real, "|D eta| of true atom 1 if its cell has one atom"},
             {"D", real, "D1 (SIG1), Ds (SOFT), distance to the minimisers (regime 2)"},
             {"pattern", text,
              "fitted atoms in each cell, of true atoms and (three numbers) the zero expert; the "
              "nearest exact set (linear)"},
             {"expected_pattern", boolean, "whether the pattern is the claimed one"},
             {"start", integer, "start that won (0 is the certificate start)"},
             {"rounds", integer, "rounds of starts, more than one if the certificate failed"},
             {"fits", integer, "starts that were followed"},
             {"uniform_lead", real,
              "gain of the best uniform start less that of the best other one, chi square"},
             {"on_box", integer, "parameters at an end of the box"},
             {"bounds", text, "which: role of the atom, parameter and end"}}};
}

std::vector<TableSchema> schemas() {
    return {
        {"agreements",
         "quantities that must agree: derivatives, representations of one function, objectives",
         {{"what", text, "jacobian, common-truth, inclusion, ratio-model"},
          {"gate", text, "gate"},
          {"expert", text, "expert"},
          {"noise", real, "amplitude of the noise of the data"},
          {"one", real, "first value"},
          {"other", real, "second value"},
          {"difference", real, "largest difference (relative but for jacobian)"}}},
        {"lemmas",
         "statements checked in exact integers",
         {{"statement", text, "what must hold"},
          {"cases", integer, "cases"},
          {"failures", integer, "cases in which it does not"}}},
        {"kinks",
         "distance of a ReLU kink from two halves of it",
         {{"displacement", real, "d"},
          {"norm", real, "L2(dx) norm by quadrature"},
          {"closed_form", real, "d^(3/2)/sqrt(6)"}}},
        {"ratios",
         "ratio sequences: |f_Gm - f_G*| / D_r",
         {{"gate", text, "gate"},
          {"r", real, "power of the loss"},
          {"m", real, "index of the sequence"},
          {"ratio", real, "L2(U[-3, 3]) distance of the functions over the loss"}}},
        {"families",
         "exact representations of a truth that are far from it in the Voronoi losses",
         {{"family", text,
           "scale, opposite-gates, rescaled-gate, same-gate, complement, mirror, dead"},
          {"gate", text, "gate"},
          {"expert", text, "expert"},
          {"control", boolean, "the expert lacks what the family needs: must deviate"},
          {"deviation", real, "max |f_G - f_G*| / (1 + max |f_G*|)"},
          {"loss_r1", real, "D_r of G from the truth, r = 1"},
          {"loss_r2", real, "D_r, r = 2"},
          {"loss_r4", real, "D_r, r = 4"},
          {"objective_change", real, "relative change of the SSE on a noisy data set"}}},
        {"tangents",
         "smallest singular value of the regime-2 tangent over 41 x 41 nuisance gates",
         {{"truth", text, "truth"},
          {"minimum", real, "least over the gates"},
          {"maximum", real, "largest over the gates"},
          {"b1", real, "gate of the dead atom at the minimum"},
          {"b0", real, "gate of the dead atom at the minimum"},
          {"at_true_gate", real, "least over the truth's own gates"}}},
        {"moduli",
         "least distance of the functions when the two atoms of the split cell differ by delta",
         {{"truth", text, "truth"},
          {"direction", integer, "0..2 axes of (b1, a, b), then random ones; -1 scale direction"},
          {"delta", real, "distance of the two atoms"},
          {"norm", real, "m(delta), L2(grid)"}}},
        fits_schema(),
        {"floors",
         "population minimisers: best of many starts on noise-free data",
         {{"fit", text, "which truth is fitted by which class"},
          {"part", integer, "block of starts"},
          {"rms", real, "distance of the best fit from the truth in L2(grid)"},
          {"starts", integer, "starts"},
          {"reached", integer, "starts that end within a relative 1e-6 of the best"},
          {"on_box", integer, "parameters of the best fit at an end of the box"},
          {"distance", real, "true experts to the nearest fitted ones, summed"},
          {"minimiser", text, "atoms (b1, b0, a, b)"}}}};
}

moe::Row row(const AgreementRow& a) {
    return {a.what,
            a.gate,
            a.expert,
            real_or_empty(a.noise),
            real_or_empty(a.one),
            real_or_empty(a.other),
            real_or_empty(a.difference)};
}

moe::Row row(const LemmaRow& l) {
    return {l.statement, l.cases, l.failures};
}

moe::Row row(const KinkRow& k) {
    return {k.displacement, k.norm, k.closed_form};
}

moe::Row row(const RatioRow& r) {
    return {r.gate, r.r, r.m, r.ratio};
}

moe::Row row(const FamilyRow& f) {
    return {f.family,
            f.gate,
            f.expert,
            f.control,
            f.deviation,
            real_or_empty(f.loss1),
            real_or_empty(f.loss2),
            real_or_empty(f.loss4),
            f.objective_change};
}

moe::Row row(const TangentRow& t) {
    return {t.truth, t.minimum, t.maximum, t.b1, t.b0, t.at_true_gate};
}

moe::Row row(const ModulusRow& m) {
    return {m.truth, m.direction, m.delta, m.norm};
}

moe::Row row(const FitRow& f) {
    return {f.cell,
            f.n,
            f.repetition,
            real_or_empty(f.gain),
            real_or_empty(f.F),
            real_or_empty(f.exact),
            real_or_empty(f.exact_experts),
            real_or_empty(f.over),
            real_or_empty(f.dead),
            real_or_empty(f.expert_0),
            real_or_empty(f.expert_1),
            real_or_empty(f.loss),
            f.pattern,
            f.expected_pattern,
            f.start,
            f.rounds,
            f.fits,
            real_or_empty(f.uniform_lead),
            f.on_box,
            f.bounds};
}

moe::Row row(const FloorRow& f) {
    return {f.fit,      f.part, f.rms, f.starts, f.reached, f.on_box, real_or_empty(f.distance),
            f.minimiser};
}

} // namespace sigmoid_gating
