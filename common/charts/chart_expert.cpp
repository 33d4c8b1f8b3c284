#include "charts/chart_expert.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"
#include "constructions/freudenthal.hpp"

#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

constexpr std::size_t most_dimensions = 3;

/// A linear function of the inputs in grid units, and the pairs s(f - k), s(k - f) of a range of
/// integers k that are written of it.
struct Ramps {
    std::vector<Term> up;
    std::vector<Term> down;
    double offset; ///< the function is `up` plus this
    std::int64_t first_knot;
    std::uint32_t first_unit = 0;

    /// Unit s(f - k); s(k - f) is the next one.
    [[nodiscard]] std::uint32_t unit(std::int64_t k) const {
        return first_unit + 2 * static_cast<std::uint32_t>(k - first_knot);
    }
};

Ramps ramps(std::span<const double> row, double offset, std::int64_t first_knot) {
    Ramps result{.up = {}, .down = {}, .offset = offset, .first_knot = first_knot};
    for (std::size_t column = 0; column < row.size(); ++column) {
        result.up.push_back({static_cast<std::uint32_t>(column), row[column]});
        result.down.push_back({static_cast<std::uint32_t>(column), -row[column]});
    }
    return result;
}

void write_ramps(NetWriter& writer, Ramps& ramps, std::int64_t last_knot) {
    bool first = true;
    for (std::int64_t k = ramps.first_knot; k <= last_knot; ++k) {
        const double bias = ramps.offset - static_cast<double>(k);
        const std::uint32_t unit = writer.neuron(ramps.up, bias);
        writer.neuron(ramps.down, -bias);
        if (first) ramps.first_unit = unit;
        first = false;
    }
}

/// The units of a node k by which -max(0, y) and -max(0, -y) are made: those of y_1 and of the last
/// axis, and for d = 3 those of y_2 - y_3.
struct NodeUnits {
    std::uint32_t first;
    std::uint32_t last;
    std::uint32_t difference; ///< d = 3 only
    std::uint32_t copy;       ///< second layer: s(y_1), after it s(-y_1)
};

/// P = s(y_3 + s(y_2 - y_3) - s(y_1)) and its mirror Q for d = 3; d = 2 has y_2 for y_3 and no
/// difference. max(0, y) = s(y_1) + P, max(0, -y) = s(-y_1) + Q. Returns P's unit; Q is the next.
std::uint32_t write_maxima(NetWriter& writer, std::size_t d, const NodeUnits& unit) {
    std::vector<Term> up{{unit.first, -1.0}, {unit.last, 1.0}, {unit.last + 1, -1.0}};
    std::vector<Term> down{{unit.first + 1, -1.0}, {unit.last + 1, 1.0}, {unit.last, -1.0}};
    if (d == 3) {
        up.push_back({unit.difference, 1.0});
        down.push_back({unit.difference + 1, 1.0});
    }
    const std::uint32_t result = writer.neuron(up);
    writer.neuron(down);
    return result;
}

void write_hats(NetWriter& writer, const ChartGrid& grid, std::span<const double> encoder,
                std::span<const double> values) {
    const std::size_t d = grid.intrinsic();
    const std::size_t columns = encoder.size() / d;
    const std::int64_t N = grid.cells();
    const double half = 0.5 * static_cast<double>(N); // r/h
    std::vector<double> rows(encoder.begin(), encoder.end());
    for (double& weight : rows)
        weight /= grid.spacing();
    const auto row = [&](std::size_t j) { return std::span(rows).subspan(j * columns, columns); };

    writer.next_layer();
    Ramps first = ramps(row(0), half, 0);
    write_ramps(writer, first, N);
    Ramps last = ramps(row(d - 1), half, 0);
    write_ramps(writer, last, N);
    Ramps difference{.up = {}, .down = {}, .offset = 0.0, .first_knot = -N};
    if (d == 3) {
        std::vector<double> between(columns);
        for (std::size_t column = 0; column < columns; ++column)
            between[column] = row(1)[column] - row(2)[column];
        difference = ramps(between, 0.0, -N);
        write_ramps(writer, difference, N);
    }

    writer.next_layer();
    for (std::int64_t k = 0; k <= N; ++k) {
        writer.neuron({{first.unit(k), 1.0}});
        writer.neuron({{first.unit(k) + 1, 1.0}});
    }
    std::vector<NodeUnits> nodes;
    std::vector<std::uint32_t> maxima;
    for (std::int64_t k1 = 0; k1 <= N; ++k1) {
        for (std::int64_t k2 = 0; k2 <= (d == 3 ? N : 0); ++k2) {
            for (std::int64_t k3 = 0; k3 <= N; ++k3) {
                nodes.push_back({first.unit(k1), last.unit(k3),
                                 d == 3 ? difference.unit(k2 - k3) : 0,
                                 2 * static_cast<std::uint32_t>(k1)});
                maxima.push_back(write_maxima(writer, d, nodes.back()));
            }
        }
    }

    writer.next_layer();
    std::vector<Term> interpolant;
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        const std::uint32_t copy = nodes[node].copy;
        const std::uint32_t hat = writer.neuron(
            {{copy, -1.0}, {copy + 1, -1.0}, {maxima[node], -1.0}, {maxima[node] + 1, -1.0}}, 1.0);
        interpolant.push_back({hat, values[node]});
    }
    writer.next_layer();
    writer.neuron(interpolant);
}

