#include "sigmoid_gating/tangent.hpp"

#include "sigmoid_gating/truths.hpp"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

namespace sigmoid_gating {

double dead_tangent(const moe::GatedFunction& truth, double b1, double b0,
                    std::span<const double> points) {
    if (truth.gate != moe::GateKind::sigmoid)
        throw std::invalid_argument("dead_tangent: the truth must have sigmoid gates");
    moe::GatedFunction with_dead = truth;
    with_dead.atoms.push_back({b1, b0, 0.0, 0.0});
    const moe::GatedClass functions = with_dead.function_class();
    const std::vector<double> theta = moe::free_parameters(with_dead);
    std::vector<double> values(points.size());
    std::vector<double> jacobian(points.size() * theta.size());
    moe::evaluate_with_jacobian(functions, theta, points, values, jacobian);
    const auto rows = static_cast<Eigen::Index>(points.size());
    const auto columns = static_cast<Eigen::Index>(theta.size());
    const Eigen::Map<const Eigen::MatrixXd> all(jacobian.data(), rows, columns);
    Eigen::MatrixXd tangent(rows, columns - 2);
    tangent.leftCols(columns - 4) = all.leftCols(columns - 4);
    tangent.rightCols(2) = all.rightCols(2);
    tangent /= std::sqrt(static_cast<double>(points.size()));
    return Eigen::JacobiSVD<Eigen::MatrixXd>(tangent).singularValues().minCoeff();
}

TangentScan scan_dead_tangent(const moe::GatedFunction& truth, std::span<const double> points,
                              int steps) {
    TangentScan scan{std::numeric_limits<double>::infinity(), 0.0, 0.0, 0.0,
                     std::numeric_limits<double>::infinity()};
    for (int i = 0; i < steps; ++i) {
        for (int j = 0; j < steps; ++j) {
            const auto gate = [steps](int index) {
                return box_half_width * (2.0 * index / (steps - 1) - 1.0);
            };
            const double value = dead_tangent(truth, gate(i), gate(j), points);
            scan.maximum = std::max(scan.maximum, value);
            if (value >= scan.minimum) continue;
            scan.minimum = value;
            scan.b1 = gate(i);
            scan.b0 = gate(j);
        }
    }
    for (const moe::Atom& atom : truth.atoms) {
        scan.at_true_gate =
            std::min(scan.at_true_gate, dead_tangent(truth, atom.b1, atom.b0, points));
    }
    return scan;
}

} // namespace sigmoid_gating
