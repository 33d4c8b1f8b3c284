#include "basics/error.hpp"
#include "gating/reference_truths.hpp"
#include "gating/truth.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <stdexcept>
#include <string>

namespace {

using moe::ExpertActivation;
using moe::GatedFunction;
using moe::Regime;
using namespace moe::reference;

constexpr ExpertActivation gelu = ExpertActivation::gelu;

/// The message with which the truth is refused; empty if it is not.
std::string refusal(const GatedFunction& truth, std::size_t fitted_atoms = 3) {
    try {
        moe::require_usable_truth(truth, {fitted_atoms});
    } catch (const moe::InputError& error) {
        return error.what();
    }
    return "";
}

BOOST_AUTO_TEST_SUITE(truth)

BOOST_AUTO_TEST_CASE(the_truths_of_the_experiments_are_accepted) {
    for (const GatedFunction& function : {SIG2C(gelu), SIG2(gelu), SIG1(gelu), SOFT(gelu)}) {
        BOOST_TEST(refusal(function) == "");
        BOOST_TEST(refusal(function, 2) == "");
    }
}

BOOST_AUTO_TEST_CASE(regimes_are_told_by_a_gate_without_slope) {
    BOOST_TEST((moe::regime_of(SIG1(gelu)) == Regime::one));
    BOOST_TEST((moe::regime_of(SIG2(gelu)) == Regime::two));
    BOOST_TEST((moe::regime_of(SIG2C(gelu)) == Regime::two));
    BOOST_CHECK_THROW(static_cast<void>(moe::regime_of(SOFT(gelu))), std::invalid_argument);
    moe::require_regime(SIG1(gelu), Regime::one);
    moe::require_regime(SIG2(gelu), Regime::two);
    BOOST_CHECK_THROW(moe::require_regime(SIG1(gelu), Regime::two), moe::InputError);
    BOOST_CHECK_THROW(moe::require_regime(SIG2(gelu), Regime::one), moe::InputError);
    BOOST_CHECK_THROW(moe::require_regime(SOFT(gelu), Regime::one), moe::InputError);
}

BOOST_AUTO_TEST_CASE(fewer_fitted_than_true_atoms_are_refused) {
    BOOST_TEST(refusal(SIG1(gelu), 1) == "k = 1 fitted atoms, allowed: k* = 2 to 16");
    BOOST_TEST(refusal(SIG1(gelu), 17) == "k = 17 fitted atoms, allowed: k* = 2 to 16");
    BOOST_TEST(refusal({moe::GateKind::sigmoid, gelu, {}}) == "truth: 0 atoms, allowed: 1 to 16");
}

BOOST_AUTO_TEST_CASE(a_truth_outside_the_box_is_refused_with_its_value) {
    GatedFunction function = SIG1(gelu);
    function.atoms[1].a = 2.75;
    BOOST_TEST(refusal(function) == "truth, atom 2: a = 2.75, allowed: within [-2.5, 2.5]");
    function.atoms[1].a = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(refusal(function) == "truth, atom 2: a = nan, allowed: within [-2.5, 2.5]");
}

BOOST_AUTO_TEST_CASE(softmax_gates_are_measured_from_the_last_atom) {
    GatedFunction function = SOFT(gelu);
    for (moe::Atom& atom : function.atoms) {
        atom.b0 += 10.0;
    }
    BOOST_TEST(refusal(function) == "");
    function.atoms[0].b0 = 13.0;
    BOOST_TEST(refusal(function) == "truth, atom 1: b0 = 3 (difference to the last atom's), "
                                    "allowed: within [-2.5, 2.5]");
}

BOOST_AUTO_TEST_CASE(true_atoms_that_nearly_coincide_are_refused) {
    GatedFunction function = SIG2(gelu);
    function.atoms[1] = function.atoms[0];
    function.atoms[1].b0 = 2.0; // the mass does not tell atoms apart
    function.atoms[1].b1 += 0.0625;
    BOOST_TEST(refusal(function) == "truth: atoms 1 and 2 are 0.0625 apart in "
                                    "(b1, a, b), allowed: at least 0.1");
}

BOOST_AUTO_TEST_CASE(a_softmax_truth_whose_gates_do_not_see_x_is_refused) {
    GatedFunction function = SOFT(gelu);
    function.atoms[0].b1 = 0.0;
    BOOST_TEST(refusal(function) == "softmax truth: every atom has b1 = 0, allowed: gates that "
                                    "differ (b1 is not identified otherwise)");
    function.gate = moe::GateKind::sigmoid;
    BOOST_TEST(refusal(function) == "");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