void require_sizes(const ChartGrid& grid, std::span<const double> encoder,
                   std::span<const double> values) {
    if (encoder.empty() || encoder.size() % grid.intrinsic() != 0 || values.size() != grid.nodes())
        throw std::invalid_argument("chart expert: " + std::to_string(encoder.size()) +
                                    " entries of the encoder and " + std::to_string(values.size()) +
                                    " values for d = " + std::to_string(grid.intrinsic()) +
                                    " and " + std::to_string(grid.nodes()) + " nodes");
}

} // namespace

ChartGrid::ChartGrid(std::size_t intrinsic, std::int64_t cells, double radius)
    : d_(intrinsic)
    , cells_(cells)
    , radius_(radius)
    , nodes_(1) {
    if (d_ < 1 || d_ > most_dimensions)
        throw InputError("intrinsic dimension d = " + std::to_string(d_) + ": must be in 1..3");
    if (cells_ < 1)
        throw InputError("cells N = " + std::to_string(cells_) + " an axis: must be at least 1");
    if (!(radius_ > 0.0) || !std::isfinite(radius_))
        throw InputError("radius " + shortest(radius_) + ": must be positive and finite");
    for (std::size_t j = 0; j < d_; ++j) {
        if (static_cast<std::uint64_t>(cells_) >= max_nodes / nodes_)
            throw InputError("cells N = " + std::to_string(cells_) + ": a grid of (N+1)^" +
                             std::to_string(d_) + " nodes is above 2^24");
        nodes_ *= static_cast<std::size_t>(cells_) + 1;
    }
}

double ChartGrid::spacing() const noexcept {
    return 2.0 * radius_ / static_cast<double>(cells_);
}

void ChartGrid::node(std::size_t node, std::span<double> t) const {
    if (node >= nodes_)
        throw std::out_of_range("chart grid: node " + std::to_string(node) + " of " +
                                std::to_string(nodes_));
    const std::size_t an_axis = static_cast<std::size_t>(cells_) + 1;
    for (std::size_t j = d_; j-- > 0; node /= an_axis)
        t[j] = radius_ *
               (2.0 * static_cast<double>(node % an_axis) / static_cast<double>(cells_) - 1.0);
}

std::vector<double> ChartGrid::values(const ScalarField& g) const {
    std::vector<double> result(nodes_);
    std::array<double, most_dimensions> t{};
    for (std::size_t k = 0; k < nodes_; ++k) {
        node(k, std::span(t).first(d_));
        result[k] = g(std::span(t).first(d_));
    }
    return result;
}

std::size_t ChartGrid::expert_width() const noexcept {
    const std::size_t an_axis = static_cast<std::size_t>(cells_) + 1;
    return d_ == 1 ? an_axis - 1 : 2 * nodes_ + 2 * an_axis;
}

void write_lines(NetWriter& writer, std::span<const LineInterpolant> lines) {
    // Each: g(t_0) + sum_{k<N} c_k s(t - t_k), c_0 the first slope, c_k the increments.
    std::vector<Term> increments;
    double constant = 0.0;
    writer.next_layer();
    for (const LineInterpolant& line : lines) {
        require_sizes(line.grid, line.encoder, line.values);
        if (line.grid.intrinsic() != 1)
            throw std::invalid_argument("line interpolant: a grid of dimension " +
                                        std::to_string(line.grid.intrinsic()));
        std::vector<Term> encoded;
        for (std::size_t column = 0; column < line.encoder.size(); ++column)
            encoded.push_back({static_cast<std::uint32_t>(column), line.encoder[column]});
        double slope = 0.0;
        for (std::size_t k = 0; k + 1 < line.values.size(); ++k) {
            std::array<double, 1> knot{};
            line.grid.node(k, knot);
            const double next = (line.values[k + 1] - line.values[k]) / line.grid.spacing();
            increments.push_back({writer.neuron(encoded, -knot[0]), next - slope});
            slope = next;
        }
        constant += line.values[0];
    }
    writer.next_layer();
    writer.neuron(increments, constant);
}

void write_chart_expert(NetWriter& writer, const ChartGrid& grid, std::span<const double> encoder,
                        std::span<const double> values) {
    require_sizes(grid, encoder, values);
    if (grid.intrinsic() == 1) {
        write_lines(writer, std::array{LineInterpolant{grid, encoder, values}});
    } else {
        write_hats(writer, grid, encoder, values);
    }
}

Architecture chart_expert_shape(const ChartGrid& grid, std::uint32_t inputs, std::size_t columns) {
    ShapeRecorder shape;
    write_chart_expert(shape, grid, std::vector<double>(grid.intrinsic() * columns),
                       std::vector<double>(grid.nodes()));
    return std::move(shape).sparse(inputs);
}

double chart_interpolant(const ChartGrid& grid, std::span<const double> values,
                         std::span<const double> t) {
    // One cell of (N+1)^d nodes at (k + 1/2)/(N + 1).
    const std::int64_t an_axis = grid.cells() + 1;
    const std::array<std::int64_t, most_dimensions> cell{};
    std::array<double, most_dimensions> x{};
    for (std::size_t j = 0; j < grid.intrinsic(); ++j)
        x.at(j) = ((t[j] + grid.radius()) / grid.spacing() + 0.5) / static_cast<double>(an_axis);
    return freudenthal_interpolant(1, an_axis, std::span(cell).first(grid.intrinsic()), values,
                                   std::span<const double>(x).first(grid.intrinsic()));
}

} // namespace moe
