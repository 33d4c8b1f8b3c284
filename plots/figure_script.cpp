#include "plots/figure_script.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "plots/figure_axis.hpp"
#include "plots/figure_images.hpp"
#include "plots/figure_layout.hpp"

#include <gnuplot-iostream.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

namespace moe {

namespace {

// Okabe and Ito, "Color universal design" (2008), without the yellow, which is too light on white.
constexpr std::array<std::string_view, 7> colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                  "#E69F00", "#56B4E9", "#000000"};
// Filled and open shapes of gnuplot. 7 colours and 8 shapes: 56 looks before one comes back.
constexpr std::array<int, 8> shapes{7, 5, 9, 13, 11, 6, 4, 8};
constexpr std::array<std::string_view, 4> dashes{"(9,4)", "(3,3)", "(10,3,2,3)", "(14,4)"};

/// Border, ticks and grid of a panel with axes.
constexpr std::string_view panel_style =
    "set border 3 lw 0.6\nset tics nomirror out scale 0.5,0.25\nset tics font ',6.5'\nset xtics "
    "offset 0,0.4\nset ytics offset 0.4,0\nset grid lt 1 lw 0.3 lc rgb '#DDDDDD'\n";

std::string number(double value) {
    return shortest(value);
}

/// Text for gnuplot's enhanced mode between single quotes: ^{..} and _{..} work, all else is
/// literal.
std::string enhanced_text(std::string_view text) {
    std::string out = "'";
    int open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) < 0x20) {
            throw std::invalid_argument("figure text '" + std::string(text) +
                                        "' has a control character");
        }
        if ((c == '^' || c == '_') && text.substr(i + 1, 1) == "{") {
            out += c;
            out += '{';
            ++open;
            ++i;
        } else if (c == '}' && open > 0) {
            out += c;
            --open;
        } else {
            if (std::string_view("^_{}@&~\\").find(c) != std::string_view::npos) out += '\\';
            if (c == '\'') out += '\'';
            out += c;
        }
    }
    return out.append(static_cast<std::size_t>(open), '}') + "'";
}

std::string file_name(const std::filesystem::path& path) {
    std::string out = "'";
    for (const char c : path.string()) {
        if (c == '\'') out += '\'';
        out += c;
    }
    return out + "'";
}

std::string axis_name(const Axis& axis) {
    return enhanced_text(axis.unit.empty() ? axis.name : axis.name + " (" + axis.unit + ")");
}

class ScriptWriter {
  public:
    ScriptWriter(const Figure& figure, const std::filesystem::path& script)
        : figure_(figure)
        , layout_(layout_of(figure))
        , out_(">" + script.string()) {}

    void write(const std::vector<Drawing>& drawings) {
        out_ << "set encoding utf8\n";
        write_data();
        for (const Drawing& drawing : drawings) {
            write_terminal(drawing);
            write_picture();
        }
        out_.flush();
        if (!out_.good()) throw EnvironmentError("cannot write a gnuplot script (disk full?)");
    }

  private:
    [[nodiscard]] std::string screen_x(double inches) const {
        return number(inches / layout_.width);
    }
    [[nodiscard]] std::string screen_y(double inches) const {
        return number(inches / layout_.height);
    }

    /// Name of the data block of a series ('s'), triangle ('t') or image ('i').
    static std::string block(std::size_t panel, char kind, std::size_t index) {
        return "$p" + std::to_string(panel) + kind + std::to_string(index);
    }

