#pragma once
// Random-Invert Fashion-MNIST: each image inverted (1 - pixel) with probability 1/2, the hidden bit
// kept for evaluation only; features by principal components of the inverted training images.

#include "datasets/deviates.hpp"
#include "mixtures/latent_model.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace moe {

enum class FeatureGeometry {
    raw,  ///< all components divided by the first standard deviation: keeps the metric of pixels
    white ///< each component divided by its own standard deviation
};

/// The images and labels of the four files, pixels in [0, 1], one image a row (n x 784).
struct ImageData {
    Matrix train;
    Vector train_labels; ///< classes 0..9
    Matrix test;
    Vector test_labels;
};

/// The first n training and n_test test images of a folder with the four .gz files of Debian's
/// package dataset-fashion-mnist. Throws as read_idx_images.
[[nodiscard]] ImageData read_fashion_mnist(const std::filesystem::path& folder, Index n,
                                           Index n_test);

/// The experiment's data: features (1, (x - mu) V / s), n x (1 + d).
struct InvertedImages {
    Samples train;
    Samples test;
    std::vector<bool> train_inverted;
    std::vector<bool> test_inverted;
    Vector eigenvalues;       ///< all of the pixel covariance's that were asked for, descending (d)
    double fraction_inverted; ///< of the training images
};

/// Inverts by uniforms < 1/2 of stream 1 (train) and 2 (test); principal components of the
/// inverted training images: centred, covariance divided by n, top d eigenvectors, each with its
/// largest entry in absolute value positive. Throws InputError for d outside 1..784 or an
/// eigenvalue that is not positive.
[[nodiscard]] InvertedImages invert_and_project(const ImageData& images,
                                                const DeviateSource& source, Index d,
                                                FeatureGeometry geometry);

/// Raw features as white ones, without finding the components anew.
[[nodiscard]] InvertedImages whitened(InvertedImages raw);

} // namespace moe
