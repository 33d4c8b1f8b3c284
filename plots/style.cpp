#include "plots/style.hpp"

#include "basics/error.hpp"
#include "basics/files.hpp"
#include "basics/numbers.hpp"
#include "plots/figure_script.hpp"
#include "plots/gnuplot.hpp"
#include "program/results.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace moe {

namespace {

std::string fit_legend(const std::string& label, const PlotRate& rate) {
    constexpr int digits = 3;
    std::string text = label.empty() ? "" : label + ": ";
    text += "fitted " + rounded(rate.slope, digits);
    if (rate.interval) {
        text += " [" + rounded(rate.interval->low, digits) + ", " +
                rounded(rate.interval->high, digits) + "]";
    }
    return text + ", claimed " + rounded(rate.claimed, digits);
}

Points curve_points(std::vector<double> x, std::vector<double> y) {
    Points points;
    points.x = std::move(x);
    points.y = std::move(y);
    return points;
}

/// factor x^exponent: in logarithmic axes its two ends say all, in others 65 points do.
Points power_law(double factor, double exponent, double low, double high, bool straight) {
    const int steps = straight ? 1 : 64;
    Points points;
    for (int i = 0; i <= steps; ++i) {
        const double x = low * std::pow(high / low, i / static_cast<double>(steps));
        points.x.push_back(x);
        points.y.push_back(factor * std::pow(x, exponent));
    }
    return points;
}

/// Folder for unfinished files beside the finished ones, removed in the end.
class WorkFolder {
  public:
    explicit WorkFolder(const std::filesystem::path& out) {
        std::string name = (out / ".figure-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw EnvironmentError("cannot write into '" + out.string() +
                                   "': " + std::generic_category().message(errno));
        }
        path_ = name;
    }
    ~WorkFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    WorkFolder(WorkFolder&&) = delete;
    WorkFolder& operator=(WorkFolder&&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

/// cairo writes the time of day into a PDF and has no switch for it. Digits take the place of
/// digits, so that the offsets inside the file stay right.
void fix_creation_date(std::string& pdf) {
    constexpr std::string_view mark = "/CreationDate (D:";
    constexpr std::string_view date = "20000101000000";
    const std::size_t at = pdf.find(mark);
    if (at == std::string::npos || at + mark.size() + date.size() > pdf.size()) return;
    pdf.replace(at + mark.size(), date.size(), date);
}

} // namespace

Panel::Panel(std::string title) {
    content_.title = std::move(title);
}

Panel& Panel::x_axis(Axis axis) {
    content_.x = std::move(axis);
    return *this;
}

Panel& Panel::y_axis(Axis axis) {
    content_.y = std::move(axis);
    return *this;
}

Panel& Panel::legend(LegendPlace place) {
    content_.legend = place;
    return *this;
}

Panel& Panel::measured(const std::string& label, Points points) {
    add(Kind::points, label, std::move(points), looks_++);
    return *this;
}

Panel& Panel::measured(const std::string& label, Points points, const PlotRate& rate) {
    require_logarithmic("a fitted power law");
    const std::size_t look = looks_++;
    const double factor = std::exp2(rate.intercept_log2);
    add(Kind::line, {}, power_law(factor, rate.slope, rate.window_low, rate.window_high, true),
        look);
    add(Kind::points, fit_legend(label, rate), std::move(points), look);
    return *this;
}

Panel& Panel::curve(const std::string& label, std::vector<double> x, std::vector<double> y) {
    add(Kind::line, label, curve_points(std::move(x), std::move(y)), looks_++);
    return *this;
}

Panel& Panel::band(const std::string& label, Points points) {
    if (points.low.empty() || points.high.empty()) {
        throw std::invalid_argument("panel '" + content_.title + "', series '" + label +
                                    "': a band needs low and high");
    }
    Points middle = curve_points(points.x, points.y);
    const std::size_t look = looks_++;
    add(Kind::band, {}, std::move(points), look);
    add(Kind::line, label, std::move(middle), look);
    return *this;
}

Panel& Panel::theory(const std::string& label, std::vector<double> x, std::vector<double> y) {
    add(Kind::theory, label, curve_points(std::move(x), std::move(y)), dashes_++);
    return *this;
}

Panel& Panel::theory_power(const std::string& label, double factor, double exponent, double low,
                           double high) {
    const bool straight = content_.x.scale != Scale::linear && content_.y.scale != Scale::linear;
    add(Kind::theory, label, power_law(factor, exponent, low, high, straight), dashes_++);
    return *this;
}

Panel& Panel::triangle(double exponent, double x, double y, double run) {
    require_logarithmic("a reference triangle");
    if (!(x > 0 && y > 0 && run > 1 && std::isfinite(y * std::pow(run, exponent)))) {
        throw std::invalid_argument("triangle: x and y must be positive, run above 1");
    }
    content_.triangles.push_back({exponent, x, y, run});
    return *this;
}

Panel& Panel::triangle(double exponent) {
    require_logarithmic("a reference triangle");
    const auto last = std::find_if(content_.series.rbegin(), content_.series.rend(),
                                   [](const Series& s) { return s.kind == Kind::points; });
    if (last == content_.series.rend() || last->points.x.size() < 2) {
        throw std::invalid_argument("triangle: no measured series to stand below");
    }
    // Below the points between 45 % and 75 % of their width, by a tenth of the panel's height.
    const auto [left, right] = std::minmax_element(last->points.x.begin(), last->points.x.end());
    const double x = *left * std::pow(*right / *left, 0.45);
    const double run = std::pow(*right / *left, 0.30);
    double lowest = INFINITY;
    double highest = 0;
    double level = INFINITY;
    for (const Series& series : content_.series) {
        for (const double y : series.points.y) {
            lowest = std::min(lowest, y);
            highest = std::max(highest, y);
        }
    }
    for (std::size_t i = 0; i < last->points.x.size(); ++i) {
        // Sloped side through (x, y) below this point and its bar: y <= y_i (x/x_i)^exponent.
        const double share = last->points.x[i] / x;
        const double bottom = last->points.low.empty() ? last->points.y[i] : last->points.low[i];
        if (share >= 1 / run && share <= run * run) {
            level = std::min(level, bottom * std::pow(share, -exponent));
        }
    }
    if (!std::isfinite(level)) level = std::sqrt(lowest * highest);
    return triangle(exponent, x, level * std::pow(lowest / highest, 0.1), run);
}

Panel& Panel::note(const std::string& text, double x, double y) {
    content_.notes.push_back({text, x, y});
    return *this;
}

Panel& Panel::images(std::vector<GreyImage> images, std::size_t across) {
    if (images.empty() || across == 0) {
        throw std::invalid_argument("panel '" + content_.title + "': no image to draw");
    }
    for (const GreyImage& image : images) {
        const bool grey = std::all_of(image.values.begin(), image.values.end(),
                                      [](double value) { return value >= 0.0 && value <= 1.0; });
        // gnuplot needs two pixels each way to know how large one is.
        if (!grey || image.rows < 2 || image.columns < 2 || image.rows != images.front().rows ||
            image.columns != images.front().columns ||
            image.values.size() != image.rows * image.columns) {
            throw std::invalid_argument("panel '" + content_.title + "', image '" + image.caption +
                                        "': sizes do not fit or a value is outside [0, 1]");
        }
    }
    content_.images = std::move(images);
    content_.images_across = across;
    return *this;
}

void Panel::require_logarithmic(const std::string& what) const {
    if (content_.x.scale == Scale::linear || content_.y.scale == Scale::linear) {
        throw std::invalid_argument("panel '" + content_.title + "': " + what +
                                    " needs two logarithmic axes");
    }
}

void Panel::add(Kind kind, const std::string& legend, Points points, std::size_t look) {
    const std::string name = "panel '" + content_.title + "', series '" + legend + "': ";
    if (!content_.images.empty()) throw std::invalid_argument(name + "the panel holds images");
    const std::size_t size = points.x.size();
    const bool bars = !points.low.empty() || !points.high.empty();
    if (points.y.size() != size ||
        (bars && (points.low.size() != size || points.high.size() != size))) {
        throw std::invalid_argument(name + "coordinates differ in number");
    }
    Points kept;
    for (std::size_t i = 0; i < size; ++i) {
        const double low = bars ? points.low[i] : points.y[i];
        const double high = bars ? points.high[i] : points.y[i];
        if (!std::isfinite(points.x[i] + points.y[i] + low + high)) continue;
        if ((content_.x.scale != Scale::linear && !(points.x[i] > 0)) ||
            (content_.y.scale != Scale::linear && !(points.y[i] > 0 && low > 0))) {
            throw std::invalid_argument(name + "a value on a logarithmic axis is not positive");
        }
        kept.x.push_back(points.x[i]);
        kept.y.push_back(points.y[i]);
        if (bars) {
            kept.low.push_back(low);
            kept.high.push_back(high);
        }
    }
    if (kept.x.empty()) throw std::invalid_argument(name + "no finite point");
    content_.series.push_back({kind, legend, std::move(kept), look});
}

Figure::Figure(std::string name, FigureWidth width, std::string title)
    : name_(std::move(name))
    , width_(width)
    , title_(std::move(title)) {}

Panel& Figure::panel(std::string title) {
    return panels_.emplace_back(std::move(title));
}

Figure& Figure::source(std::string label) {
    source_ = std::move(label);
    return *this;
}

std::vector<std::filesystem::path> Figure::render(const std::filesystem::path& out) const {
    if (panels_.empty()) throw std::invalid_argument("figure '" + name_ + "' has no panel");
    const std::string terminals = " " + gnuplot_terminals() + " ";
    std::error_code error;
    std::filesystem::create_directories(out, error);
    if (error) {
        throw EnvironmentError("cannot make folder '" + out.string() + "': " + error.message());
    }
    const WorkFolder work(out);
    std::vector<OutputFile> files{{name_ + ".svg", {}}, {name_ + ".png", {}}};
    std::vector<Drawing> drawings{{PictureFormat::svg, work.path() / files[0].name},
                                  {PictureFormat::png, work.path() / files[1].name}};
    if (terminals.find(" pdfcairo ") != std::string::npos) {
        files.push_back({name_ + ".pdf", {}});
        drawings.push_back({PictureFormat::pdf, work.path() / files.back().name});
    }
    const std::filesystem::path script = work.path() / (name_ + ".gp");
    write_script(*this, drawings, script);
    run_gnuplot(script);

    std::vector<std::filesystem::path> paths;
    for (std::size_t i = 0; i < files.size(); ++i) {
        files[i].bytes = MappedFile(drawings[i].file).text();
        if (files[i].bytes.empty()) {
            throw EnvironmentError("gnuplot left '" + files[i].name + "' empty");
        }
        if (drawings[i].format == PictureFormat::pdf) fix_creation_date(files[i].bytes);
        paths.push_back(out / files[i].name);
    }
    publish(out, files);
    return paths;
}

} // namespace moe
