#include "fitting/least_squares_models.hpp"

#include "fitting/least_squares_qr.hpp"

#include <algorithm>
#include <cmath>

namespace moe::fitting {

LocalModels::LocalModels(const ResidualFunction& function, const ParameterBox& box)
    : function_(function)
    , box_(box)
    , m_(function.residual_count())
    , p_(function.parameter_count())
    , decomposed_(std::max(m_, p_) * (p_ + 1))
    , gram_(p_ * p_)
    , curvature_(p_ * p_)
    , newton_(p_ * p_)
    , gradient_(p_)
    , scale_(p_)
    , lower_(p_)
    , upper_(p_)
    , held_(p_)
    , step_(p_)
    , way_(p_)
    , bend_gradient_(p_)
    , acceleration_(p_)
    , boxed_step_(p_) {}

bool LocalModels::build(const Linearisation& here) {
    decompose(here);
    has_curvature_ = function_.curvature(here.theta, here.residuals, curvature_);
    newton_ = gram_;
    if (has_curvature_) {
        for (std::size_t i = 0; i < newton_.size(); ++i) {
            newton_[i] += curvature_[i];
        }
    }
    measure_room(here);
    const auto finite = [](Wide value) { return std::isfinite(value); };
    return std::all_of(newton_.begin(), newton_.end(), finite) &&
           std::all_of(gradient_.begin(), gradient_.end(), finite);
}

/// The residuals go along behind the Jacobian's columns, so that one triangularisation gives R and
/// z.
void LocalModels::decompose(const Linearisation& here) {
    const std::size_t rows = std::max(m_, p_);
    const ColumnMatrix matrix{decomposed_.data(), rows, p_ + 1, rows};
    for (std::size_t j = 0; j <= p_; ++j) {
        const double* const from = j < p_ ? here.jacobian.data() + j * m_ : here.residuals.data();
        double* const to = std::copy_n(from, m_, matrix.column(j));
        std::fill(to, matrix.column(j) + rows, 0.0);
    }
    triangularise(matrix, p_);
    for (std::size_t j = 0; j <= p_; ++j) {
        for (std::size_t l = 0; l <= std::min(j, p_ - 1); ++l) {
            Wide sum = 0.0L;
            for (std::size_t i = 0; i <= l; ++i) {
                sum += Wide{matrix.at(i, j)} * matrix.at(i, l);
            }
            if (j == p_) {
                gradient_[l] = sum;
            } else {
                gram_[j * p_ + l] = sum;
                gram_[l * p_ + j] = sum;
            }
        }
    }
}

void LocalModels::measure_room(const Linearisation& here) {
    for (std::size_t j = 0; j < p_; ++j) {
        scale_[j] = static_cast<double>(std::sqrt(gram_[j * p_ + j]));
        lower_[j] = box_.lower[j] - here.theta[j];
        upper_[j] = box_.upper[j] - here.theta[j];
        const bool at_lower = lower_[j] == 0.0 && gradient_[j] >= 0.0L;
        const bool at_upper = upper_[j] == 0.0 && gradient_[j] <= 0.0L;
        held_[j] = at_lower || at_upper ? 1 : 0;
    }
    // A column of zeros (a parameter without effect) must not make the damped system singular.
    const double largest = *std::max_element(scale_.begin(), scale_.end());
    for (double& norm : scale_) {
        norm = std::max(norm, largest > 0.0 ? 1e-10 * largest : 1.0);
    }
}

double LocalModels::decrease_to_minimum() {
    return boxed_step_.decrease_without_box(quadratic(Model::newton), held_);
}

bool LocalModels::propose(Model model, double damping) {
    if (!boxed_step_.solve(quadratic(model), damping, scale_, {lower_, upper_}, held_, step_)) {
        return false;
    }
    way_ = step_;
    return true;
}

void LocalModels::bend(const Linearisation& here, Linearisation& scratch) {
    // Second derivative of the residuals along the step, by a difference: with this h the error of
    // order h and the rounding are both small against what is needed (arXiv:1201.5885, section 4).
    constexpr double h = 0.1;
    for (std::size_t j = 0; j < p_; ++j) {
        scratch.theta[j] = here.theta[j] + h * step_[j];
    }
    function_.residuals(scratch.theta, scratch.residuals);
    for (std::size_t i = 0; i < m_; ++i) {
        scratch.residuals[i] = (scratch.residuals[i] - here.residuals[i]) / h;
    }
    for (std::size_t j = 0; j < p_; ++j) {
        const double* const column = here.jacobian.data() + j * m_;
        for (std::size_t i = 0; i < m_; ++i) {
            scratch.residuals[i] -= column[i] * step_[j];
        }
    }
    for (std::size_t j = 0; j < p_; ++j) {
        const double* const column = here.jacobian.data() + j * m_;
        double sum = 0.0;
        for (std::size_t i = 0; i < m_; ++i) {
            sum += column[i] * scratch.residuals[i];
        }
        bend_gradient_[j] = Wide{2.0 / h * sum};
    }
    boxed_step_.solve_free(bend_gradient_, acceleration_);
    double step_squares = 0.0;
    double acceleration_squares = 0.0;
    for (std::size_t j = 0; j < p_; ++j) {
        const double squared_scale = scale_[j] * scale_[j];
        step_squares += squared_scale * step_[j] * step_[j];
        acceleration_squares += squared_scale * acceleration_[j] * acceleration_[j];
    }
    // 2 |a| <= 5 |v|: beyond, the series in the step's length says nothing any more. The authors
    // take 0.75 and give up the step where it is exceeded; going straight on then took fewer
    // iterations on our problems, as did the wider limit. NaN goes straight on too.
    if (!(4.0 * acceleration_squares <= 25.0 * step_squares)) return;
    for (std::size_t j = 0; j < p_; ++j) {
        way_[j] = std::clamp(step_[j] + 0.5 * acceleration_[j], lower_[j], upper_[j]);
    }
}

double LocalModels::promised_decrease(Model model) const {
    const std::span<const Wide> hessian = quadratic(model).hessian;
    Wide sum = 0.0L;
    for (std::size_t i = 0; i < p_; ++i) {
        Wide row = 2.0L * gradient_[i];
        for (std::size_t j = 0; j < p_; ++j) {
            row += hessian[i * p_ + j] * step_[j];
        }
        sum -= row * step_[i];
    }
    return static_cast<double>(sum);
}

void LocalModels::move(const Linearisation& here, std::span<double> theta) const {
    for (std::size_t j = 0; j < p_; ++j) {
        theta[j] = std::clamp(here.theta[j] + way_[j], box_.lower[j], box_.upper[j]);
        if (way_[j] == lower_[j]) theta[j] = box_.lower[j];
        if (way_[j] == upper_[j]) theta[j] = box_.upper[j];
    }
}

} // namespace moe::fitting
