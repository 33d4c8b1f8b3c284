#include "plots/geometric_means.hpp"

#include "statistics/paired.hpp"

#include <cmath>
#include <cstddef>
#include <map>
#include <vector>

namespace moe {

Points geometric_means(const PlotTable& table, std::string_view x, std::string_view y) {
    const std::vector<double> places = table.numbers(x);
    const std::vector<double> values = table.numbers(y);
    std::map<double, std::vector<double>> logs;
    for (std::size_t i = 0; i < places.size(); ++i)
        logs[places[i]].push_back(std::log(values[i]));
    Points points;
    for (const auto& [place, of] : logs) {
        const auto count = static_cast<double>(of.size());
        double mean = 0.0;
        for (const double value : of)
            mean += value / count;
        double half = 0.0;
        if (of.size() > 1) {
            double squares = 0.0;
            for (const double value : of)
                squares += (value - mean) * (value - mean);
            half =
                student_quantile(0.975, count - 1.0) * std::sqrt(squares / (count - 1.0) / count);
        }
        points.x.push_back(place);
        points.y.push_back(std::exp(mean));
        points.low.push_back(std::exp(mean - half));
        points.high.push_back(std::exp(mean + half));
    }
    return points;
}

} // namespace moe
