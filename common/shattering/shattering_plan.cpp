#include "shattering/shattering_plan.hpp"

#include "basics/error.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <stdexcept>

namespace moe {

namespace {

constexpr std::int64_t max_points = std::int64_t{1} << 20U;
constexpr std::int64_t max_dimension = 32;

/// A size of a construction: 1 to `limit`.
std::int64_t checked_size(const char* name, std::int64_t value, std::int64_t limit = max_points) {
    if (value < 1 || value > limit)
        throw InputError(std::string(name) + " = " + std::to_string(value) + ": must be 1 to " +
                         std::to_string(limit));
    return value;
}

/// |2p|^2 - 2 <2x, 2p> = |2x - 2p|^2 - |2x|^2: what distances are compared by.
template<class Integer>
Integer excess(std::span<const double> prototype, std::span<const Integer> x) {
    Integer sum;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (prototype[i] == 0.0) continue;
        const Integer doubled(std::llrint(2.0 * prototype[i]));
        sum += doubled * doubled - Integer(4) * x[i] * doubled;
    }
    return sum;
}

template<class Integer>
void check_shape(std::size_t prototypes, std::size_t n) {
    if (n == 0 || prototypes == 0 || prototypes % n != 0)
        throw std::invalid_argument("route_exactly: " + std::to_string(prototypes) +
                                    " numbers are no prototypes for a point with " +
                                    std::to_string(n) + " entries");
}

} // namespace

std::string_view construction_name(Construction construction) noexcept {
    switch (construction) {
    case Construction::linear:
        return "linear";
    case Construction::relu:
        return "relu";
    case Construction::zigzag:
        return "zigzag";
    case Construction::narrow:
        break;
    }
    return "narrow";
}

ShatteringPlan::ShatteringPlan(Construction construction, std::int64_t experts,
                               std::int64_t dimension, std::int64_t block)
    : construction_(construction)
    , experts_(static_cast<std::size_t>(checked_size("L", experts)))
    , dimension_(static_cast<std::size_t>(checked_size("n", dimension, max_dimension)))
    , block_(static_cast<std::size_t>(block)) {
    if (experts * block > max_points)
        throw InputError(std::string(construction_name(construction)) + ": " +
                         std::to_string(experts) + " blocks of " + std::to_string(block) +
                         " points; at most 2^20 points are allowed");
}

ShatteringPlan ShatteringPlan::linear(std::int64_t L, std::int64_t n) {
    return {Construction::linear, L, n, checked_size("n", n, max_dimension) + 1};
}

ShatteringPlan ShatteringPlan::relu(std::int64_t L, std::int64_t n, std::int64_t q) {
    ShatteringPlan plan(Construction::relu, L, n,
                        checked_size("groups", q) * checked_size("n", n, max_dimension));
    plan.size_ = static_cast<std::size_t>(q);
    return plan;
}

ShatteringPlan ShatteringPlan::zigzag(std::int64_t L, std::int64_t w, std::int64_t n) {
    ShatteringPlan plan(Construction::zigzag, L, n, checked_size("w", w) + 1);
    plan.size_ = static_cast<std::size_t>(w);
    return plan;
}

ShatteringPlan ShatteringPlan::narrow(std::int64_t m, std::int64_t d) {
    ShatteringPlan plan(Construction::narrow, 1, 2, checked_size("m", m) * checked_size("d", d));
    plan.codes_ = static_cast<std::size_t>(m);
    plan.bits_ = static_cast<std::size_t>(d);
    return plan;
}

std::size_t ShatteringPlan::depth() const noexcept {
    switch (construction_) {
    case Construction::linear:
        return 1;
    case Construction::relu:
    case Construction::zigzag:
        return 2;
    case Construction::narrow:
        break;
    }
    return 2 * (codes_ - 1) + 3 * bits_ + 1;
}

std::uint32_t ShatteringPlan::hidden_width() const noexcept {
    switch (construction_) {
    case Construction::linear:
        return 0;
    case Construction::relu:
        return static_cast<std::uint32_t>(3 * size_);
    case Construction::zigzag:
        return static_cast<std::uint32_t>(size_);
    case Construction::narrow:
        break;
    }
    return 8;
}

std::vector<std::uint32_t> ShatteringPlan::widths() const {
    std::vector<std::uint32_t> widths{static_cast<std::uint32_t>(dimension_)};
    widths.insert(widths.end(), depth() - 1, hidden_width());
    widths.push_back(1);
    return widths;
}

std::string ShatteringPlan::name() const {
    const auto text = [](std::size_t value) { return std::to_string(value); };
    const std::string kind(construction_name(construction_));
    if (construction_ == Construction::narrow)
        return kind + "(m=" + text(codes_) + ", d=" + text(bits_) + ")";
    const std::string mixture = kind + "(L=" + text(experts_) + ", n=" + text(dimension_);
    if (construction_ == Construction::linear) return mixture + ")";
    return mixture + (construction_ == Construction::relu ? ", q=" : ", w=") + text(size_) + ")";
}

