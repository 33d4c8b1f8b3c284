#include "gating/reference_truths.hpp"
#include "gating/voronoi.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace {

using moe::Atom;
using moe::ExpertActivation;
using moe::GatedFunction;
using moe::GateKind;
using moe::VoronoiCells;
using moe::VoronoiErrors;
using namespace moe::reference;

constexpr ExpertActivation gelu = ExpertActivation::gelu;
constexpr double infinity = std::numeric_limits<double>::infinity();
using Sizes = std::vector<std::size_t>;

bool close(double value, double expected, double tolerance) {
    return std::abs(value - expected) <= tolerance;
}

GatedFunction fit(GateKind gate, std::vector<Atom> atoms) {
    return {gate, gelu, std::move(atoms)};
}

BOOST_AUTO_TEST_SUITE(voronoi)

// Measured with an independent prototype.
BOOST_AUTO_TEST_CASE(a_split_atom_in_regime_1_has_the_measured_errors) {
    const VoronoiCells cells = moe::voronoi_cells(
        fit(GateKind::sigmoid,
            {{0.1, -1.2, -1.6, 1.3}, {-0.1, -1.0, -1.8, 1.6}, {0.95, -0.55, 1.95, -0.25}}),
        SIG1(gelu));
    BOOST_TEST((cells.sizes == Sizes{2, 1}));
    BOOST_TEST((cells.cell == Sizes{0, 0, 1}));
    const VoronoiErrors errors = moe::voronoi_errors(cells);
    BOOST_TEST(close(errors.exact.value(), 0.170710678119, 1e-12));
    BOOST_TEST(close(errors.exact_experts.value(), 0.070710678119, 1e-12));
    BOOST_TEST(close(errors.over.value(), 0.190060649098, 1e-12));
    BOOST_TEST(!errors.dead.has_value());
    BOOST_TEST(close(moe::loss_D1(cells), 0.359814976102, 1e-12));
}

BOOST_AUTO_TEST_CASE(a_dead_atom_in_regime_2_has_the_measured_errors) {
    const VoronoiCells cells = moe::voronoi_cells_with_zero_expert(
        fit(GateKind::sigmoid,
            {{-0.75, 0.25, -1.65, 1.45}, {0.85, -0.15, 1.85, -0.35}, {1.3, -2.0, 0.02, -0.03}}),
        SIG2C(gelu));
    BOOST_TEST((cells.sizes == Sizes{1, 1, 1}));
    const VoronoiErrors errors = moe::voronoi_errors(cells);
    BOOST_TEST(close(errors.exact.value(), 0.341421356237, 1e-12));
    BOOST_TEST(close(errors.exact_experts.value(), 0.141421356237, 1e-12));
    BOOST_TEST(close(errors.dead.value(), 0.036055512755, 1e-12));
    BOOST_TEST(!errors.over.has_value());
}

BOOST_AUTO_TEST_CASE(the_truth_itself_has_no_error) {
    for (const GatedFunction& truth : {SIG1(gelu), SIG2(gelu), SIG2C(gelu), SOFT(gelu)}) {
        const VoronoiCells cells = moe::voronoi_cells(truth, truth);
        BOOST_TEST((cells.sizes == Sizes{1, 1}));
        BOOST_TEST(moe::voronoi_errors(cells).exact.value() == 0.0);
        BOOST_TEST(!moe::voronoi_errors(cells).over.has_value());
        BOOST_TEST((truth.gate == GateKind::softmax ? moe::loss_Ds(cells) : moe::loss_D1(cells)) ==
                   0.0);
    }
}

BOOST_AUTO_TEST_CASE(ties_go_to_the_first_true_atom) {
    const GatedFunction truth = fit(GateKind::sigmoid, {{0, 0, 1, 0}, {0, 0, -1, 0}});
    const GatedFunction between = fit(GateKind::sigmoid, {{0, 0, 0, 1}, {0, 0, -1, 0}});
    BOOST_TEST((moe::voronoi_cells(between, truth).cell == Sizes{0, 1}));
}

BOOST_AUTO_TEST_CASE(the_slope_of_the_gate_counts_but_not_its_constant) {
    const GatedFunction truth = fit(GateKind::sigmoid, {{1, 0, 1, 0}, {-1, 2, 1, 0}});
    const GatedFunction other = fit(GateKind::sigmoid, {{-1, -2, 1, 0}, {1, 2, 1, 0}});
    BOOST_TEST((moe::voronoi_cells(other, truth).cell == Sizes{1, 0}));
}

