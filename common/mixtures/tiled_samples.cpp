#include "mixtures/tiled_samples.hpp"

#include <algorithm>

namespace moe {

namespace {

std::size_t size_of(Index rows) {
    return static_cast<std::size_t>(rows * tile_samples);
}

} // namespace

TiledSamples::TiledSamples(const Samples& samples)
    : n_(samples.x.rows())
    , p_(samples.x.cols())
    , tiles_((n_ + tile_samples - 1) / tile_samples)
    , x_(size_of(tiles_ * p_))
    , y_(size_of(tiles_))
    , feature_scales_(samples.x.cwiseAbs().colwise().mean())
    , gram_(samples.x.transpose() * samples.x / static_cast<double>(n_)) {
    for (Index tile = 0; tile < tiles_; ++tile) {
        const Index first = tile * tile_samples;
        std::copy_n(samples.y.data() + first, valid(tile), y_.data() + first);
        for (Index j = 0; j < p_; ++j)
            std::copy_n(samples.x.col(j).data() + first, valid(tile),
                        x_.data() + (tile * p_ + j) * tile_samples);
    }
}

TileRows tile_rows(const TiledSamples& samples, const Matrix& matrix, Index first, Index count,
                   Index tile, double* buffer) {
    const double* const begin = matrix.col(first).data() + tile * tile_samples;
    const Index valid = samples.valid(tile);
    if (valid == tile_samples) return {begin, matrix.rows()};
    for (Index k = 0; k < count; ++k) {
        double* const row = buffer + k * tile_samples;
        std::copy_n(begin + k * matrix.rows(), valid, row);
        std::fill(row + valid, row + samples.padded(tile), 0.0);
    }
    return {buffer, tile_samples};
}

} // namespace moe
