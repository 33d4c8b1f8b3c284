#include "basics/error.hpp"
#include "basics/parallel.hpp"
#include "shattering/block_evaluation.hpp"
#include "shattering/exact_integers.hpp"
#include "shattering/float64_comparison.hpp"
#include "shattering/verify_shattering.hpp"

#include <algorithm>

namespace moe {

namespace {

/// Patterns that one thread takes at a time.
constexpr std::uint64_t patterns_at_once = std::uint64_t{1} << 14U;

/// Signs of the narrow net's output behind its first bit, for every value of the activations there:
/// g, what is left of the code c, and j. All other neurons of that layer are constant 0, and no
/// later weight depends on the labels.
template<class Integer>
class NarrowTail {
  public:
    /// `evaluation` holds any expert of the plan.
    NarrowTail(const ShatteringPlan& plan, const IntegerNet<Integer>& net)
        : codes_(std::size_t{1} << (plan.bits() - 1))
        , bits_(plan.bits()) {
        const std::size_t first = label_free_tail(plan);
        const std::size_t count = codes_ * bits_;
        for (int g = 0; g < 2; ++g) {
            IntegerActivations<Integer> buffers;
            buffers.values.assign(net.width(first - 1) * count, Integer());
            for (std::size_t k = 0; k < count; ++k) {
                buffers.values[k] = Integer(g);
                buffers.values[count + k] = Integer(static_cast<std::int64_t>(k / bits_));
                buffers.values[2 * count + k] = Integer(static_cast<std::int64_t>(k % bits_ + 1));
            }
            net.run(first, net.depth(), count, buffers);
            for (const Integer& output : buffers.values)
                positive_.push_back(output > Integer() ? 1 : 0);
        }
    }

    [[nodiscard]] std::uint8_t positive(Integer g, Integer c, Integer j) const {
        const auto index = static_cast<std::size_t>(g.value());
        const auto code = static_cast<std::size_t>(c.value());
        return positive_.at((index * codes_ + code) * bits_ + static_cast<std::size_t>(j.value()) -
                            1);
    }

  private:
    std::size_t codes_;
    std::size_t bits_;
    std::vector<std::uint8_t> positive_;
};

template<class Integer>
bool realises(BlockEvaluation<Integer>& evaluation, const NarrowTail<Integer>& tail,
              std::size_t tail_layer, std::span<const std::uint8_t> labels) {
    evaluation.write(labels);
    const std::size_t B = labels.size();
    const std::span<const Integer> units = evaluation.activations(tail_layer);
    for (std::size_t p = 0; p < B; ++p)
        if (tail.positive(units[p], units[B + p], units[2 * B + p]) != labels[p]) return false;
    return true;
}

/// For each block and each pattern of its labels: does the block's expert realise it?
template<class Integer>
std::vector<std::vector<std::uint8_t>> realised_patterns(const ShatteringPlan& plan,
                                                         const ShatteringOptions& options) {
    const std::size_t B = plan.block();
    const std::uint64_t patterns = std::uint64_t{1} << B;
    const std::uint64_t pieces = (patterns + patterns_at_once - 1) / patterns_at_once;
    // A table of d 2^d entries pays when there are more codes than one.
    std::optional<NarrowTail<Integer>> tail;
    if (plan.codes() > 1) {
        BlockEvaluation<Integer> any(plan, 0, options.fault);
        any.write(Labels(B));
        tail.emplace(plan, any.net());
    }
    std::vector<std::vector<std::uint8_t>> realised(plan.experts(),
                                                    std::vector<std::uint8_t>(patterns));
    parallel_for(plan.experts() * pieces, options.threads, [&](std::size_t job) {
        const std::size_t l = job / pieces;
        const std::uint64_t first = job % pieces * patterns_at_once;
        const std::uint64_t last = std::min(patterns, first + patterns_at_once);
        BlockEvaluation<Integer> evaluation(plan, l, options.fault);
        for (std::uint64_t pattern = first; pattern < last; ++pattern) {
            const Labels labels = labels_of_word(pattern, B);
            const bool right = tail ? realises(evaluation, *tail, label_free_tail(plan), labels)
                                    : evaluation.realises(labels);
            realised[l][pattern] = right ? 1 : 0;
        }
    });
    return realised;
}

/// Goes through all 2^m labelings.
void count_labelings(const ShatteringPlan& plan,
                     const std::vector<std::vector<std::uint8_t>>& realised,
                     ShatteringReport& report) {
    const std::size_t B = plan.block();
    const std::uint64_t mask = (std::uint64_t{1} << B) - 1;
    report.labelings = std::uint64_t{1} << plan.points();
    for (std::uint64_t word = 0; word < report.labelings; ++word) {
        bool right = true;
        for (std::size_t l = 0; l < plan.experts(); ++l)
            right = right && realised[l][word >> (l * B) & mask] != 0;
        if (right)
            ++report.realised;
        else if (!report.first_failure)
            report.first_failure = labels_of_word(word, plan.points());
    }
}

/// The model that has the same pattern in all blocks, for all or evenly spaced patterns.
template<class Integer>
void compare_float64(const ShatteringPlan& plan, std::uint64_t models, ShatteringReport& report) {
    const std::uint64_t patterns = std::uint64_t{1} << plan.block();
    const std::uint64_t compared = std::min(models, patterns);
    Float64Comparison<Integer> comparison(plan);
    Labels labels;
    for (std::uint64_t k = 0; k < compared; ++k) {
        const Labels pattern = labels_of_word(k * (patterns / compared), plan.block());
        labels.clear();
        for (std::size_t l = 0; l < plan.experts(); ++l)
            labels.insert(labels.end(), pattern.begin(), pattern.end());
        comparison.compare(labels, report.float64);
    }
}

} // namespace

ShatteringReport verify_exhaustively(const ShatteringPlan& plan, const ShatteringOptions& options) {
    check_exhaustive(plan);
    return with_exact_integers(plan, [&]<class Integer>(Integer /*type*/) {
        ShatteringReport report = begin_report<Integer>(plan);
        if (!report.routed) return report;
        count_labelings(plan, realised_patterns<Integer>(plan, options), report);
        if (compares_float64(plan, options))
            compare_float64<Integer>(plan, options.float64_models, report);
        return report;
    });
}

} // namespace moe
