#include "forward/forward.hpp"

#include "basics/parallel.hpp"
#include "forward/evaluate.hpp"
#include "forward/group.hpp"
#include "forward/grouping.hpp"
#include "forward/shapes.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace moe {

namespace {

/// Inputs that one thread routes at a time.
constexpr std::size_t rows_per_block = 2048;
/// Bounds on the samples that one thread takes at a time. Small groups are taken together up to the
/// lower one; a group above the upper one is cut. Neither depends on the number of threads.
constexpr std::size_t samples_wanted = 512;
constexpr std::size_t samples_allowed = 4096;

/// Turns leaves into experts of the source; `first_row` is where they stand in the batch.
void leaves_to_experts(const Router& router, std::uint64_t experts, std::size_t first_row,
                       std::span<std::uint64_t> leaves) {
    if (router.kept()) {
        for (std::uint64_t& leaf : leaves) {
            leaf = router.expert(leaf);
        }
    }
    for (std::size_t k = 0; k < leaves.size(); ++k) {
        if (leaves[k] >= experts) {
            throw std::out_of_range("input " + std::to_string(first_row + k) +
                                    " is routed to expert " + std::to_string(leaves[k]) +
                                    ", the source has " + std::to_string(experts));
        }
    }
}

void fold(ForwardReport& report, const RouteTotals& totals) {
    report.route_depth_max = std::max(report.route_depth_max, totals.depth_max);
    report.route_reals_max = std::max(report.route_reals_max, totals.reals_max);
    report.route_reals_total += totals.reals_total;
}

/// Routes one row of the batch and returns its expert.
std::uint64_t route_row(const Router& router, std::uint64_t experts, std::span<const double> inputs,
                        std::size_t row, ForwardReport& report) {
    const std::size_t n = router.dimension();
    const Route route = router.route(inputs.subspan(row * n, n));
    RouteTotals totals;
    totals.add(route.depth, route.reals_read);
    fold(report, totals);
    std::uint64_t expert = route.leaf;
    leaves_to_experts(router, experts, row, std::span(&expert, 1));
    return expert;
}

/// Experts of all rows; the counters of the blocks are folded in index order.
std::vector<std::uint64_t> route_all(const Router& router, std::uint64_t experts,
                                     std::span<const double> inputs, std::size_t batch,
                                     unsigned threads, ForwardReport& report) {
    const std::size_t n = router.dimension();
    std::vector<std::uint64_t> expert_of(batch);
    const std::size_t blocks = (batch + rows_per_block - 1) / rows_per_block;
    std::vector<RouteTotals> totals(blocks);
    parallel_for(blocks, threads, [&](std::size_t block) {
        const std::size_t first = block * rows_per_block;
        const std::size_t count = std::min(rows_per_block, batch - first);
        const auto mine = std::span(expert_of).subspan(first, count);
        totals[block] = router.route_batch(inputs.subspan(first * n, count * n), mine);
        leaves_to_experts(router, experts, first, mine);
    });
    for (const RouteTotals& block : totals) {
        fold(report, block);
    }
    return expert_of;
}

/// Samples of one expert that are run under one lease.
struct Piece {
    std::uint64_t expert;
    std::size_t first; ///< position in Grouping::samples
    std::size_t count;
};

std::vector<Piece> cut_groups(const Grouping& grouping) {
    std::vector<Piece> pieces;
    pieces.reserve(grouping.experts.size());
    for (std::size_t g = 0; g < grouping.experts.size(); ++g) {
        for (std::size_t k = grouping.starts[g]; k < grouping.starts[g + 1]; k += samples_allowed) {
            pieces.push_back(
                {grouping.experts[g], k, std::min(samples_allowed, grouping.starts[g + 1] - k)});
        }
    }
    return pieces;
}

/// Where each thread's share of consecutive pieces starts, and the end.
std::vector<std::size_t> cut_shares(const std::vector<Piece>& pieces) {
    std::vector<std::size_t> starts{0};
    std::size_t samples = 0;
    for (std::size_t k = 0; k < pieces.size(); ++k) {
        samples += pieces[k].count;
        if (samples >= samples_wanted || k + 1 == pieces.size()) {
            starts.push_back(k + 1);
            samples = 0;
        }
    }
    return starts;
}

/// What one thread works in; not cleared, since every tile is written before it is read.
template<class T>
class Scratch {
  public:
    explicit Scratch(const Architecture& architecture)
        : size_(group_scratch<T>(architecture))
        , numbers_(std::make_unique_for_overwrite<T[]>(size_)) {}
    [[nodiscard]] std::span<T> numbers() const { return {numbers_.get(), size_}; }

