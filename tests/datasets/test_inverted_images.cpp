// Random-Invert images: fixed values of the notes' fixture on the real files of Debian's package
// dataset-fashion-mnist, and properties that principal components must have.

#include "support/temporary_folder.hpp"

#include "basics/error.hpp"
#include "datasets/inverted_images.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

namespace {

using moe::FeatureGeometry;
using moe::Index;
using moe::Matrix;
using moe::Vector;

const char* const folder = "/usr/share/datasets/fashion-mnist";

/// Images of a few pixels with labels 0..9 in turn.
moe::ImageData small_images(Index n, Index n_test, Index pixels) {
    const auto grey = [=](Index rows, std::uint32_t stream) {
        const auto deviates = moe::FixtureSource(77).stream(stream);
        Matrix images(rows, pixels);
        for (Index i = 0; i < rows; ++i) {
            for (Index j = 0; j < pixels; ++j)
                images(i, j) = deviates->uniform() * static_cast<double>(j + 1) / 10.0;
        }
        return images;
    };
    const auto labels = [](Index rows) {
        Vector y(rows);
        for (Index i = 0; i < rows; ++i)
            y[i] = static_cast<double>(i % 10);
        return y;
    };
    return {grey(n, 1), labels(n), grey(n_test, 2), labels(n_test)};
}

/// The same inversion written out sample by sample.
Matrix inverted(const Matrix& images, std::uint64_t seed, std::uint32_t stream) {
    const auto deviates = moe::FixtureSource(seed).stream(stream);
    Matrix result = images;
    for (Index i = 0; i < images.rows(); ++i) {
        if (deviates->uniform() < 0.5) result.row(i) = 1.0 - images.row(i).array();
    }
    return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(inverted_images)

BOOST_AUTO_TEST_CASE(seed_1_gives_the_known_fraction_and_eigenvalues) {
    const struct {
        Index n;
        double first;
        double second;
    } known[] = {{2000, 69.457696, 19.005463}, {3000, 69.328212, 18.867058}};
    for (const auto& row : known) {
        const moe::ImageData images = moe::read_fashion_mnist(folder, row.n, 10);
        BOOST_TEST(images.train.rows() == row.n);
        BOOST_TEST(images.train.minCoeff() == 0.0);
        BOOST_TEST(images.train.maxCoeff() == 1.0);
        const moe::InvertedImages data =
            moe::invert_and_project(images, moe::FixtureSource(1), 2, FeatureGeometry::raw);
        BOOST_TEST(std::abs(data.eigenvalues[0] - row.first) <= 5e-7);
        BOOST_TEST(std::abs(data.eigenvalues[1] - row.second) <= 5e-7);
        if (row.n == 2000) BOOST_TEST(data.fraction_inverted == 0.4985);
    }
}

BOOST_AUTO_TEST_CASE(the_files_hold_the_known_classes) {
    // Ankle boot, two tops; the test set begins with an ankle boot, a pullover, two trousers.
    const moe::ImageData images = moe::read_fashion_mnist(folder, 60000, 10000);
    BOOST_TEST((images.train_labels.head(3) == Eigen::Vector3d(9, 0, 0)));
    BOOST_TEST((images.test_labels.head(4) == Eigen::Vector4d(9, 2, 1, 1)));
    for (int label = 0; label < 10; ++label) {
        BOOST_TEST((images.train_labels.array() == label).count() == 6000);
        BOOST_TEST((images.test_labels.array() == label).count() == 1000);
    }
}

BOOST_AUTO_TEST_CASE(features_are_principal_components_of_the_inverted_images) {
    constexpr Index n = 200;
    constexpr Index d = 4;
    const moe::ImageData images = small_images(n, 50, 7);
    const moe::InvertedImages data =
        moe::invert_and_project(images, moe::FixtureSource(5), d, FeatureGeometry::raw);
    const Matrix train = inverted(images.train, 5, 1);
    const Matrix test = inverted(images.test, 5, 2);
    const Eigen::RowVectorXd mean = train.colwise().mean();
    const Matrix centred = train.rowwise() - mean;
    const Matrix covariance = centred.transpose() * centred / static_cast<double>(n);
    const double scale = std::sqrt(data.eigenvalues[0]);
    BOOST_TEST((data.train.x.col(0).array() == 1.0).all());
    const Matrix f = data.train.x.rightCols(d) * scale;
    // v_j = C' f_j / (n lambda_j): unit eigenvectors, uncorrelated scores, largest entry positive.
    Matrix v = centred.transpose() * f / static_cast<double>(n);
    for (Index j = 0; j < d; ++j)
        v.col(j) /= data.eigenvalues[j];
    BOOST_TEST((v.transpose() * v - Matrix::Identity(d, d)).cwiseAbs().maxCoeff() <= 1e-12);
    for (Index j = 0; j < d; ++j) {
        BOOST_TEST((covariance * v.col(j) - data.eigenvalues[j] * v.col(j)).norm() <= 1e-12);
        Index largest = 0;
        v.col(j).cwiseAbs().maxCoeff(&largest);
        BOOST_TEST(v(largest, j) > 0.0);
        if (j > 0) BOOST_TEST(data.eigenvalues[j] <= data.eigenvalues[j - 1]);
    }
    // They are the largest ones: what remains of the covariance has no larger eigenvalue.
    Matrix rest = covariance;
    for (Index j = 0; j < d; ++j)
        rest -= data.eigenvalues[j] * v.col(j) * v.col(j).transpose();
    Vector power = Vector::Ones(7);
    for (int i = 0; i < 500; ++i)
        power = (rest * power).normalized();
    BOOST_TEST(power.dot(rest * power) <= data.eigenvalues[d - 1]);
    const Matrix projected = (test.rowwise() - mean) * v / scale;
    BOOST_TEST((projected - data.test.x.rightCols(d)).cwiseAbs().maxCoeff() <= 1e-12);
}

BOOST_AUTO_TEST_CASE(the_hidden_bits_are_those_of_the_streams_and_labels_stay) {
    const moe::ImageData images = small_images(60, 40, 7);
    const moe::InvertedImages data =
        moe::invert_and_project(images, moe::FixtureSource(9), 2, FeatureGeometry::raw);
    for (const bool train : {true, false}) {
        const auto deviates = moe::FixtureSource(9).stream(train ? 1 : 2);
        const std::vector<bool>& bits = train ? data.train_inverted : data.test_inverted;
        BOOST_TEST_REQUIRE(bits.size() == (train ? 60U : 40U));
        for (const bool bit : bits)
            BOOST_TEST(bit == (deviates->uniform() < 0.5));
    }
    const auto count = std::ranges::count(data.train_inverted, true);
    BOOST_TEST(data.fraction_inverted == static_cast<double>(count) / 60.0);
    BOOST_TEST((data.train.y == images.train_labels));
    BOOST_TEST((data.test.y == images.test_labels));
}

BOOST_AUTO_TEST_CASE(white_features_have_unit_variance_and_raw_ones_the_metric_of_pixels) {
    const moe::ImageData images = small_images(150, 20, 7);
    const moe::FixtureSource source(3);
    const auto raw = moe::invert_and_project(images, source, 5, FeatureGeometry::raw);
    const auto white = moe::invert_and_project(images, source, 5, FeatureGeometry::white);
    const auto variance = [](const Matrix& x, Index j) {
        return x.col(j).squaredNorm() / static_cast<double>(x.rows());
    };
    for (Index j = 1; j <= 5; ++j) {
        BOOST_TEST(std::abs(variance(white.train.x, j) - 1.0) <= 1e-12);
        BOOST_TEST(std::abs(variance(raw.train.x, j) -
                            raw.eigenvalues[j - 1] / raw.eigenvalues[0]) <= 1e-12);
    }
    BOOST_TEST((moe::whitened(raw).test.x == white.test.x));
}

BOOST_AUTO_TEST_CASE(numbers_of_components_that_make_no_sense_are_refused) {
    const moe::ImageData images = small_images(30, 20, 7);
    const moe::FixtureSource source(3);
    for (const Index d : {Index{0}, Index{-1}, Index{8}}) {
        BOOST_CHECK_THROW(
            static_cast<void>(moe::invert_and_project(images, source, d, FeatureGeometry::raw)),
            moe::InputError);
    }
    moe::ImageData grey = images;
    grey.train.setConstant(0.5);
    BOOST_CHECK_THROW(
        static_cast<void>(moe::invert_and_project(grey, source, 1, FeatureGeometry::raw)),
        moe::InputError);
}

BOOST_AUTO_TEST_CASE(a_folder_without_the_files_is_refused_by_name) {
    const moe_test::TemporaryFolder empty;
    BOOST_CHECK_EXCEPTION(static_cast<void>(moe::read_fashion_mnist(empty.path(), 10, 10)),
                          moe::InputError, [](const moe::InputError& error) {
                              return std::string(error.what()).find("train-images-idx3-ubyte.gz") !=
                                     std::string::npos;
                          });
    BOOST_CHECK_THROW(static_cast<void>(moe::read_fashion_mnist(folder, 60001, 10)),
                      moe::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
