#pragma once
// Features and responses cut into tiles of samples that stay in the first-level cache, each feature
// of a tile a contiguous row, so that kernels run along the samples.

#include "basics/aligned_array.hpp"
#include "mixtures/latent_model.hpp"

namespace moe {

/// Samples of a tile, and entries from one row of a tile's array to the next.
inline constexpr Index tile_samples = 256;

/// Rows of a tile that stand anywhere: row k begins at data + k stride.
struct TileRows {
    const double* data;
    Index stride;
    [[nodiscard]] const double* row(Index k) const noexcept { return data + k * stride; }
};

class TiledSamples {
  public:
    explicit TiledSamples(const Samples& samples);

    [[nodiscard]] Index samples() const noexcept { return n_; }
    [[nodiscard]] Index features() const noexcept { return p_; }
    [[nodiscard]] Index tiles() const noexcept { return tiles_; }
    /// Samples of a tile.
    [[nodiscard]] Index valid(Index tile) const noexcept {
        return tile + 1 < tiles_ ? tile_samples : n_ - tile * tile_samples;
    }
    /// The same rounded up to whole packs of 8; the samples added have features and response 0.
    [[nodiscard]] Index padded(Index tile) const noexcept { return (valid(tile) + 7) / 8 * 8; }

    /// p rows of tile_samples.
    [[nodiscard]] const double* x(Index tile) const noexcept {
        return x_.data() + tile * p_ * tile_samples;
    }
    [[nodiscard]] const double* y(Index tile) const noexcept {
        return y_.data() + tile * tile_samples;
    }
    /// Means of |x_ij| over the samples, p entries: scales of the features.
    [[nodiscard]] const Vector& feature_scales() const noexcept { return feature_scales_; }
    /// X'X/n.
    [[nodiscard]] const Matrix& gram() const noexcept { return gram_; }

  private:
    Index n_;
    Index p_;
    Index tiles_;
    AlignedArray x_;
    AlignedArray y_;
    Vector feature_scales_;
    Matrix gram_;
};

/// Rows of a tile that are the columns first..first+count-1 of a matrix with n rows: in place where
/// the tile is whole, else copied into `buffer` (count rows of tile_samples), padded with zeros.
[[nodiscard]] TileRows tile_rows(const TiledSamples& samples, const Matrix& matrix, Index first,
                                 Index count, Index tile, double* buffer);

} // namespace moe