template<class Integer>
std::vector<Integer> block_points(const ShatteringPlan& plan, std::size_t l) {
    const std::size_t n = plan.dimension();
    const std::size_t B = plan.block();
    std::vector<Integer> points(n * B);
    for (std::size_t p = 0; p < B; ++p) {
        if (plan.construction() == Construction::narrow) {
            points[p] = Integer(static_cast<std::int64_t>(p / plan.bits()));
            points[B + p] = Integer(static_cast<std::int64_t>(p % plan.bits() + 1));
            continue;
        }
        const Integer t(static_cast<std::int64_t>(l * B + p + 1));
        Integer power = t;
        points[p] = power;
        for (std::size_t i = 1; i < n; ++i) {
            power = power * t;
            points[i * B + p] = power;
        }
    }
    return points;
}

std::vector<double> block_prototypes(const ShatteringPlan& plan) {
    const std::size_t n = plan.dimension();
    std::vector<double> prototypes(plan.experts() * n);
    if (plan.construction() == Construction::narrow) return prototypes;
    const auto B = static_cast<double>(plan.block());
    for (std::size_t l = 0; l < plan.experts(); ++l)
        prototypes[l * n] = static_cast<double>(l) * B + (B + 1.0) / 2.0;
    return prototypes;
}

PrototypeTree block_tree(const ShatteringPlan& plan) {
    struct Range {
        std::size_t low;
        std::size_t high;
    };
    const std::size_t n = plan.dimension();
    const std::vector<double> prototypes = block_prototypes(plan);
    PrototypeTree tree;
    tree.dimension = static_cast<int>(n);
    std::deque<Range> unwritten;
    std::uint32_t nodes = 0; // written or waiting
    const auto enqueue = [&](Range range, std::size_t prototype_of) {
        unwritten.push_back(range);
        const double* const prototype = prototypes.data() + prototype_of * n;
        tree.prototypes.insert(tree.prototypes.end(), prototype, prototype + n);
        ++nodes;
    };
    enqueue({0, plan.experts()}, 0);
    std::fill(tree.prototypes.begin(), tree.prototypes.end(), 0.0); // the root's is never read
    while (!unwritten.empty()) {
        const Range range = unwritten.front();
        unwritten.pop_front();
        const bool leaf = range.high - range.low == 1;
        tree.first_child.push_back(leaf ? 0 : nodes);
        tree.child_count.push_back(leaf ? 0 : 2);
        tree.expert.push_back(leaf ? static_cast<std::uint32_t>(range.low) : 0);
        if (leaf) continue;
        const std::size_t mid = range.low + (range.high - range.low) / 2;
        enqueue({range.low, mid}, mid - 1);
        enqueue({mid, range.high}, mid);
    }
    return tree;
}

template<class Integer>
ExactRoute route_exactly(std::span<const double> half_integer_prototypes,
                         std::span<const Integer> x) {
    const std::size_t n = x.size();
    check_shape<Integer>(half_integer_prototypes.size(), n);
    ExactRoute route;
    Integer smallest = excess(half_integer_prototypes.first(n), x);
    for (std::size_t k = 1; k < half_integer_prototypes.size() / n; ++k) {
        const Integer value = excess(half_integer_prototypes.subspan(k * n, n), x);
        if (value < smallest)
            route = {k, false};
        else if (value == smallest)
            route.tie = true;
        smallest = std::min(smallest, value);
    }
    return route;
}

template<class Integer>
ExactRoute route_exactly(const PrototypeTreeView& tree, std::span<const Integer> x) {
    const std::size_t n = x.size();
    check_shape<Integer>(tree.prototypes.size(), n);
    bool tie = false;
    std::size_t node = 0;
    while (tree.child_count[node] != 0) {
        const ExactRoute step = route_exactly(
            tree.prototypes.subspan(tree.first_child[node] * n, tree.child_count[node] * n), x);
        tie = tie || step.tie;
        node = tree.first_child[node] + step.expert;
    }
    return {tree.expert[node], tie};
}

template<class Integer>
bool routes_to_blocks(const ShatteringPlan& plan) {
    const std::size_t n = plan.dimension();
    const std::size_t B = plan.block();
    const std::vector<double> prototypes = block_prototypes(plan);
    const PrototypeTree tree = block_tree(plan);
    std::vector<Integer> x(n);
    for (std::size_t l = plan.experts(); l-- > 0;) { // large coordinates first: overflow shows soon
        const std::vector<Integer> points = block_points<Integer>(plan, l);
        for (std::size_t p = 0; p < B; ++p) {
            for (std::size_t i = 0; i < n; ++i)
                x[i] = points[i * B + p];
            const std::span<const Integer> point(x);
            for (const ExactRoute& route :
                 {route_exactly(std::span<const double>(prototypes), point),
                  route_exactly(tree.view(), point)})
                if (route.expert != l || route.tie) return false;
        }
    }
    return true;
}

template std::vector<Checked64> block_points(const ShatteringPlan&, std::size_t);
template std::vector<Checked128> block_points(const ShatteringPlan&, std::size_t);
template ExactRoute route_exactly(std::span<const double>, std::span<const Checked64>);
template ExactRoute route_exactly(std::span<const double>, std::span<const Checked128>);
template ExactRoute route_exactly(const PrototypeTreeView&, std::span<const Checked64>);
template ExactRoute route_exactly(const PrototypeTreeView&, std::span<const Checked128>);
template bool routes_to_blocks<Checked64>(const ShatteringPlan&);
template bool routes_to_blocks<Checked128>(const ShatteringPlan&);

} // namespace moe
