#include "pieces/sweep.hpp"

#include "basics/parallel.hpp"
#include "pieces/cube_points.hpp"

#define XXH_INLINE_ALL // the library's header alone, nothing to link
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <tuple>
#include <vector>

namespace moe {

namespace {

constexpr std::size_t boxes_per_block = 256;
constexpr std::uint32_t first_stream = 16;
/// Gradients are told apart at this resolution.
constexpr double per_unit = 1e6;

struct GradientKey {
    std::uint64_t high;
    std::uint64_t low;

    friend bool operator<(const GradientKey& a, const GradientKey& b) noexcept {
        return std::tie(a.high, a.low) < std::tie(b.high, b.low);
    }
    friend bool operator==(const GradientKey&, const GradientKey&) = default;
};

GradientKey key_of(std::span<const double> gradient, std::vector<std::int64_t>& rounded) {
    rounded.clear();
    for (const double entry : gradient)
        rounded.push_back(std::isfinite(entry) ? std::llround(entry * per_unit)
                                               : std::numeric_limits<std::int64_t>::min());
    const XXH128_hash_t hash = XXH3_128bits(rounded.data(), rounded.size() * sizeof(std::int64_t));
    return {hash.high64, hash.low64};
}

/// Outputs of a model on a batch and how each pair of layers routed it.
struct Evaluated {
    std::vector<double> outputs;
    std::vector<std::uint64_t> routed; ///< [B][depth]
    std::size_t depth;

    Evaluated(const MoeStack& net, std::span<const double> inputs, std::size_t dimension,
              unsigned threads)
        : outputs(inputs.size() / dimension)
        , routed(outputs.size() * net.depth())
        , depth(net.depth()) {
        net.evaluate_batch(inputs, outputs, routed, threads);
    }
    /// The chart of the expert of pair l.
    [[nodiscard]] std::uint32_t chart(const DeepPlan& plan, std::size_t sample,
                                      std::size_t l) const {
        return plan.pairs[l].charts[routed[sample * depth + 2 * l + 1]];
    }
};

void note_value(PointCheck& check, double value, double target, std::span<const double> x) {
    ++check.points;
    check.largest_error = larger_or_nan(check.largest_error, std::abs(value - target));
    check.largest_square_norm_error =
        larger_or_nan(check.largest_square_norm_error, std::abs(value - square_norm(x)));
}

/// Compares one point of a batch, of which these are the intervals.
void note(PointCheck& check, const Evaluated& net, const DeepPlan& plan,
          const CompositionalTarget& target, std::size_t sample, std::span<const double> x,
          std::span<const std::uint32_t> intervals) {
    bool right = true;
    for (std::size_t l = 0; l < x.size(); ++l)
        right =
            right && net.chart(plan, sample, l) == target.regions().chart_of_interval(intervals[l]);
    check.misrouted += right ? 0 : 1;
    note_value(check, net.outputs[sample], target.value(x, intervals), x);
}

/// The points of one box: a random one, the centre, and two on each axis through the centre.
class BoxPoints {
  public:
    BoxPoints(const RegionSystem& regions, std::size_t dimension, const SweepSettings& settings)
        : regions_(&regions)
        , dimension_(dimension)
        , settings_(&settings) {}

    [[nodiscard]] std::size_t per_box() const noexcept {
        return 2 + (settings_->gradients ? 2 * dimension_ : 0);
    }
    /// Distance of the two points on an axis.
    [[nodiscard]] double baseline() const noexcept { return 0.5 / regions_->intervals(); }

    void append(std::span<const std::uint32_t> intervals, RandomStream& random,
                std::vector<double>& inputs) const {
        for (const std::uint32_t interval : intervals)
            inputs.push_back(regions_->point(interval, fraction(random)));
        append_centre(intervals, inputs);
        for (std::size_t l = 0; settings_->gradients && l < dimension_; ++l) {
            for (const double position : {0.75, 0.25}) {
                append_centre(intervals, inputs);
                inputs[inputs.size() - dimension_ + l] = regions_->point(intervals[l], position);
            }
        }
    }

  private:
    [[nodiscard]] double fraction(RandomStream& random) const {
        if (settings_->positions == Positions::uniform) return 0.02 + 0.96 * random.uniform();
        constexpr std::uint64_t lowest = 21; // 21/1024 > 0.02, 1003/1024 < 0.98
        return static_cast<double>(lowest + 2 * random.below(492)) / 1024.0;
    }
    void append_centre(std::span<const std::uint32_t> intervals,
                       std::vector<double>& inputs) const {
        for (const std::uint32_t interval : intervals)
            inputs.push_back(regions_->point(interval, 0.5));
    }