    /// Data blocks; "e" is how gnuplot-iostream ends what it sends.
    void write_data() {
        for (std::size_t p = 0; p < figure_.panels().size(); ++p) {
            const Panel::Content& panel = figure_.panels()[p].content();
            for (std::size_t s = 0; s < panel.series.size(); ++s) {
                const Points& points = panel.series[s].points;
                std::vector<std::tuple<double, double, double, double>> rows;
                for (std::size_t i = 0; i < points.x.size(); ++i) {
                    const double low = points.low.empty() ? points.y[i] : points.low[i];
                    const double high = points.high.empty() ? points.y[i] : points.high[i];
                    rows.emplace_back(points.x[i], points.y[i], low, high);
                }
                out_ << block(p, 's', s) << " << e\n";
                out_.send1d(rows);
            }
            for (std::size_t t = 0; t < panel.triangles.size(); ++t) {
                out_ << block(p, 't', t) << " << e\n";
                out_.send1d(outline_of(panel.triangles[t]));
            }
            for (std::size_t i = 0; i < panel.images.size(); ++i) {
                out_ << block(p, 'i', i) << " << e\n";
                out_.send1d(pixels_of(panel, i));
            }
        }
    }

    /// The right angle is at the lower right of a rising side, at the lower left of a falling one.
    static std::vector<std::pair<double, double>> outline_of(const Panel::Triangle& t) {
        const double x_end = t.x * t.run;
        const double y_end = t.y * std::pow(t.run, t.exponent);
        return {{t.x, t.y},
                {x_end, y_end},
                {t.exponent >= 0 ? x_end : t.x, std::min(t.y, y_end)},
                {t.x, t.y}};
    }

    void write_terminal(const Drawing& drawing) {
        const auto pixels = [&](double per_inch) {
            return number(std::round(layout_.width * per_inch)) + "," +
                   number(std::round(layout_.height * per_inch));
        };
        const std::string inches = number(layout_.width) + "in," + number(layout_.height) + "in";
        switch (drawing.format) {
        case PictureFormat::svg: // 96 px an inch, fonts in px
            out_ << "set terminal svg enhanced fixed size " << pixels(96)
                 << " font 'sans-serif,7' fontscale 1.3333 linewidth 1.3333 background 'white'\n";
            point_scale_ = 0.55;
            break;
        case PictureFormat::png:
            out_ << "set terminal pngcairo enhanced size " << pixels(400)
                 << " font 'sans-serif,7' fontscale 4.1667 linewidth 5 background 'white'\n";
            point_scale_ = 2.4;
            break;
        case PictureFormat::pdf:
            out_ << "set terminal pdfcairo enhanced size " << inches
                 << " font 'sans-serif,7' fontscale 0.75 linewidth 2 background 'white'\n";
            point_scale_ = 0.57;
            break;
        }
        out_ << "set output " << file_name(drawing.file) << "\n";
    }

    void write_picture() {
        out_ << "set multiplot\nset pointintervalbox 0\nset errorbars 0.6 lw 0.7\n" << panel_style;
        for (std::size_t p = 0; p < figure_.panels().size(); ++p) {
            write_panel(p);
        }
        out_ << "unset multiplot\nunset output\n";
    }

    /// Texts of the whole figure are drawn with the first panel.
    void write_figure_texts() {
        if (!figure_.title().empty()) {
            out_ << "set label " << enhanced_text(figure_.title()) << " at screen 0.5, screen "
                 << screen_y(layout_.height - 0.13) << " center font ',8.5'\n";
        }
        if (!figure_.source().empty()) {
            out_ << "set label " << enhanced_text(figure_.source()) << " at screen "
                 << screen_x(layout_.width - 0.05) << ", screen " << screen_y(0.06)
                 << " right font ',4.5' tc rgb '#888888'\n";
        }
    }

    void write_panel(std::size_t p) {
        const Panel::Content& panel = figure_.panels()[p].content();
        const Box& box = layout_.boxes[p];
        out_ << "unset label\nset lmargin at screen " << screen_x(box.left)
             << "\nset rmargin at screen " << screen_x(box.right) << "\nset tmargin at screen "
             << screen_y(box.top) << "\nset bmargin at screen " << screen_y(box.bottom) << "\n";
        if (p == 0) write_figure_texts();
        write_panel_title(p);
        if (!panel.images.empty()) {
            write_images(p);
            return;
        }
        out_ << "set xlabel " << axis_name(panel.x) << " font ',7.5' offset 0,0.9\n"
             << "set ylabel " << axis_name(panel.y) << " font ',7.5' offset 1.2,0\n"
             << axes(panel);
        write_legend_place(panel, box);
        write_notes(panel);
        write_plot(p);
    }

