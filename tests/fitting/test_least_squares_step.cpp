#include "basics/random.hpp"
#include "fitting/least_squares_qr.hpp"
#include "fitting/least_squares_step.hpp"

#include <Eigen/Dense>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace {

using moe::RandomStream;
using moe::fitting::BoxedStep;
using moe::fitting::ColumnMatrix;
using moe::fitting::Wide;

Eigen::MatrixXd random_matrix(Eigen::Index rows, Eigen::Index columns, RandomStream& stream) {
    Eigen::MatrixXd matrix(rows, columns);
    for (Eigen::Index j = 0; j < columns; ++j) {
        for (Eigen::Index i = 0; i < rows; ++i) {
            matrix(i, j) = stream.normal();
        }
    }
    return matrix;
}

/// A convex quadratic 2 g.d + d^T H d + damping |D d|^2 with a box around 0.
struct Problem {
    Eigen::MatrixXd H;
    Eigen::VectorXd g;
    Eigen::VectorXd D;
    double damping;
    std::vector<double> lower;
    std::vector<double> upper;

    Problem(Eigen::Index p, RandomStream& stream)
        : g(random_matrix(p, 1, stream))
        , D(random_matrix(p, 1, stream).cwiseAbs().array() + 0.5)
        , damping(0.01 * stream.uniform()) {
        const Eigen::MatrixXd J = random_matrix(p + 2, p, stream);
        H = J.transpose() * J;
        for (Eigen::Index j = 0; j < p; ++j) {
            // Some parameters start on a bound.
            lower.push_back(stream.below(4) == 0 ? 0.0 : -stream.uniform());
            upper.push_back(stream.below(4) == 0 ? 0.0 : stream.uniform());
        }
    }
    [[nodiscard]] Eigen::MatrixXd damped() const {
        return H + damping * Eigen::MatrixXd(D.cwiseAbs2().asDiagonal());
    }
    [[nodiscard]] double value(const Eigen::VectorXd& d) const {
        return 2.0 * g.dot(d) + d.dot(damped() * d);
    }
    [[nodiscard]] std::vector<double> solve() const {
        const auto p = static_cast<std::size_t>(g.size());
        const Eigen::Matrix<Wide, Eigen::Dynamic, Eigen::Dynamic> wide_H = H.cast<Wide>();
        const Eigen::Matrix<Wide, Eigen::Dynamic, 1> wide_g = g.cast<Wide>();
        std::vector<unsigned char> held(p);
        for (std::size_t j = 0; j < p; ++j) {
            const double slope = g[static_cast<Eigen::Index>(j)];
            held[j] = (lower[j] == 0.0 && slope >= 0.0) || (upper[j] == 0.0 && slope <= 0.0);
        }
        BoxedStep boxed(p);
        std::vector<double> step(p);
        BOOST_REQUIRE(boxed.solve({{wide_H.data(), p * p}, {wide_g.data(), p}}, damping,
                                  {D.data(), p}, {lower, upper}, held, step));
        return step;
    }
    /// The minimum over all 3^p choices of lower bound, upper bound or free for each parameter.
    [[nodiscard]] double enumerated_minimum() const {
        const Eigen::Index p = g.size();
        double best = std::numeric_limits<double>::infinity();
        const auto choices = static_cast<int>(std::lround(std::pow(3.0, static_cast<double>(p))));
        for (int choice = 0; choice < choices; ++choice) {
            Eigen::MatrixXd system = damped();
            Eigen::VectorXd right = -g;
            int rest = choice;
            for (Eigen::Index j = 0; j < p; ++j, rest /= 3) {
                if (rest % 3 == 2) continue;
                system.row(j).setZero();
                system(j, j) = 1.0;
                right[j] = rest % 3 == 0 ? lower[static_cast<std::size_t>(j)]
                                         : upper[static_cast<std::size_t>(j)];
            }
            const Eigen::VectorXd d = system.fullPivLu().solve(right);
            bool inside = true;
            for (Eigen::Index j = 0; j < p; ++j) {
                const auto i = static_cast<std::size_t>(j);
                inside = inside && d[j] >= lower[i] - 1e-12 && d[j] <= upper[i] + 1e-12;
            }
            if (inside) best = std::min(best, value(d));
        }
        return best;
    }
};

BOOST_AUTO_TEST_SUITE(least_squares_step)