    const RegionSystem* regions_;
    std::size_t dimension_;
    const SweepSettings* settings_;
};

struct BlockResult {
    PointCheck inside;
    PointCheck centres;
    double gradient_error = 0.0;
};

/// Numbers [B][L] from index `sample` on, L of them.
template<class T>
std::span<const T> row_of(const std::vector<T>& numbers, std::size_t sample, std::size_t L) {
    return std::span(numbers).subspan(sample * L, L);
}

} // namespace

PointCheck& PointCheck::operator+=(const PointCheck& other) noexcept {
    points += other.points;
    misrouted += other.misrouted;
    largest_error = larger_or_nan(largest_error, other.largest_error);
    largest_square_norm_error =
        larger_or_nan(largest_square_norm_error, other.largest_square_norm_error);
    return *this;
}

PointCheck check_points(const MoeStack& net, const DeepPlan& plan,
                        const CompositionalTarget& target, std::span<const double> points,
                        unsigned threads) {
    const std::size_t L = target.dimension();
    const Evaluated evaluated(net, points, L, threads);
    std::vector<std::uint32_t> intervals(L);
    PointCheck check;
    for (std::size_t sample = 0; sample < evaluated.outputs.size(); ++sample) {
        const auto x = points.subspan(sample * L, L);
        for (std::size_t l = 0; l < L; ++l) {
            intervals[l] = target.regions().interval_of(x[l]);
            const std::uint32_t chart = evaluated.chart(plan, sample, l);
            // On a border the neighbour's expert is right too, and then its function is meant.
            if (target.regions().chart_of_interval(intervals[l]) != chart &&
                target.regions().accepts(x[l], chart))
                --intervals[l];
        }
        note(check, evaluated, plan, target, sample, x, intervals);
    }
    return check;
}

SweepResult sweep_boxes(const MoeStack& net, const DeepPlan& plan,
                        const CompositionalTarget& target, const BoxSelection& boxes,
                        const SweepSettings& settings) {
    const std::size_t L = target.dimension();
    const BoxPoints points(target.regions(), L, settings);
    const std::size_t blocks =
        static_cast<std::size_t>((boxes.visited() + boxes_per_block - 1) / boxes_per_block);
    std::vector<BlockResult> results(blocks);
    std::vector<GradientKey> keys(settings.gradients ? boxes.visited() : 0);
    parallel_for(blocks, settings.threads, [&](std::size_t block) {
        if (settings.poll) settings.poll();
        const std::uint64_t first = block * boxes_per_block;
        const auto count = static_cast<std::size_t>(
            std::min<std::uint64_t>(boxes_per_block, boxes.visited() - first));
        RandomStream random(settings.seed, settings.cell,
                            first_stream + static_cast<std::uint32_t>(block));
        std::vector<std::uint32_t> intervals(count * L);
        std::vector<double> inputs;
        inputs.reserve(count * points.per_box() * L);
        for (std::size_t box = 0; box < count; ++box) {
            const auto here = std::span(intervals).subspan(box * L, L);
            boxes.intervals_of(first + box, random, here);
            points.append(here, random, inputs);
        }
        const Evaluated evaluated(net, inputs, L, 1);
        BlockResult& result = results[block];
        std::vector<double> gradient(L);
        std::vector<std::int64_t> rounded;
        for (std::size_t box = 0; box < count; ++box) {
            const auto here = row_of(intervals, box, L);
            const std::size_t at = box * points.per_box();
            note(result.inside, evaluated, plan, target, at, row_of(inputs, at, L), here);
            note(result.centres, evaluated, plan, target, at + 1, row_of(inputs, at + 1, L), here);
            if (!settings.gradients) continue;
            for (std::size_t l = 0; l < L; ++l) {
                const std::size_t upper = at + 2 + 2 * l;
                gradient[l] =
                    (evaluated.outputs[upper] - evaluated.outputs[upper + 1]) / points.baseline();
                const double slope =
                    target.functions()[l][target.regions().chart_of_interval(here[l])].slope;
                result.gradient_error =
                    larger_or_nan(result.gradient_error, std::abs(gradient[l] - slope));
            }
            keys[first + box] = key_of(gradient, rounded);
        }
    });
    SweepResult sweep{.pieces = boxes.all(), .boxes = boxes.visited(), .inside = {}, .centres = {}};
    for (const BlockResult& result : results) {
        sweep.inside += result.inside;
        sweep.centres += result.centres;
        sweep.largest_gradient_error =
            larger_or_nan(sweep.largest_gradient_error, result.gradient_error);
    }
    std::sort(keys.begin(), keys.end());
    sweep.distinct_gradients = static_cast<std::uint64_t>(
        std::distance(keys.begin(), std::unique(keys.begin(), keys.end())));
    return sweep;
}

} // namespace moe