BOOST_AUTO_TEST_CASE(an_empty_cell_makes_every_error_infinite) {
    const GatedFunction crowd =
        fit(GateKind::sigmoid, {{0, 0, -1.7, 1.4}, {0, 0, -1.6, 1.4}, {0, 0, -1.7, 1.5}});
    const VoronoiCells cells = moe::voronoi_cells(crowd, SIG1(gelu));
    BOOST_TEST((cells.sizes == Sizes{3, 0}));
    const VoronoiErrors errors = moe::voronoi_errors(cells);
    for (const auto& error : {errors.exact, errors.exact_experts, errors.over, errors.dead}) {
        BOOST_TEST(error.value() == infinity);
    }
    BOOST_TEST(moe::loss_D1(cells) == infinity);
    // A split in regime 2 leaves the cell of the zero expert empty.
    const GatedFunction split =
        fit(GateKind::sigmoid,
            {{0.8, -0.4, -1.7, 1.4}, {0.8, -0.4, -1.6, 1.4}, {0.9, -0.6, 1.9, -0.3}});
    const VoronoiCells dead = moe::voronoi_cells_with_zero_expert(split, SIG2(gelu));
    BOOST_TEST((dead.sizes == Sizes{2, 1, 0}));
    BOOST_TEST(moe::voronoi_errors(dead).exact.value() == infinity);
}

// Splitting eta* = (1.5, 0.5) into (1 -/+ 1/2) eta* with the mass halved is exact for homogeneous
// experts; each of the two atoms is |eta*|/2 away, so that D2r = 2 (sqrt(2.5)/2)^r.
BOOST_AUTO_TEST_CASE(a_scale_split_has_the_losses_of_the_closed_form) {
    const double b0 = 0.6;
    const double half = 0.5 / (1.0 + std::exp(-b0));
    const double b0_of_half = std::log(half / (1.0 - half));
    const GatedFunction truth{GateKind::sigmoid, ExpertActivation::linear, {{0.0, b0, 1.5, 0.5}}};
    const GatedFunction split{GateKind::sigmoid,
                              ExpertActivation::linear,
                              {{0.0, b0_of_half, 0.75, 0.25}, {0.0, b0_of_half, 2.25, 0.75}}};
    BOOST_TEST(moe::grid_distance(truth, split, grid()) <= 1e-14);
    const VoronoiCells cells = moe::voronoi_cells(split, truth);
    BOOST_TEST(close(moe::loss_D2r(cells, 1.0), 1.581139, 1e-6));
    BOOST_TEST(close(moe::loss_D2r(cells, 2.0), 1.25, 1e-14));
    BOOST_TEST(close(moe::loss_D2r(cells, 4.0), 0.78125, 1e-14));
    BOOST_TEST(close(moe::loss_D1(cells), 1.25, 1e-14));
}

// Two atoms of mass (w/2)(1 + t), biases b* -/+ 1/m: Ds_r = w t + w (1 + t) m^-r.
BOOST_AUTO_TEST_CASE(the_softmax_ratio_sequence_has_the_loss_of_the_closed_form) {
    const double w = std::exp(0.6);
    for (const double m : {10.0, 100.0}) {
        for (const double r : {1.0, 3.0, 6.0}) {
            const double t = std::pow(m, -(r + 1.0));
            const double b0 = 0.6 + std::log(0.5 * (1.0 + t));
            const GatedFunction truth{GateKind::softmax,
                                      ExpertActivation::linear,
                                      {{-1.0, 0.6, 1.5, 0.5}, {0.0, 0.0, -1.2, 0.8}}};
            const GatedFunction split{GateKind::softmax,
                                      ExpertActivation::linear,
                                      {{-1.0, b0, 1.5, 0.5 - 1.0 / m},
                                       {-1.0, b0, 1.5, 0.5 + 1.0 / m},
                                       {0.0, 0.0, -1.2, 0.8}}};
            const VoronoiCells cells = moe::voronoi_cells(split, truth);
            BOOST_TEST((cells.sizes == Sizes{2, 1}));
            const double expected = w * t + w * (1.0 + t) * std::pow(m, -r);
            BOOST_TEST(close(moe::loss_Ds_r(cells, r), expected, 1e-14));
        }
    }
}

