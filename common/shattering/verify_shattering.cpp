#include "shattering/verify_shattering.hpp"

#include "basics/error.hpp"
#include "shattering/block_evaluation.hpp"
#include "shattering/exact_integers.hpp"
#include "shattering/float64_comparison.hpp"

#include <algorithm>
#include <stdexcept>

namespace moe {

namespace {

/// Verifies labelings that come one after the other.
template<class Integer>
class LabelingChecks {
  public:
    LabelingChecks(const ShatteringPlan& plan, const ShatteringOptions& options)
        : report_(begin_report<Integer>(plan))
        , block_(plan.block())
        , float64_left_(compares_float64(plan, options) ? options.float64_models : 0) {
        for (std::size_t l = 0; l < plan.experts(); ++l)
            blocks_.emplace_back(plan, l, options.fault);
        if (float64_left_ > 0) float64_.emplace(plan);
    }

    void check(const Labels& labels) {
        bool right = report_.routed;
        for (std::size_t l = 0; right && l < blocks_.size(); ++l)
            right = blocks_[l].realises(std::span(labels).subspan(l * block_, block_));
        ++report_.labelings;
        if (right)
            ++report_.realised;
        else if (!report_.first_failure)
            report_.first_failure = labels;
        if (float64_left_ == 0) return;
        float64_->compare(labels, report_.float64);
        --float64_left_;
    }

    [[nodiscard]] const ShatteringReport& report() const noexcept { return report_; }

  private:
    ShatteringReport report_;
    std::size_t block_;
    std::uint64_t float64_left_;
    std::vector<BlockEvaluation<Integer>> blocks_;
    std::optional<Float64Comparison<Integer>> float64_;
};

/// The whole model of one labeling, without knowledge of blocks: experts and prototypes.
template<class Integer>
struct WholeModel {
    std::vector<IntegerNet<Integer>> experts;
    std::vector<double> prototypes;

    WholeModel(const ShatteringPlan& plan, const Labels& labels, ShatteringFault fault)
        : prototypes(block_prototypes(plan)) {
        for (std::size_t l = 0; l < plan.experts(); ++l) {
            experts.emplace_back(static_cast<std::uint32_t>(plan.dimension()));
            write_shattering_expert(experts.back(), plan, l,
                                    std::span(labels).subspan(l * plan.block(), plan.block()),
                                    fault);
        }
    }

    [[nodiscard]] Integer operator()(std::span<const Integer> x) const {
        const IntegerNet<Integer>& expert =
            experts[route_exactly(std::span<const double>(prototypes), x).expert];
        IntegerActivations<Integer> activations;
        activations.values.assign(x.begin(), x.end());
        expert.run(0, expert.depth(), 1, activations);
        return activations.values.front();
    }
};

/// The points of all blocks, row-major [m][n].
template<class Integer>
std::vector<Integer> point_rows(const ShatteringPlan& plan) {
    std::vector<Integer> rows;
    for (std::size_t l = 0; l < plan.experts(); ++l) {
        const std::vector<Integer> columns = block_points<Integer>(plan, l);
        for (std::size_t p = 0; p < plan.block(); ++p)
            for (std::size_t i = 0; i < plan.dimension(); ++i)
                rows.push_back(columns[i * plan.block() + p]);
    }
    return rows;
}

} // namespace

ShatteringReport verify_random(const ShatteringPlan& plan, std::uint64_t count,
                               RandomStream& stream, const ShatteringOptions& options) {
    return with_exact_integers(plan, [&]<class Integer>(Integer /*type*/) {
        RandomStream draws = stream; // so that a second try in wider integers sees the same labels
        LabelingChecks<Integer> checks(plan, options);
        Labels labels(plan.points());
        for (std::uint64_t k = 0; k < count; ++k) {
            for (std::size_t i = 0; i < labels.size(); i += 64) {
                const Labels drawn =
                    labels_of_word(draws.bits(), std::min<std::size_t>(64, labels.size() - i));
                std::copy(drawn.begin(), drawn.end(),
                          labels.begin() + static_cast<std::ptrdiff_t>(i));
            }
            checks.check(labels);
        }
        stream = draws;
        return checks.report();
    });
}

ShatteringReport verify_labels(const ShatteringPlan& plan, const Labels& labels,
                               const ShatteringOptions& options) {
    if (labels.size() != plan.points())
        throw std::invalid_argument(plan.name() + ": " + std::to_string(labels.size()) +
                                    " labels for " + std::to_string(plan.points()) + " points");
    return with_exact_integers(plan, [&]<class Integer>(Integer /*type*/) {
        LabelingChecks<Integer> checks(plan, options);
        checks.check(labels);
        return checks.report();
    });
}

ShatteringReport verify_plainly(const ShatteringPlan& plan, const ShatteringOptions& options) {
    check_exhaustive(plan);
    return with_exact_integers(plan, [&]<class Integer>(Integer /*type*/) {
        ShatteringReport report = begin_report<Integer>(plan);
        const std::size_t n = plan.dimension();
        const std::vector<Integer> points = point_rows<Integer>(plan);
        report.labelings = std::uint64_t{1} << plan.points();
        for (std::uint64_t word = 0; word < report.labelings; ++word) {
            const Labels labels = labels_of_word(word, plan.points());
            const WholeModel<Integer> model(plan, labels, options.fault);
            bool right = true;
            for (std::size_t p = 0; p < labels.size(); ++p) {
                const Integer output = model(std::span(points).subspan(p * n, n));
                right = right && (output > Integer()) == (labels[p] != 0);
            }
            if (right)
                ++report.realised;
            else if (!report.first_failure)
                report.first_failure = labels;
        }
        return report;
    });
}

MomentAnswer answer_moment(std::int64_t L, std::int64_t n, std::int64_t groups,
                           std::string_view labels) {
    if (n < 1 || n > 8) throw InputError("n = " + std::to_string(n) + ": must be 1 to 8");
    const ShatteringPlan plan = ShatteringPlan::relu(L, n, groups);
    const Labels parsed = parse_labels(labels, plan.points());
    ShatteringOptions options;
    options.float64_models = 0;
    MomentAnswer answer;
    answer.shattered = verify_labels(plan, parsed, options).holds();
    answer.m = plan.points();
    with_exact_integers(plan, [&]<class Integer>(Integer /*type*/) {
        IntegerNet<Integer> net(static_cast<std::uint32_t>(plan.dimension()));
        write_shattering_expert(net, plan, 0, std::span(parsed).first(plan.block()));
        answer.expert0_first_unit_w.clear();
        for (const IntegerTerm<Integer>& term : net.terms(0, 0))
            answer.expert0_first_unit_w.push_back(term.weight.decimal());
        answer.expert0_first_unit_b = net.bias(0, 0).decimal();
    });
    return answer;
}

NarrowAnswer answer_narrow(std::int64_t m, std::int64_t d, std::string_view labels) {
    const ShatteringPlan plan = ShatteringPlan::narrow(m, d);
    ShatteringOptions options;
    options.float64_models = 0;
    const ShatteringReport report =
        verify_labels(plan, parse_labels(labels, plan.points()), options);
    return {report.holds(), report.depth, report.points};
}

} // namespace moe