BOOST_AUTO_TEST_CASE(boxed_steps_are_the_minima_that_enumeration_finds) {
    RandomStream stream(1, 0, 0);
    for (int i = 0; i < 300; ++i) {
        const Problem problem(1 + i % 5, stream);
        const std::vector<double> step = problem.solve();
        for (std::size_t j = 0; j < step.size(); ++j) {
            BOOST_TEST(step[j] >= problem.lower[j]);
            BOOST_TEST(step[j] <= problem.upper[j]);
        }
        const Eigen::VectorXd d =
            Eigen::Map<const Eigen::VectorXd>(step.data(), static_cast<Eigen::Index>(step.size()));
        const double minimum = problem.enumerated_minimum();
        BOOST_TEST(std::abs(problem.value(d) - minimum) <= 1e-10 * (1.0 + std::abs(minimum)));
    }
}

BOOST_AUTO_TEST_CASE(large_boxed_steps_fulfil_the_optimality_conditions) {
    RandomStream stream(2, 0, 0);
    for (int i = 0; i < 200; ++i) {
        const Problem problem(14, stream);
        const std::vector<double> step = problem.solve();
        const Eigen::VectorXd d = Eigen::Map<const Eigen::VectorXd>(step.data(), problem.g.size());
        const Eigen::VectorXd slope = problem.g + problem.damped() * d;
        for (std::size_t j = 0; j < step.size(); ++j) {
            const double outwards = slope[static_cast<Eigen::Index>(j)];
            if (step[j] > problem.lower[j]) BOOST_TEST(outwards <= 1e-9);
            if (step[j] < problem.upper[j]) BOOST_TEST(outwards >= -1e-9);
        }
    }
}

BOOST_AUTO_TEST_CASE(models_that_are_not_convex_are_reported) {
    const std::vector<Wide> H{1.0L, 2.0L, 2.0L, 1.0L}; // eigenvalues 3 and -1
    const std::vector<Wide> g{1.0L, 1.0L};
    const std::vector<double> scale{1.0, 1.0};
    const std::vector<double> lower{-1.0, -1.0};
    const std::vector<double> upper{1.0, 1.0};
    const std::vector<unsigned char> held{0, 0};
    std::vector<double> step(2);
    BoxedStep boxed(2);
    BOOST_TEST(!boxed.solve({H, g}, 0.5, scale, {lower, upper}, held, step));
    BOOST_TEST(boxed.solve({H, g}, 1.5, scale, {lower, upper}, held, step));
    BOOST_TEST(boxed.decrease_without_box({H, g}, held) == std::numeric_limits<double>::infinity());
    // With the second parameter held, 2 d + d^2 falls by 1.
    const std::vector<unsigned char> second{0, 1};
    BOOST_TEST(boxed.decrease_without_box({H, g}, second) == 1.0);
}

BOOST_AUTO_TEST_CASE(triangles_have_the_gram_matrix_of_their_columns) {
    RandomStream stream(3, 0, 0);
    for (const auto& [rows, columns] : {std::pair<Eigen::Index, Eigen::Index>{128, 13},
                                        {13, 13},
                                        {17, 5},
                                        {6, 6},
                                        {9, 2},
                                        {1, 1}}) {
        const Eigen::MatrixXd A = random_matrix(rows, columns, stream);
        Eigen::MatrixXd B = A;
        const Eigen::Index pivots = std::min(columns, rows);
        moe::fitting::triangularise({B.data(), static_cast<std::size_t>(rows),
                                     static_cast<std::size_t>(columns),
                                     static_cast<std::size_t>(rows)},
                                    static_cast<std::size_t>(pivots));
        const Eigen::MatrixXd R = B.topRows(pivots).triangularView<Eigen::Upper>();
        const double error = (R.transpose() * R - A.transpose() * A).cwiseAbs().maxCoeff();
        BOOST_TEST(error <= 1e-13 * static_cast<double>(rows));
        const Eigen::MatrixXd reference =
            Eigen::HouseholderQR<Eigen::MatrixXd>(A).matrixQR().topRows(pivots);
        const Eigen::MatrixXd sizes = reference.triangularView<Eigen::Upper>();
        BOOST_TEST((R.cwiseAbs() - sizes.cwiseAbs()).cwiseAbs().maxCoeff() <= 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(columns_of_zeros_are_passed_over) {
    std::vector<double> numbers{0.0, 0.0, 0.0, 3.0, 4.0, 0.0};
    moe::fitting::triangularise({numbers.data(), 3, 2, 3}, 2);
    BOOST_TEST(numbers[0] == 0.0);
    BOOST_TEST(std::hypot(numbers[3], numbers[4]) == 5.0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