    void write_images(std::size_t p) {
        const Panel::Content& panel = figure_.panels()[p].content();
        const ImageGrid grid = image_grid(panel);
        out_ << "unset xlabel\nunset ylabel\nset border 0\nunset tics\nunset key\nset xrange [0:"
             << number(grid.across) << "]\nset yrange [" << number(-grid.down) << ":0]\n";
        std::string command;
        for (std::size_t i = 0; i < panel.images.size(); ++i) {
            const auto [x, y] = caption_place(panel, i);
            out_ << "set label " << enhanced_text(panel.images[i].caption) << " at " << number(x)
                 << ", " << number(y) << " center front font ',6'\n";
            command += (i == 0 ? "plot " : ", \\\n  ") + block(p, 'i', i) +
                       " using 1:2:3:3:3 with rgbimage notitle";
        }
        for (std::size_t i = 0; i < panel.images.size(); ++i) {
            const ImageFrame frame = frame_of(panel, i);
            out_ << "set object " << i + 1 << " rectangle from " << number(frame.left) << ","
                 << number(frame.bottom) << " to " << number(frame.right) << ","
                 << number(frame.top) << " front fs empty border lc rgb '#888888' lw 0.4\n";
        }
        out_ << command << "\nunset object\n" << panel_style;
    }

    void write_panel_title(std::size_t p) {
        const Panel::Content& panel = figure_.panels()[p].content();
        if (!has_title(figure_, panel)) return;
        std::string title = panel.title;
        if (figure_.panels().size() > 1) {
            title = std::string("(") + static_cast<char>('a' + static_cast<int>(p)) + ") " + title;
        }
        out_ << "set label " << enhanced_text(title) << " at screen "
             << screen_x(layout_.boxes[p].left) << ", screen "
             << screen_y(layout_.boxes[p].top + 0.12) << " left font ',7.5'\n";
    }

    static std::string axes(const Panel::Content& panel) {
        std::vector<double> xs;
        std::vector<double> ys;
        const auto include = [](std::vector<double>& all, const std::vector<double>& part) {
            all.insert(all.end(), part.begin(), part.end());
        };
        for (const Panel::Series& series : panel.series) {
            include(xs, series.points.x);
            include(ys, series.points.y);
            include(ys, series.points.low);
            include(ys, series.points.high);
        }
        for (const Panel::Triangle& t : panel.triangles) {
            include(xs, {t.x, t.x * t.run});
            include(ys, {t.y, t.y * std::pow(t.run, t.exponent)});
        }
        if (xs.empty()) throw std::invalid_argument("panel '" + panel.title + "' has no series");
        const auto quoted = [](const Axis& axis) {
            std::vector<std::string> names;
            for (const std::string& name : axis.names)
                names.push_back(enhanced_text(name));
            return names;
        };
        return axis_commands('x', panel.x, axis_range(panel.x, xs), quoted(panel.x)) +
               axis_commands('y', panel.y, axis_range(panel.y, ys), quoted(panel.y));
    }

    void write_legend_place(const Panel::Content& panel, const Box& box) {
        constexpr std::array<std::string_view, 4> corners{"top left", "top right", "bottom left",
                                                          "bottom right"};
        out_ << "set key Left reverse vertical maxcols 1 samplen 1.4 spacing 0.95 font ',6' ";
        if (panel.legend == LegendPlace::below) {
            out_ << "at screen " << screen_x(box.left - 0.54) << ", screen "
                 << screen_y(box.bottom - axis_height) << " left top noopaque\n";
        } else {
            out_ << "inside " << corners.at(static_cast<std::size_t>(panel.legend) - 1)
                 << " opaque\n";
        }
    }

