#include "charts/manifold_targets.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "charts/winding.hpp"

#include <cmath>
#include <string>

namespace moe {

ScalarField smooth_target(Manifold manifold) {
    if (manifold == Manifold::winding) {
        return [](std::span<const double> u) {
            const double angle = winding_angle(u);
            return std::sin(5.0 * std::cos(angle)) + std::cos(3.0 * std::sin(angle));
        };
    }
    return [](std::span<const double> u) {
        const double value = std::sin(5.0 * u[0]) + std::cos(3.0 * u[1]);
        return u.size() > 2 ? value + std::sin(2.0 * u[2] + u[0]) : value;
    };
}

int usual_scales(std::size_t intrinsic) noexcept {
    return intrinsic == 1 ? 12 : 10;
}

ScalarField hoelder_target(const HoelderTarget& target) {
    constexpr int most_scales = 60;
    if (!(target.alpha > 0.0) || !std::isfinite(target.alpha))
        throw InputError("alpha " + shortest(target.alpha) + ": must be positive and finite");
    if (!std::isfinite(target.phase))
        throw InputError("phase " + shortest(target.phase) + ": must be finite");
    if (target.scales < 0 || target.scales > most_scales)
        throw InputError("K " + std::to_string(target.scales) + ": must be in 0..60");
    return [target](std::span<const double> u) {
        double sum = 0.0;
        for (std::size_t j = 0; j < u.size(); ++j) {
            const double argument = 2.0 * u[j] + 0.3 * static_cast<double>(j) + target.phase;
            for (int k = 0; k <= target.scales; ++k)
                sum += std::exp2(-target.alpha * k) * std::cos(std::ldexp(argument, k));
        }
        return sum;
    };
}

ScalarField cube_target() {
    return [](std::span<const double> t) {
        double value = 0.0;
        double sum = 0.0;
        for (std::size_t j = 0; j < t.size(); ++j) {
            value += std::sin(3.0 * t[j] + static_cast<double>(j));
            sum += t[j];
        }
        return value + std::cos(2.0 * sum);
    };
}

} // namespace moe
