#include "plots/figure_layout.hpp"

#include "plots/figure_images.hpp"

#include <algorithm>

namespace moe {

namespace {

// Inches. One column of a journal is 85 mm wide, the text 175 mm.
constexpr double single_width = 3.35;
constexpr double double_width = 6.9;
constexpr double left_margin = 0.56;
constexpr double right_margin = 0.12;
constexpr double top_margin = 0.12;
constexpr double panel_title_height = 0.15;
constexpr double legend_line = 0.115; // one line of the legend
constexpr double figure_title_height = 0.22;
constexpr double source_height = 0.14;

std::size_t legend_lines(const Panel::Content& panel) {
    if (panel.legend != LegendPlace::below) return 0;
    return static_cast<std::size_t>(
        std::count_if(panel.series.begin(), panel.series.end(),
                      [](const Panel::Series& series) { return !series.legend.empty(); }));
}

/// Up to three panels stand side by side; more are put in rows of equal length where that is
/// possible.
std::size_t columns_of(const Figure& figure) {
    const std::size_t count = figure.panels().size();
    if (figure.width() == FigureWidth::single_column) return 1;
    if (count <= 3) return count;
    return count % 3 == 0 ? 3 : 2;
}

bool holds_only_images(const Figure& figure) {
    return std::all_of(figure.panels().begin(), figure.panels().end(),
                       [](const Panel& panel) { return !panel.content().images.empty(); });
}

/// Height of the axes: that of the images where a figure holds nothing else.
double box_height_of(const Figure& figure, double box_width) {
    if (!holds_only_images(figure)) return std::min(0.72 * box_width, 2.6);
    double aspect = 0.0;
    for (const Panel& panel : figure.panels()) {
        const ImageGrid grid = image_grid(panel.content());
        aspect = std::max(aspect, grid.down / grid.across);
    }
    return aspect * box_width;
}

} // namespace

bool has_title(const Figure& figure, const Panel::Content& panel) {
    return figure.panels().size() > 1 || !panel.title.empty();
}

Layout layout_of(const Figure& figure) {
    const bool wide = figure.width() == FigureWidth::double_column;
    const std::size_t count = figure.panels().size();
    const std::size_t columns = columns_of(figure);
    Layout layout{wide ? double_width : single_width, 0, {}};
    const double cell = layout.width / static_cast<double>(columns);
    const bool axes = !holds_only_images(figure);
    const double margin = axes ? left_margin : right_margin;
    const double box_width = cell - margin - right_margin;
    const double box_height = box_height_of(figure, box_width);

    // Depths below the upper edge first, since the height is their sum.
    double depth = figure.title().empty() ? 0.0 : figure_title_height;
    for (std::size_t first = 0; first < count; first += columns) {
        const std::size_t end = std::min(first + columns, count);
        std::size_t lines = 0;
        bool titled = false;
        for (std::size_t i = first; i < end; ++i) {
            lines = std::max(lines, legend_lines(figure.panels()[i].content()));
            titled = titled || has_title(figure, figure.panels()[i].content());
        }
        depth += top_margin + (titled ? panel_title_height : 0.0);
        for (std::size_t i = first; i < end; ++i) {
            const double left = cell * static_cast<double>(i - first) + margin;
            layout.boxes.push_back({left, left + box_width, depth + box_height, depth});
        }
        depth += box_height + (axes ? axis_height : 0.0) + legend_line * static_cast<double>(lines);
    }
    layout.height = depth + source_height;
    for (Box& box : layout.boxes) {
        box.bottom = layout.height - box.bottom;
        box.top = layout.height - box.top;
    }
    return layout;
}

} // namespace moe