BOOST_AUTO_TEST_CASE(relabelled_softmax_fits_have_the_same_errors) {
    const GatedFunction fitted =
        fit(GateKind::softmax,
            {{-0.75, -0.4, -1.65, 1.45}, {-0.85, -0.5, -1.8, 1.3}, {0.0, 0.0, 1.95, -0.25}});
    const VoronoiCells cells = moe::voronoi_cells(fitted, SOFT(gelu));
    BOOST_TEST((cells.sizes == Sizes{2, 1}));
    for (const Sizes& order : {Sizes{1, 0, 2}, Sizes{2, 0, 1}, Sizes{1, 2, 0}}) {
        GatedFunction other = fitted;
        for (std::size_t i = 0; i < 3; ++i) {
            other.atoms[i] = fitted.atoms[order[i]];
        }
        other = moe::translated_gates(other, 2); // the frozen gate of a fit
        const VoronoiCells same = moe::voronoi_cells(other, SOFT(gelu));
        BOOST_TEST((same.sizes == Sizes{2, 1}));
        BOOST_TEST(close(moe::loss_Ds(same), moe::loss_Ds(cells), 1e-14));
        BOOST_TEST(
            close(*moe::voronoi_errors(same).exact, *moe::voronoi_errors(cells).exact, 1e-14));
        BOOST_TEST(close(*moe::voronoi_errors(same).over, *moe::voronoi_errors(cells).over, 1e-14));
    }
}

/// The same function: every gate moved by (b1, b0).
GatedFunction moved_gates(GatedFunction function, double b1, double b0) {
    for (Atom& atom : function.atoms) {
        atom.b1 += b1;
        atom.b0 += b0;
    }
    return function;
}

BOOST_AUTO_TEST_CASE(halves_of_either_softmax_atom_are_the_truth_in_every_gauge) {
    const double half = std::log(0.5);
    for (const std::size_t shared : {std::size_t{0}, std::size_t{1}}) {
        GatedFunction halves = SOFT(gelu);
        halves.atoms[shared].b0 += half;
        halves.atoms.push_back(halves.atoms[shared]);
        BOOST_TEST(moe::grid_distance(halves, SOFT(gelu), grid()) <= 1e-14);
        for (const double b1 : {0.0, 0.7, -1.9}) {
            for (const double b0 : {0.0, 2.3, -40.0}) {
                const VoronoiCells cells =
                    moe::voronoi_cells(moved_gates(halves, b1, b0), SOFT(gelu));
                BOOST_TEST((cells.sizes == (shared == 0 ? Sizes{2, 1} : Sizes{1, 2})));
                const VoronoiErrors errors = moe::voronoi_errors(cells);
                BOOST_TEST(close(moe::loss_Ds(cells), 0.0, 3e-14));
                BOOST_TEST(close(errors.exact.value(), 0.0, 3e-14));
                BOOST_TEST(close(errors.over.value(), 0.0, 3e-14));
            }
        }
    }
}

// Masses 1/4 and 3/4 with slopes 0.3 and -0.1: total mass 1, mean slope 0, and
// Ds = 0.3^2/4 + 3 0.1^2/4 = 0.03, whichever of the two a fit has frozen.
BOOST_AUTO_TEST_CASE(a_shared_softmax_atom_is_measured_from_its_total_mass_and_mean_slope) {
    const Atom one = SOFT(gelu).atoms[0];
    const Atom two = SOFT(gelu).atoms[1];
    const GatedFunction fitted =
        fit(GateKind::softmax,
            {one, {0.3, std::log(0.25), two.a, two.b}, {-0.1, std::log(0.75), two.a, two.b}});
    for (const std::size_t frozen : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
        const VoronoiCells cells =
            moe::voronoi_cells(moe::translated_gates(fitted, frozen), SOFT(gelu));
        BOOST_TEST((cells.sizes == Sizes{1, 2}));
        BOOST_TEST(close(moe::loss_Ds(cells), 0.03, 1e-15));
        BOOST_TEST(close(moe::voronoi_errors(cells).exact.value(), 0.0, 1e-14));
    }
}

