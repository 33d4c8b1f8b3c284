#pragma once
// The one style of all figures, on top of gnuplot-iostream. A figure program says what is measured
// and what is claimed; sizes, fonts, colours, shapes, legend and files are decided here.
//
// Texts are UTF-8; ^{..} and _{..} raise and lower, everything else is literal.

#include "plots/run_data.hpp"

#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace moe {

enum class Scale { linear, log2, log10 };

struct Axis {
    std::string name;
    std::string unit = {}; ///< shown in parentheses; empty for a pure number
    Scale scale = Scale::linear;
    std::optional<double> low = std::nullopt; ///< limits; found from the data where not given
    std::optional<double> high = std::nullopt;
    std::vector<std::string> names = {}; ///< of the ticks at 1, 2, ..: an axis of categories
};

/// Data points; low and high are the ends of the error bars (both empty for none). Points with a
/// coordinate that is not finite are left out.
struct Points {
    std::vector<double> x;
    std::vector<double> y;
    std::vector<double> low = {};
    std::vector<double> high = {};
};

/// A grey picture: values 0 (black) to 1 (white), row by row from the top.
struct GreyImage {
    std::size_t rows;
    std::size_t columns;
    std::vector<double> values;
    std::string caption = {}; ///< a line beneath it
};

enum class LegendPlace { below, top_left, top_right, bottom_left, bottom_right };

/// One pair of axes. Every call returns the panel, so that calls can be chained. Series take the
/// next colour and point shape of the palette of Okabe and Ito (safe for colour-blind readers).
/// Set the axes before the series. Throws std::invalid_argument for vectors of different lengths, a
/// series without a finite point and a value that is not positive on a logarithmic axis.
class Panel {
  public:
    Panel& x_axis(Axis axis);
    Panel& y_axis(Axis axis);
    /// Where the legend stands; below the panel by default, where it hides nothing.
    Panel& legend(LegendPlace place);

    /// Measurement: points with error bars.
    Panel& measured(const std::string& label, Points points);
    /// Measurement of a rate: points, the fitted power law through the sizes of the fit, and a
    /// legend that tells the fitted exponent, its interval and the claimed one. Both axes must be
    /// logarithmic.
    Panel& measured(const std::string& label, Points points, const PlotRate& rate);
    /// A computed quantity without noise: a solid line in the next colour.
    Panel& curve(const std::string& label, std::vector<double> x, std::vector<double> y);
    /// A line (a median) in the next colour, and a light band from low to high (quartiles) behind
    /// all else.
    Panel& band(const std::string& label, Points points);
    /// Theory: a dark broken line, each further one of a panel with its own pattern.
    Panel& theory(const std::string& label, std::vector<double> x, std::vector<double> y);
    /// Theory: factor x^exponent for low <= x <= high.
    Panel& theory_power(const std::string& label, double factor, double exponent, double low,
                        double high);

    /// Reference triangle of a claimed exponent with right angle below its slope; (x, y) is the
    /// left end of the sloped side, which spans x to x run. Both axes must be logarithmic.
    Panel& triangle(double exponent, double x, double y, double run);
    /// The same, placed below the right half of the last measured series.
    Panel& triangle(double exponent);
    /// A text at axis coordinates, centred.
    Panel& note(const std::string& text, double x, double y);

    /// Makes it a panel of pictures without axes, `across` of them in a row; all of one size. Such
    /// a panel takes no series. Throws std::invalid_argument for sizes that do not fit and values
    /// outside [0, 1].
    Panel& images(std::vector<GreyImage> images, std::size_t across);

    /// What a panel holds, for the script that draws it.
    enum class Kind { points, line, theory, band };
    struct Series {
        Kind kind;
        std::string legend; ///< empty: not in the legend
        Points points;
        std::size_t look; ///< index into the dash patterns (theory) or the palette (the others)
    };
    struct Triangle {
        double exponent;
        double x;
        double y;
        double run;
    };
    struct Note {
        std::string text;
        double x;
        double y;
    };
    struct Content {
        std::string title;
        Axis x;
        Axis y;
        LegendPlace legend = LegendPlace::below;
        std::vector<Series> series;
        std::vector<Triangle> triangles;
        std::vector<Note> notes;
        std::vector<GreyImage> images = {};
        std::size_t images_across = 0;
    };
    [[nodiscard]] const Content& content() const noexcept { return content_; }

    explicit Panel(std::string title);

  private:
    void add(Kind kind, const std::string& legend, Points points, std::size_t look);
    void require_logarithmic(const std::string& what) const;

    Content content_;
    std::size_t looks_ = 0;
    std::size_t dashes_ = 0;
};

/// Width of the figure in print: one column (85 mm) or the full text width (175 mm).
enum class FigureWidth { single_column, double_column };

class Figure {
  public:
    /// `name` is the name of the files: <name>.svg, <name>.png, <name>.pdf.
    Figure(std::string name, FigureWidth width, std::string title = {});

    /// A new panel, lettered (a), (b) .. if there are several. The reference stays valid. Panels
    /// are stacked in one column, or stand up to three side by side (four: two by two) in double
    /// width.
    Panel& panel(std::string title = {});

    /// The small grey text in the lower corner; figure_main sets RunData::source_label().
    Figure& source(std::string label);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Draws into folder `out` (made if missing) and returns the files: SVG, PNG, and PDF if
    /// gnuplot has that terminal. All of them are replaced, or none; equal figures have equal
    /// bytes. Throws EnvironmentError if gnuplot is missing (before anything is written), fails or
    /// warns, or a file cannot be written.
    [[nodiscard]] std::vector<std::filesystem::path> render(const std::filesystem::path& out) const;

    [[nodiscard]] FigureWidth width() const noexcept { return width_; }
    [[nodiscard]] const std::string& title() const noexcept { return title_; }
    [[nodiscard]] const std::string& source() const noexcept { return source_; }
    [[nodiscard]] const std::deque<Panel>& panels() const noexcept { return panels_; }

  private:
    std::string name_;
    FigureWidth width_;
    std::string title_;
    std::string source_;
    std::deque<Panel> panels_;
};

} // namespace moe