  private:
    std::size_t size_;
    std::unique_ptr<T[]> numbers_;
};

/// A batch of one: there is nothing to group.
template<class T>
ForwardReport forward_one(const Router& router, ExpertSource<T>& experts,
                          std::span<const double> input, std::span<T> output) {
    ForwardReport report{.touched_experts = 1, .acquisitions = 1};
    const std::uint64_t expert = route_row(router, experts.experts(), input, 0, report);
    const ExpertLease<T> lease = experts.acquire(expert);
    constexpr std::array<std::uint32_t, 1> only{0};
    const Scratch<T> scratch(experts.architecture());
    evaluate_group<T>({.architecture = experts.architecture(),
                       .parameters = lease.parameters(),
                       .inputs = input,
                       .outputs = output,
                       .samples = only},
                      scratch.numbers());
    return report;
}

template<class T>
ForwardReport forward_cpu(const Router& router, ExpertSource<T>& experts,
                          std::span<const double> inputs, std::span<T> outputs, std::size_t batch,
                          unsigned threads) {
    ForwardReport report;
    const Grouping grouping =
        group_by_expert(route_all(router, experts.experts(), inputs, batch, threads, report),
                        experts.experts(), threads);
    std::vector<Piece> pieces = cut_groups(grouping);
    // In order of their experts, a store that holds some of them would let each leave, as the least
    // recently used, before its turn comes.
    std::stable_partition(pieces.begin(), pieces.end(),
                          [&](const Piece& piece) { return !experts.ahead(piece.expert).empty(); });
    const std::vector<std::size_t> shares = cut_shares(pieces);
    const Architecture& architecture = experts.architecture();
    const auto samples_of = [&](const Piece& piece) {
        return std::span<const std::uint32_t>(grouping.samples).subspan(piece.first, piece.count);
    };
    parallel_for(shares.size() - 1, threads, [&](std::size_t share) {
        const Scratch<T> scratch(architecture);
        for (std::size_t k = shares[share]; k < shares[share + 1]; ++k) {
            const Piece& piece = pieces[k];
            const ExpertLease<T> lease = experts.acquire(piece.expert);
            evaluate_group<T>({.architecture = architecture,
                               .parameters = lease.parameters(),
                               .inputs = inputs,
                               .outputs = outputs,
                               .samples = samples_of(piece),
                               .next = k + 1 < pieces.size() ? samples_of(pieces[k + 1])
                                                             : std::span<const std::uint32_t>{},
                               .next_parameters = k + 1 < pieces.size()
                                                      ? experts.ahead(pieces[k + 1].expert)
                                                      : std::span<const T>{}},
                              scratch.numbers());
        }
    });
    report.touched_experts = grouping.experts.size();
    report.acquisitions = pieces.size();
    return report;
}

template<class T>
ForwardReport forward_reference(const Router& router, ExpertSource<T>& experts,
                                std::span<const double> inputs, std::span<T> outputs,
                                std::size_t batch) {
    ForwardReport report;
    const std::size_t n = experts.architecture().inputs();
    const std::size_t m = experts.architecture().outputs();
    std::vector<double> y(m);
    std::vector<std::uint64_t> touched;
    for (std::size_t row = 0; row < batch; ++row) {
        touched.push_back(route_row(router, experts.experts(), inputs, row, report));
        const ExpertLease<T> lease = experts.acquire(touched.back());
        evaluate<T>(experts.architecture(), lease.parameters(), inputs.subspan(row * n, n), y);
        for (std::size_t i = 0; i < m; ++i) {
            outputs[row * m + i] = static_cast<T>(y[i]);
        }
    }
    report.acquisitions = touched.size();
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    report.touched_experts = touched.size();
    return report;
}

} // namespace

template<class T>
ForwardReport forward(const Router& router, ExpertSource<T>& experts,
                      std::span<const double> inputs, std::span<T> outputs,
                      const ForwardOptions& options) {
    const Architecture& architecture = experts.architecture();
    if (router.dimension() != architecture.inputs()) {
        throw std::invalid_argument("the router takes " + std::to_string(router.dimension()) +
                                    " entries per input, the experts take " +
                                    std::to_string(architecture.inputs()));
    }
    const std::size_t batch = batch_size(architecture, inputs.size(), outputs.size());
    if (batch > std::numeric_limits<std::uint32_t>::max()) {
        throw std::invalid_argument("a batch of " + std::to_string(batch) +
                                    " inputs, at most 2^32 - 1 are taken at once");
    }
    if (options.backend == Backend::reference) {
        return forward_reference(router, experts, inputs, outputs, batch);
    }
    if (batch == 1) return forward_one(router, experts, inputs, outputs);
    return forward_cpu(router, experts, inputs, outputs, batch, options.threads);
}

template ForwardReport forward<double>(const Router&, ExpertSource<double>&,
                                       std::span<const double>, std::span<double>,
                                       const ForwardOptions&);
template ForwardReport forward<float>(const Router&, ExpertSource<float>&, std::span<const double>,
                                      std::span<float>, const ForwardOptions&);

} // namespace moe