    void write_notes(const Panel::Content& panel) {
        for (const Panel::Note& note : panel.notes) {
            out_ << "set label " << enhanced_text(note.text) << " at " << number(note.x) << ", "
                 << number(note.y) << " center front font ',6'\n";
        }
        for (const Panel::Triangle& t : panel.triangles) {
            const double x_end = t.x * t.run;
            const double y_end = t.y * std::pow(t.run, t.exponent);
            const bool rises = t.exponent >= 0;
            const double x_middle = t.x * std::sqrt(t.run);
            const double y_middle = std::sqrt(t.y * y_end);
            out_ << "set label " << enhanced_text(rounded(t.exponent, 3)) << " at "
                 << number(rises ? x_end : t.x) << ", " << number(y_middle)
                 << (rises ? " left offset 0.4,0" : " right offset -0.4,0") << " front font ',6'\n";
            if (t.exponent != 0) {
                out_ << "set label '1' at " << number(x_middle) << ", "
                     << number(std::min(t.y, y_end)) << " center offset 0,-0.5 front font ',6'\n";
            }
        }
    }

    static std::string look_of(const Panel::Series& series, double point_scale) {
        const std::string colour =
            " lc rgb '" + std::string(colours.at(series.look % colours.size())) + "'";
        switch (series.kind) {
        case Panel::Kind::points:
            return "pt " + std::to_string(shapes.at(series.look % shapes.size())) + " ps " +
                   number(point_scale) + " lw 0.8" + colour;
        case Panel::Kind::line:
            return "lw 1" + colour;
        case Panel::Kind::band:
            return "fillstyle transparent solid 0.18 noborder" + colour;
        case Panel::Kind::theory:
            break;
        }
        return "lw 1 lc rgb '#404040' dt " + std::string(dashes.at(series.look % dashes.size()));
    }

    /// How a series is drawn: columns and plotting style.
    static std::string columns_and_style(const Panel::Series& series) {
        switch (series.kind) {
        case Panel::Kind::band:
            return " using 1:3:4 with filledcurves ";
        case Panel::Kind::points:
            return series.points.low.empty() ? " using 1:2 with points "
                                             : " using 1:2:3:4 with yerrorbars ";
        case Panel::Kind::line:
        case Panel::Kind::theory:
            break;
        }
        return " using 1:2 with lines ";
    }

    /// Which series are drawn over which.
    static int layer_of(const Panel::Series& series) {
        if (series.kind == Panel::Kind::band) return 0;
        return series.kind == Panel::Kind::points ? 2 : 1;
    }

    /// Bands, then lines, then points on top; the legend in the order in which the series were
    /// given.
    void write_plot(std::size_t p) {
        const Panel::Content& panel = figure_.panels()[p].content();
        std::string command;
        const auto draw = [&](const std::string& part) {
            command += (command.empty() ? "plot " : ", \\\n  ") + part;
        };
        for (std::size_t t = 0; t < panel.triangles.size(); ++t) {
            draw(block(p, 't', t) + " using 1:2 with lines lw 0.7 lc rgb '#404040' notitle");
        }
        for (const int layer : {0, 1, 2}) {
            for (std::size_t s = 0; s < panel.series.size(); ++s) {
                const Panel::Series& series = panel.series[s];
                if (layer_of(series) != layer) continue;
                draw(block(p, 's', s) + columns_and_style(series) + look_of(series, point_scale_) +
                     " notitle");
            }
        }
        for (const Panel::Series& series : panel.series) {
            if (series.legend.empty()) continue;
            const bool points = series.kind == Panel::Kind::points;
            draw(std::string("keyentry with ") + (points ? "points " : "lines ") +
                 look_of(series, point_scale_) + " title " + enhanced_text(series.legend));
        }
        out_ << command << "\n";
    }

    const Figure& figure_;
    Layout layout_;
    Gnuplot out_;
    double point_scale_ = 1;
};

} // namespace

void write_script(const Figure& figure, const std::vector<Drawing>& drawings,
                  const std::filesystem::path& script) {
    try {
        ScriptWriter(figure, script).write(drawings);
    } catch (const std::ios_base::failure& failure) {
        throw EnvironmentError("cannot write '" + script.string() + "': " + failure.what());
    }
}

} // namespace moe
