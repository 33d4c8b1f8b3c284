#include "constructions/net_writer.hpp"
#include "pieces/one_layer.hpp"
#include "pieces/sub_functions.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace moe {

namespace {

double part(std::uint32_t intervals, std::uint32_t pieces) noexcept {
    const double q = static_cast<double>(intervals) * pieces;
    return 1.0 / (8.0 * q * q);
}

/// Gives the knots one by one to the coordinate where they help most, which is best for a sum of
/// convex functions.
void place_knots(GridShape& shape, std::uint32_t knots) {
    shape.pieces.assign(shape.intervals.size(), 1);
    for (std::uint32_t k = 0; k < knots; ++k) {
        std::size_t best = 0;
        double highest = 0.0;
        for (std::size_t l = 0; l < shape.intervals.size(); ++l) {
            const double gain = part(shape.intervals[l], shape.pieces[l]) -
                                part(shape.intervals[l], shape.pieces[l] + 1);
            if (gain > highest) {
                highest = gain;
                best = l;
            }
        }
        ++shape.pieces[best];
    }
}

/// All ascending numbers of intervals whose product is at most `experts`.
void search(std::vector<std::uint32_t>& intervals, std::uint32_t L, std::uint64_t experts,
            std::uint32_t knots, GridShape& best) {
    if (intervals.size() == L) {
        GridShape shape{.intervals = intervals, .pieces = {}};
        place_knots(shape, knots);
        if (best.intervals.empty() || shape.square_norm_error() < best.square_norm_error())
            best = std::move(shape);
        return;
    }
    // The last coordinate takes all that is left.
    const bool last = intervals.size() + 1 == L;
    const auto least =
        static_cast<std::uint32_t>(last ? experts : (intervals.empty() ? 1 : intervals.back()));
    for (std::uint32_t n = least; n <= experts; ++n) {
        intervals.push_back(n);
        search(intervals, L, experts / n, knots, best);
        intervals.pop_back();
    }
}

/// The expert on one box: coordinate l on interval box[l].
class GridExpert {
  public:
    GridExpert(const GridShape& shape, const std::vector<std::uint32_t>& box)
        : affine_(std::all_of(shape.pieces.begin(), shape.pieces.end(),
                              [](std::uint32_t p) { return p == 1; })) {
        for (std::size_t l = 0; l < box.size(); ++l)
            parts_.push_back(
                quadratic_family(shape.intervals[l], 1, shape.pieces[l] - 1)[0][box[l]]);
    }

    void write(NetWriter& writer) const {
        std::vector<Term> slopes;
        double intercept = 0.0;
        for (std::uint32_t l = 0; l < parts_.size(); ++l) {
            slopes.push_back({l, parts_[l].slope});
            intercept += parts_[l].intercept;
        }
        writer.next_layer();
        if (affine_) {
            writer.neuron(slopes, intercept);
            return;
        }
        // Slopes and coordinates are not negative: this neuron is linear on the cube.
        writer.neuron(slopes);
        std::vector<Term> sum{{0, 1.0}};
        for (std::uint32_t l = 0; l < parts_.size(); ++l) {
            for (std::size_t k = 0; k < parts_[l].knots.size(); ++k)
                sum.push_back(
                    {writer.neuron({{l, 1.0}}, -parts_[l].knots[k]), parts_[l].changes[k]});
        }
        writer.next_layer();
        writer.neuron(sum, intercept);
    }

  private:
    bool affine_;
    std::vector<PiecewiseLinear> parts_;
};

} // namespace

double GridShape::square_norm_error() const noexcept {
    double error = 0.0;
    for (std::size_t l = 0; l < intervals.size(); ++l)
        error += part(intervals[l], pieces[l]);
    return error;
}

GridShape best_grid(std::uint32_t L, std::uint64_t experts, std::uint32_t width) {
    if (L == 0 || experts == 0) throw std::invalid_argument("best_grid: no dimension or expert");
    GridShape best;
    std::vector<std::uint32_t> intervals;
    search(intervals, L, experts, width == 0 ? 0 : width - 1, best);
    return best;
}

MoeLayer grid_moe(const GridShape& shape) {
    const auto L = static_cast<std::uint32_t>(shape.intervals.size());
    std::vector<double> centres;
    std::vector<double> parameters;
    std::vector<std::uint32_t> box(L, 0);
    ShapeRecorder recorder;
    GridExpert(shape, box).write(recorder);
    const Architecture expert = recorder.dense(L);
    for (bool more = true; more;) {
        for (std::uint32_t l = 0; l < L; ++l)
            centres.push_back((box[l] + 0.5) / shape.intervals[l]);
        std::vector<double> own(expert.parameters());
        ParameterWriter writer(expert, own);
        GridExpert(shape, box).write(writer);
        parameters.insert(parameters.end(), own.begin(), own.end());
        more = false;
        for (std::uint32_t l = 0; l < L && !more; ++l) {
            more = ++box[l] < shape.intervals[l];
            if (!more) box[l] = 0;
        }
    }
    return {nearest_centre_gate(centres, L), expert, std::move(parameters)};
}

} // namespace moe
