#include "datasets/inverted_images.hpp"

#include "basics/error.hpp"
#include "datasets/idx.hpp"

#include <Eigen/Eigenvalues>

#include <cmath>
#include <string>
#include <utility>

namespace moe {

namespace {

constexpr Index pixels = 784;
constexpr double white = 255.0;

struct LabelledImages {
    Matrix images;
    Vector labels;
};

LabelledImages read_part(const std::filesystem::path& folder, const std::string& part, Index n) {
    const std::filesystem::path file = folder / (part + "-images-idx3-ubyte.gz");
    const ImageSet set = read_idx_images(file, static_cast<std::size_t>(n));
    if (set.rows * set.columns != static_cast<std::size_t>(pixels)) {
        throw InputError("'" + file.string() + "': found images of " + std::to_string(set.rows) +
                         " x " + std::to_string(set.columns) + " pixels, expected 28 x 28");
    }
    const std::vector<std::uint8_t> labels = read_idx_labels(
        folder / (part + "-labels-idx1-ubyte.gz"), static_cast<std::size_t>(n), set.in_file);
    using Bytes = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    LabelledImages data;
    data.images = Eigen::Map<const Bytes>(set.pixels.data(), n, pixels).cast<double>() / white;
    data.labels = Eigen::Map<const Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1>>(labels.data(), n)
                      .cast<double>();
    return data;
}

/// 1 - pixel in the images whose bit is drawn.
std::vector<bool> invert(Matrix& images, Deviates& deviates) {
    const Index n = images.rows();
    std::vector<bool> inverted(static_cast<std::size_t>(n));
    Eigen::ArrayXd sign(n);
    Eigen::ArrayXd shift(n);
    for (Index i = 0; i < n; ++i) {
        const bool invert = deviates.uniform() < 0.5;
        inverted[static_cast<std::size_t>(i)] = invert;
        sign[i] = invert ? -1.0 : 1.0;
        shift[i] = invert ? 1.0 : 0.0;
    }
    images.array().colwise() *= sign;
    images.array().colwise() += shift;
    return inverted;
}

struct Components {
    Vector eigenvalues; ///< descending
    Matrix vectors;     ///< one a column, the largest entry in absolute value positive
};

/// The first d principal components of centred images.
Components principal_components(const Matrix& centred, Index d) {
    Matrix covariance = Matrix::Zero(centred.cols(), centred.cols());
    covariance.selfadjointView<Eigen::Lower>().rankUpdate(
        centred.transpose(), 1.0 / static_cast<double>(centred.rows()));
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance);
    Components components{solver.eigenvalues().tail(d).reverse(),
                          solver.eigenvectors().rightCols(d).rowwise().reverse()};
    for (Index j = 0; j < d; ++j) {
        Index largest = 0;
        components.vectors.col(j).cwiseAbs().maxCoeff(&largest);
        if (components.vectors(largest, j) < 0.0) components.vectors.col(j) *= -1.0;
    }
    return components;
}

Matrix with_constant(const Matrix& components, double scale) {
    Matrix x(components.rows(), components.cols() + 1);
    x.col(0).setOnes();
    x.rightCols(components.cols()) = components / scale;
    return x;
}

} // namespace

ImageData read_fashion_mnist(const std::filesystem::path& folder, Index n, Index n_test) {
    LabelledImages train = read_part(folder, "train", n);
    LabelledImages test = read_part(folder, "t10k", n_test);
    return {std::move(train.images), std::move(train.labels), std::move(test.images),
            std::move(test.labels)};
}

InvertedImages invert_and_project(const ImageData& images, const DeviateSource& source, Index d,
                                  FeatureGeometry geometry) {
    if (d < 1 || d > images.train.cols()) {
        throw InputError("number of components d = " + std::to_string(d) + ", allowed 1.." +
                         std::to_string(images.train.cols()));
    }
    InvertedImages data;
    Matrix train = images.train;
    data.train_inverted = invert(train, *source.stream(1));
    Matrix test = images.test;
    data.test_inverted = invert(test, *source.stream(2));
    double inverted = 0.0;
    for (const bool bit : data.train_inverted)
        inverted += bit ? 1.0 : 0.0;
    data.fraction_inverted = inverted / static_cast<double>(train.rows());

    const Eigen::RowVectorXd mean = train.colwise().mean();
    train.rowwise() -= mean;
    test.rowwise() -= mean;
    const Components components = principal_components(train, d);
    data.eigenvalues = components.eigenvalues;
    if (!(data.eigenvalues[d - 1] > 0.0)) {
        throw InputError("principal component " + std::to_string(d) +
                         " of the images has no variance: ask for fewer components");
    }
    const double scale = std::sqrt(data.eigenvalues[0]);
    data.train = {with_constant(train * components.vectors, scale), images.train_labels};
    data.test = {with_constant(test * components.vectors, scale), images.test_labels};
    return geometry == FeatureGeometry::white ? whitened(std::move(data)) : data;
}

InvertedImages whitened(InvertedImages raw) {
    for (Index j = 0; j < raw.eigenvalues.size(); ++j) {
        const double factor = std::sqrt(raw.eigenvalues[0] / raw.eigenvalues[j]);
        raw.train.x.col(j + 1) *= factor;
        raw.test.x.col(j + 1) *= factor;
    }
    return raw;
}

} // namespace moe
