#pragma once
// Where the pictures of a panel of images stand, in pixels of one; the upper left corner of the
// panel is (0, 0), and y falls downwards from there to negative values.

#include "plots/style.hpp"

#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

namespace moe {

/// Size of a panel's grid of images, captions and gaps included.
struct ImageGrid {
    double across;
    double down;
    double image_across; ///< distance between the left edges of neighbours
    double image_down;   ///< distance between the upper edges of images below each other
};

/// The panel must hold images.
[[nodiscard]] ImageGrid image_grid(const Panel::Content& panel);

/// Left, upper, right and lower edge of an image.
struct ImageFrame {
    double left;
    double top;
    double right;
    double bottom;
};

[[nodiscard]] ImageFrame frame_of(const Panel::Content& panel, std::size_t image);

/// x and y of the centre and the grey (0..255) of each pixel of an image.
[[nodiscard]] std::vector<std::tuple<double, double, double>> pixels_of(const Panel::Content& panel,
                                                                        std::size_t image);

/// Centre of the line below an image.
[[nodiscard]] std::pair<double, double> caption_place(const Panel::Content& panel,
                                                      std::size_t image);

} // namespace moe
