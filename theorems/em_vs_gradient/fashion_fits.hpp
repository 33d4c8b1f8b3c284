#pragma once
// The methods that are compared on one data set of inverted images. All start from the same
// parameters; what they share (model, evaluation) stands in the class.

#include "datasets/inverted_images.hpp"
#include "fitting/gradient_methods.hpp"
#include "mixtures/gated_mixture.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace em_vs_gradient {

/// Gradient steps in an iteration of gradient EM.
inline constexpr moe::Index gradient_em_steps = 5;

/// Free parameters of two experts of 10 classes and their gate on the constant and d components.
[[nodiscard]] moe::Index fashion_parameters(moe::Index d);

/// Ways to break the comparison (--sabotage).
struct FashionFaults {
    bool gd_as_em = false; ///< gradient descent runs under EM's name
    bool no_gate = false;  ///< the gate is frozen at w = 0
    bool leak_z = false;   ///< EM starts from the M-step of the hidden bits
};

/// What a method reached.
struct FashionFit {
    std::vector<double> objectives;       ///< F at theta^0, ..., theta^T; one entry: an optimum
    std::vector<moe::Index> evaluated_at; ///< iterations whose accuracy was measured, T last
    std::vector<double> accuracies;       ///< fraction of test images classified right at those
                                          ///< (no meaning where F is not finite)
    double recovered;      ///< of the hidden training bits, by posterior; up to a swap of experts
    double gate_recovered; ///< of the hidden test bits, by the gate
    double step_in_lip;    ///< step size in units of 1/Lip; NaN where there is none
    moe::Vector theta;     ///< empty for the single expert
};

/// A grid of step sizes 2^j / Lip.
struct StepGrid {
    int low;
    int high;
};

class FashionProblem {
  public:
    /// Keeps a reference to the images. Gate start: normals of stream 3; experts 0.1 normals of
    /// stream 4. `poll` is called now and then and may throw. Throws as make_gated_mixture.
    FashionProblem(const moe::InvertedImages& images, double lambda,
                   const moe::DeviateSource& source, std::function<void()> poll,
                   FashionFaults faults = {});

    /// Lip: curvature bound of the mixture.
    [[nodiscard]] double lipschitz() const { return model_->curvature_bound(); }

    /// One multinomial logistic expert: its optimum.
    [[nodiscard]] FashionFit single();
    /// Two experts and a gate trained with the hidden bits as responsibilities: a reference.
    [[nodiscard]] FashionFit known_z();
    [[nodiscard]] FashionFit em(moe::Index iterations);
    /// A fit of EM run on to this many iterations in all; the fit itself if it made as many.
    [[nodiscard]] FashionFit em_on(const FashionFit& begun, moe::Index iterations);
    /// Gradient EM and gradient descent with the best step of the grid by their last F.
    [[nodiscard]] FashionFit gradient_em(moe::Index iterations, StepGrid grid);
    [[nodiscard]] FashionFit gradient_descent(moe::Index iterations, StepGrid grid);

    /// Posterior probability of "inverted" of the test images, labels known: of the expert that
    /// holds the inverted training images.
    [[nodiscard]] moe::Vector test_responsibilities(const FashionFit& fit);

  private:
    using Method = std::function<moe::Iteration(double step)>;

    [[nodiscard]] FashionFit em_from(const moe::Vector& start, moe::Index iterations);
    [[nodiscard]] FashionFit tuned(const Method& method, moe::Index iterations, StepGrid grid);
    [[nodiscard]] moe::Iteration guarded(moe::Iteration iteration) const;
    /// Accuracies along a path of iterates: all of the first 30, then ever fewer.
    [[nodiscard]] FashionFit evaluated(const std::vector<moe::Vector>& path, moe::Trace trace);
    [[nodiscard]] double accuracy(const moe::Vector& theta) const;
    /// The true inversions as responsibilities: expert 0 has the inverted training images.
    [[nodiscard]] moe::Matrix hidden_bits() const;

    const moe::InvertedImages& images_;
    moe::GatedShape shape_;
    moe::GatedSettings settings_;
    std::function<void()> poll_;
    FashionFaults faults_;
    std::unique_ptr<moe::LatentModel> model_;
    moe::Vector start_;
};

} // namespace em_vs_gradient
