#include "fitting/least_squares_step.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moe::fitting {

BoxedStep::BoxedStep(std::size_t parameters)
    : parameters_(parameters)
    , held_(parameters)
    , factor_(parameters * parameters)
    , target_(parameters) {
    free_.reserve(parameters);
}

bool BoxedStep::solve(const QuadraticModel& model, double damping, std::span<const double> scale,
                      const StepBox& box, std::span<const unsigned char> held,
                      std::span<double> step) {
    std::copy(held.begin(), held.end(), held_.begin());
    std::fill(step.begin(), step.end(), 0.0);
    // The model falls from one round to the next, so that no active set comes twice; the limit is
    // for ties by rounding. The step of any round lowers the model and is in the box.
    const std::size_t most_rounds = 4 * parameters_ + 8;
    for (std::size_t round = 0; round < most_rounds; ++round) {
        if (!decompose(model, damping, scale)) return false;
        substitute_forward(model, damping, scale, step);
        substitute_backward();
        if (advance(box, step) && !release_one(model, damping, scale, box, step)) break;
    }
    return true;
}

void BoxedStep::solve_free(std::span<const Wide> gradient, std::span<double> way) {
    substitute_forward({{}, gradient}, 0.0, {}, {});
    substitute_backward();
    std::fill(way.begin(), way.end(), 0.0);
    for (std::size_t c = 0; c < free_.size(); ++c) {
        way[free_[c]] = static_cast<double>(target_[c]);
    }
}

double BoxedStep::decrease_without_box(const QuadraticModel& model,
                                       std::span<const unsigned char> held) {
    std::copy(held.begin(), held.end(), held_.begin());
    if (!decompose(model, 0.0, {})) return std::numeric_limits<double>::infinity();
    substitute_forward(model, 0.0, {}, {});
    Wide sum = 0.0L;
    for (std::size_t c = 0; c < free_.size(); ++c) {
        sum += target_[c] * target_[c];
    }
    return static_cast<double>(sum);
}

bool BoxedStep::decompose(const QuadraticModel& model, double damping,
                          std::span<const double> scale) {
    free_.clear();
    for (std::size_t j = 0; j < parameters_; ++j) {
        if (held_[j] == 0) free_.push_back(j);
    }
    for (std::size_t i = 0; i < free_.size(); ++i) {
        Wide* const row = factor_.data() + i * parameters_;
        const Wide* const hessian = model.hessian.data() + free_[i] * parameters_;
        for (std::size_t j = 0; j < i; ++j) {
            const Wide* const above = factor_.data() + j * parameters_;
            Wide sum = hessian[free_[j]];
            for (std::size_t l = 0; l < j; ++l) {
                sum -= row[l] * above[l];
            }
            row[j] = sum / above[j];
        }
        Wide pivot = hessian[free_[i]];
        if (damping > 0.0) pivot += Wide{damping} * scale[free_[i]] * scale[free_[i]];
        const Wide diagonal = pivot;
        for (std::size_t l = 0; l < i; ++l) {
            pivot -= row[l] * row[l];
        }
        // Below the rounding of the diagonal there is no telling a positive pivot.
        if (!(pivot > 8.0L * std::numeric_limits<Wide>::epsilon() * diagonal)) return false;
        row[i] = std::sqrt(pivot);
    }
    return true;
}

Wide BoxedStep::slope(const QuadraticModel& model, double damping, std::span<const double> scale,
                      std::span<const double> step, std::size_t j) const {
    Wide sum = model.gradient[j];
    if (step.empty()) return sum;
    for (std::size_t i = 0; i < parameters_; ++i) {
        sum += model.hessian[j * parameters_ + i] * step[i];
    }
    return sum + Wide{damping} * scale[j] * scale[j] * step[j];
}

void BoxedStep::substitute_forward(const QuadraticModel& model, double damping,
                                   std::span<const double> scale, std::span<const double> step) {
    for (std::size_t i = 0; i < free_.size(); ++i) {
        Wide rest = -slope(model, damping, scale, step, free_[i]);
        const Wide* const row = factor_.data() + i * parameters_;
        for (std::size_t l = 0; l < i; ++l) {
            rest -= row[l] * target_[l];
        }
        target_[i] = rest / row[i];
    }
}

void BoxedStep::substitute_backward() {
    const std::size_t count = free_.size();
    for (std::size_t i = count; i-- > 0;) {
        for (std::size_t j = i + 1; j < count; ++j) {
            target_[i] -= factor_[j * parameters_ + i] * target_[j];
        }
        target_[i] /= factor_[i * parameters_ + i];
    }
}

bool BoxedStep::advance(const StepBox& box, std::span<double> step) {
    double fraction = 1.0;
    std::size_t blocking = parameters_;
    for (std::size_t c = 0; c < free_.size(); ++c) {
        const std::size_t j = free_[c];
        const auto way = static_cast<double>(target_[c]);
        const double room = way < 0.0 ? box.lower[j] - step[j] : box.upper[j] - step[j];
        if (std::abs(way) <= std::abs(room)) continue;
        const double reach = std::abs(room / way);
        if (blocking == parameters_ || reach < fraction) {
            fraction = reach;
            blocking = j;
        }
    }
    for (std::size_t c = 0; c < free_.size(); ++c) {
        const std::size_t j = free_[c];
        const auto way = static_cast<double>(target_[c]);
        step[j] = std::clamp(step[j] + fraction * way, box.lower[j], box.upper[j]);
        if (j == blocking) {
            step[j] = way < 0.0 ? box.lower[j] : box.upper[j];
            held_[j] = 1;
        }
    }
    return blocking == parameters_;
}

bool BoxedStep::release_one(const QuadraticModel& model, double damping,
                            std::span<const double> scale, const StepBox& box,
                            std::span<const double> step) {
    std::size_t worst = parameters_;
    Wide most = 0.0L;
    for (std::size_t j = 0; j < parameters_; ++j) {
        if (held_[j] == 0 || box.lower[j] == box.upper[j]) continue;
        const Wide outwards = slope(model, damping, scale, step, j) / scale[j];
        const Wide inwards = step[j] <= box.lower[j] ? -outwards : outwards;
        // Rounding must not free what it has just held.
        const Wide rounding = 1e-15L * std::abs(model.gradient[j]) / scale[j];
        if (inwards > rounding && inwards > most) {
            most = inwards;
            worst = j;
        }
    }
    if (worst == parameters_) return false;
    held_[worst] = 0;
    return true;
}

} // namespace moe::fitting