// The atom with the last true expert is steep and has little mass. In its own gauge the other one
// of its cell would be nearer to the first true atom.
BOOST_AUTO_TEST_CASE(the_gauge_of_a_softmax_fit_is_not_that_of_a_light_atom) {
    const GatedFunction truth = fit(GateKind::softmax, {{1.0, 0.0, 1.0, 0.0}, {0, 0, 1.0, 0.2}});
    const GatedFunction fitted = fit(GateKind::softmax, {{1.0, 0.0, 1.0, 0.0},
                                                         {1.0 / 6.0, std::log(0.9), 1.0, 0.21},
                                                         {-1.5, std::log(0.1), 1.0, 0.2}});
    const VoronoiCells cells = moe::voronoi_cells(fitted, truth);
    BOOST_TEST((cells.cell == Sizes{0, 1, 1}));
    BOOST_TEST(close(moe::voronoi_errors(cells).exact.value(), 0.0, 1e-14));
    BOOST_TEST(close(moe::loss_Ds(cells), 0.9 * (1.0 / 36.0 + 1e-4) + 0.1 * 2.25, 1e-14));
}

BOOST_AUTO_TEST_CASE(experts_are_told_atom_by_atom_where_one_has_a_cell_to_itself) {
    const VoronoiErrors split = moe::voronoi_errors(moe::voronoi_cells(
        fit(GateKind::sigmoid,
            {{0.1, -1.2, -1.6, 1.3}, {-0.1, -1.0, -1.8, 1.6}, {0.95, -0.55, 1.95, -0.25}}),
        SIG1(gelu)));
    BOOST_TEST(!split.experts.at(0).has_value());
    BOOST_TEST(close(split.experts.at(1).value(), std::hypot(0.05, 0.05), 1e-15));
    const VoronoiErrors crowd = moe::voronoi_errors(moe::voronoi_cells(
        fit(GateKind::sigmoid, {{0, 0, -1.7, 1.4}, {0, 0, -1.6, 1.4}}), SIG1(gelu)));
    BOOST_TEST(crowd.experts.at(0).value() == infinity);
}

BOOST_AUTO_TEST_CASE(D3_takes_the_best_pairing_of_slopes_with_the_same_sign) {
    const GatedFunction minimiser = fit(
        GateKind::sigmoid, {{0.1, 2.5, -1.5, 0.9}, {0.2, 1.7, 1.9, -0.6}, {-0.2, -2.5, 0.5, 0.2}});
    GatedFunction fitted = minimiser;
    fitted.atoms[1].b0 += 0.25;
    fitted.atoms[2].a += 0.125;
    const std::vector<GatedFunction> one{minimiser};
    BOOST_TEST(moe::loss_D3(fitted, one) == 0.375);
    std::swap(fitted.atoms[1], fitted.atoms[2]);
    BOOST_TEST(moe::loss_D3(fitted, one) == 0.375);
    std::swap(fitted.atoms[0], fitted.atoms[1]);
    BOOST_TEST(moe::loss_D3(fitted, one) == 0.375);
    const std::vector<GatedFunction> two{minimiser, fitted};
    BOOST_TEST(moe::loss_D3(fitted, two) == 0.0);
    for (Atom& atom : fitted.atoms) {
        atom.a = std::abs(atom.a);
    }
    BOOST_TEST(moe::loss_D3(fitted, one) == infinity);
}

BOOST_AUTO_TEST_CASE(comparisons_of_different_classes_are_refused) {
    BOOST_CHECK_THROW(static_cast<void>(moe::voronoi_cells(SOFT(gelu), SIG2C(gelu))),
                      std::invalid_argument);
    BOOST_CHECK_THROW(
        static_cast<void>(moe::voronoi_cells(SIG2(ExpertActivation::tanh), SIG2(gelu))),
        std::invalid_argument);
    BOOST_CHECK_THROW(static_cast<void>(moe::voronoi_cells(fit(GateKind::sigmoid, {}), SIG2(gelu))),
                      std::invalid_argument);
    const VoronoiCells sigmoid = moe::voronoi_cells(SIG1(gelu), SIG1(gelu));
    BOOST_CHECK_THROW(static_cast<void>(moe::loss_Ds(sigmoid)), std::invalid_argument);
    const VoronoiCells softmax = moe::voronoi_cells(SOFT(gelu), SOFT(gelu));
    BOOST_CHECK_THROW(static_cast<void>(moe::loss_D1(softmax)), std::invalid_argument);
    const std::vector<GatedFunction> two_atoms{SIG2(gelu)};
    BOOST_CHECK_THROW(static_cast<void>(moe::loss_D3(fit(GateKind::sigmoid, {Atom{}}), two_atoms)),
                      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
