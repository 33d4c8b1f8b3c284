#include "plots/figure_images.hpp"

#include <cmath>

namespace moe {

namespace {

// In sides of an image.
constexpr double gap = 0.12;
constexpr double caption_height = 0.14;

} // namespace

ImageGrid image_grid(const Panel::Content& panel) {
    const GreyImage& image = panel.images.front();
    const auto rows = static_cast<double>(image.rows);
    const auto columns = static_cast<double>(image.columns);
    const std::size_t lines = (panel.images.size() + panel.images_across - 1) / panel.images_across;
    ImageGrid grid{};
    grid.image_across = (1 + gap) * columns;
    grid.image_down = rows + (gap + caption_height) * columns;
    grid.across = grid.image_across * static_cast<double>(panel.images_across);
    grid.down = grid.image_down * static_cast<double>(lines);
    return grid;
}

ImageFrame frame_of(const Panel::Content& panel, std::size_t image) {
    const GreyImage& grey = panel.images.at(image);
    const ImageGrid grid = image_grid(panel);
    const double left = grid.image_across * static_cast<double>(image % panel.images_across);
    const double top = -grid.image_down * static_cast<double>(image / panel.images_across);
    return {left, top, left + static_cast<double>(grey.columns),
            top - static_cast<double>(grey.rows)};
}

std::vector<std::tuple<double, double, double>> pixels_of(const Panel::Content& panel,
                                                          std::size_t image) {
    const GreyImage& grey = panel.images.at(image);
    const ImageFrame frame = frame_of(panel, image);
    std::vector<std::tuple<double, double, double>> pixels;
    pixels.reserve(grey.values.size());
    for (std::size_t row = 0; row < grey.rows; ++row) {
        for (std::size_t column = 0; column < grey.columns; ++column) {
            pixels.emplace_back(frame.left + static_cast<double>(column) + 0.5,
                                frame.top - static_cast<double>(row) - 0.5,
                                std::round(255 * grey.values[row * grey.columns + column]));
        }
    }
    return pixels;
}

std::pair<double, double> caption_place(const Panel::Content& panel, std::size_t image) {
    const ImageFrame frame = frame_of(panel, image);
    return {0.5 * (frame.left + frame.right),
            frame.bottom - 0.65 * caption_height * (frame.right - frame.left)};
}

} // namespace moe
