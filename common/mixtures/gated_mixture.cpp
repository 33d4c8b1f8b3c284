#include "mixtures/gated_mixture.hpp"

#include "basics/numbers.hpp"
#include "mixtures/gated_information.hpp"
#include "mixtures/gated_likelihood.hpp"
#include "mixtures/gated_m_step.hpp"
#include "mixtures/gated_parameters.hpp"

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

class GatedMixture final : public LatentModel {
  public:
    GatedMixture(const GatedShape& shape, const GatedSettings& settings, Samples samples)
        : shape_(shape)
        , settings_(settings)
        , data_(std::move(samples))
        , tiles_(data_)
        , likelihood_(shape, tiles_, gated_kernels(best_instruction_set()))
        , m_step_(shape, settings, data_, tiles_, gated_kernels(best_instruction_set()),
                  likelihood_.known_gate()) {}

    [[nodiscard]] Index samples() const noexcept override { return data_.x.rows(); }
    [[nodiscard]] Index experts() const noexcept override { return shape_.K; }
    [[nodiscard]] Index parameters() const noexcept override { return shape_.parameters(); }
    [[nodiscard]] double lambda() const noexcept override { return settings_.lambda; }
    [[nodiscard]] Block gate_block() const noexcept override {
        return {0, shape_.gate_parameters()};
    }
    [[nodiscard]] Block expert_block() const noexcept override {
        return {shape_.gate_parameters(), shape_.expert_parameters()};
    }

    [[nodiscard]] double loss(const Vector& theta) override {
        read(theta);
        return likelihood_.loss(parameters_);
    }

    double posterior(const Vector& theta, Matrix& r) override {
        read(theta);
        return likelihood_.posterior(parameters_, r);
    }

    void complete_log_density(const Vector& theta, Matrix& l) override {
        read(theta);
        likelihood_.complete_log_density(parameters_, l);
    }

    void gate(const Vector& theta, Matrix& pi) override {
        read(theta);
        likelihood_.gate(parameters_, pi);
    }

    void maximise(const Matrix& r, Vector& theta) override {
        check_weights(r);
        read(theta);
        m_step_.run(r, parameters_);
        pack(shape_, parameters_, theta);
    }

    double loss_gradient(const Vector& theta, Vector& gradient) override {
        read(theta);
        const double result = likelihood_.loss_gradient(parameters_, gradient_);
        scatter(shape_, gradient_, gradient);
        return result;
    }

    void surrogate_gradient(const Matrix& r, const Vector& theta, Vector& gradient) override {
        check_weights(r);
        read(theta);
        likelihood_.surrogate_gradient(parameters_, r, gradient_);
        scatter(shape_, gradient_, gradient);
    }

    void complete_information(const Matrix& r, const Vector& theta, Matrix& hessian) override {
        check_weights(r);
        read(theta);
        gated_complete_information(shape_, data_, parameters_, r, hessian);
    }

    void missing_information(const Vector& theta, Matrix& information) override {
        Matrix r;
        posterior(theta, r);
        gated_missing_information(shape_, data_, parameters_, r, information);
    }

    [[nodiscard]] double divergence(const Matrix& r, const Vector& a, const Vector& b) override {
        check_weights(r);
        GatedParameters at;
        check_parameters(shape_, a);
        unpack(shape_, settings_.sigma, a, at);
        read(b);
        return gated_divergence(shape_, data_, at, parameters_, r);
    }

    [[nodiscard]] double curvature_bound() const override {
        return gated_curvature_bound(shape_, settings_, data_.x);
    }

  private:
    void read(const Vector& theta) {
        check_parameters(shape_, theta);
        unpack(shape_, settings_.sigma, theta, parameters_);
    }

    void check_weights(const Matrix& r) const {
        if (r.rows() != samples() || r.cols() != experts())
            throw std::invalid_argument("mixture of experts: responsibilities are not n x K");
    }

    GatedShape shape_;
    GatedSettings settings_;
    Samples data_;
    TiledSamples tiles_;
    GatedLikelihood likelihood_;
    GatedMStep m_step_;
    GatedParameters parameters_;
    GatedParameters gradient_;
};

void check_samples(const GatedShape& shape, const Samples& samples) {
    const Index n = samples.x.rows();
    if (samples.x.cols() != shape.p)
        throw InputError("mixture of experts: x has " + std::to_string(samples.x.cols()) +
                         " features, expected " + std::to_string(shape.p));
    if (samples.y.size() != n)
        throw InputError("mixture of experts: " + std::to_string(n) + " rows of x but " +
                         std::to_string(samples.y.size()) + " responses");
    if (n < shape.parameters())
        throw InputError("mixture of experts: n = " + std::to_string(n) +
                         " samples, expected at least the number of parameters, " +
                         std::to_string(shape.parameters()));
    if (!samples.x.allFinite() || !samples.y.allFinite())
        throw InputError("mixture of experts: the data hold NaN or infinity, expected numbers");
    if (shape.family != ExpertFamily::multinomial) return;
    for (Index i = 0; i < n; ++i) {
        const double y = samples.y[i];
        if (y != std::floor(y) || y < 0 || y > static_cast<double>(shape.C - 1))
            throw InputError("mixture of experts: y = " + shortest(y) + " of sample " +
                             std::to_string(i + 1) + ", expected a class 0.." +
                             std::to_string(shape.C - 1));
    }
}

} // namespace

std::unique_ptr<LatentModel> make_gated_mixture(const GatedShape& shape,
                                                const GatedSettings& settings, Samples samples) {
    check_shape(shape, settings);
    check_samples(shape, samples);
    return std::make_unique<GatedMixture>(shape, settings, std::move(samples));
}

} // namespace moe
