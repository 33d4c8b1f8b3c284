#include "fitting/least_squares.hpp"

#include "fitting/least_squares_ceres.hpp"
#include "fitting/least_squares_marquardt.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace moe {

namespace {

void require_problem(const ResidualFunction& function, const ParameterBox& box) {
    const std::size_t p = function.parameter_count();
    if (function.residual_count() == 0 || p == 0 || box.lower.size() != p ||
        box.upper.size() != p) {
        throw std::invalid_argument("least squares: sizes of function and box do not fit");
    }
    for (std::size_t j = 0; j < p; ++j) {
        if (!(box.lower[j] <= box.upper[j])) {
            throw std::invalid_argument("least squares: an empty box");
        }
    }
}

std::vector<double> moved_into(const ParameterBox& box, std::span<const double> start) {
    if (start.size() != box.lower.size()) {
        throw std::invalid_argument("least squares: a start of another size than the box");
    }
    std::vector<double> inside(start.begin(), start.end());
    for (std::size_t j = 0; j < inside.size(); ++j) {
        if (!std::isfinite(inside[j])) {
            throw std::invalid_argument("least squares: a start that is not finite");
        }
        inside[j] = std::clamp(inside[j], box.lower[j], box.upper[j]);
    }
    return inside;
}

} // namespace

bool ResidualFunction::curvature(std::span<const double> /*theta*/,
                                 std::span<const double> /*residuals*/,
                                 std::span<double> /*matrix*/) const {
    return false;
}

ParameterBox ParameterBox::cube(std::size_t parameters, double half_width) {
    return {std::vector<double>(parameters, -half_width),
            std::vector<double>(parameters, half_width)};
}

std::string_view name_of(Termination termination) noexcept {
    switch (termination) {
    case Termination::function_tolerance:
        return "function tolerance";
    case Termination::stationary:
        return "stationary";
    case Termination::no_progress:
        return "no progress";
    case Termination::iteration_limit:
        return "iteration limit";
    case Termination::not_finite:
        break;
    }
    return "not finite";
}

FitResult minimise(const ResidualFunction& function, const ParameterBox& box,
                   std::span<const double> start, const FitOptions& options) {
    const std::vector<double> one(start.begin(), start.end());
    return std::move(minimise_from_starts(function, box, {&one, 1}, options).front());
}

std::vector<FitResult> minimise_from_starts(const ResidualFunction& function,
                                            const ParameterBox& box,
                                            std::span<const std::vector<double>> starts,
                                            const FitOptions& options) {
    require_problem(function, box);
    std::vector<FitResult> results;
    results.reserve(starts.size());
    fitting::MarquardtSolver solver(function, box, options);
    for (const std::vector<double>& start : starts) {
        const std::vector<double> inside = moved_into(box, start);
        results.push_back(options.engine == FitEngine::ceres
                              ? fitting::minimise_by_ceres(function, box, inside, options)
                              : solver.minimise(inside));
    }
    return results;
}

std::size_t lowest_objective(std::span<const FitResult> results) noexcept {
    std::size_t lowest = results.size();
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!std::isfinite(results[i].objective)) continue;
        if (lowest == results.size() || results[i].objective < results[lowest].objective) {
            lowest = i;
        }
    }
    return lowest;
}

} // namespace moe
