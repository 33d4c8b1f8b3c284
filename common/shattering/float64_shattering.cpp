#include "shattering/float64_shattering.hpp"

#include "constructions/net_writer.hpp"
#include "shattering/exact_integers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

namespace moe {

namespace {

constexpr std::int64_t exact_below = std::int64_t{1} << 53U;

Checked128 integer(std::size_t value) {
    return {static_cast<std::int64_t>(value)};
}

Checked128 power(Checked128 base, std::size_t exponent) {
    Checked128 product(1);
    for (std::size_t i = 0; i < exponent; ++i)
        product = product * base;
    return product;
}

/// Linear: sums of |terms| are at most prod (2t + 2a + 1), largest at t = m with the label changes
/// a = m-1, .., m-n. ReLU: hidden sums are at most prod (t + t_i) + 1, largest at t = m with the
/// roots m, .., m-n+1; |h| <= m^n at a point, a group's three terms reach 4 |h| + 2 and leave 0 or
/// 2 behind. Zig-zag: t + t_i; deltas are at most 4, the piecewise linear sum starts at +-1.
/// Narrow: codes and thresholds below 2^d, kappa and j.
Checked128 magnitude_bound(const ShatteringPlan& plan) {
    const Checked128 m = integer(plan.points());
    const std::size_t n = plan.dimension();
    const Checked128 coordinates = power(m, n);
    Checked128 bound(1);
    switch (plan.construction()) {
    case Construction::linear:
        for (std::size_t i = 1; i <= n; ++i)
            bound = bound * (Checked128(4) * m - integer(2 * i - 1));
        return std::max(bound, coordinates);
    case Construction::relu:
        for (std::size_t i = 0; i < n; ++i)
            bound = bound * (m + m - integer(i));
        return std::max(bound + Checked128(1),
                        Checked128(4) * coordinates + integer(2 * plan.size() + 3));
    case Construction::zigzag: {
        const Checked128 w = integer(plan.size());
        return std::max({coordinates, m + m, Checked128(4) * w * w + Checked128(1)});
    }
    case Construction::narrow:
        break;
    }
    return std::max(
        {power(Checked128(2), plan.bits()), integer(plan.codes()), integer(2 * plan.bits() + 2)});
}

std::optional<Checked128> magnitude_bound_if_it_fits(const ShatteringPlan& plan) {
    try {
        return magnitude_bound(plan);
    } catch (const IntegerOverflow&) {
        return std::nullopt;
    }
}

std::vector<double> all_points(const ShatteringPlan& plan) {
    const std::size_t n = plan.dimension();
    const std::size_t B = plan.block();
    std::vector<double> rows(plan.points() * n);
    for (std::size_t l = 0; l < plan.experts(); ++l) {
        const std::vector<Checked64> columns = block_points<Checked64>(plan, l);
        for (std::size_t p = 0; p < B; ++p)
            for (std::size_t i = 0; i < n; ++i)
                rows[(l * B + p) * n + i] = columns[i * B + p].to_double();
    }
    return rows;
}

ResidentExperts<double> make_experts(const ShatteringPlan& plan) {
    if (!float64_is_exact(plan))
        throw std::invalid_argument(plan.name() + ": float64 does not hold its integers");
    Architecture architecture = shattering_architecture(plan);
    const std::size_t numbers = architecture.parameters() * plan.experts();
    return {std::move(architecture), std::vector<double>(numbers)};
}

} // namespace

Architecture shattering_architecture(const ShatteringPlan& plan) {
    return with_exact_integers(plan, [&]<class Integer>(Integer /*type*/) {
        IntegerNet<Integer> net(static_cast<std::uint32_t>(plan.dimension()));
        write_shattering_expert(net, plan, 0, Labels(plan.block()));
        ShapeRecorder shape;
        net.write(shape);
        return shape.dense(net.inputs());
    });
}

double log2_magnitude_bound(const ShatteringPlan& plan) {
    const auto bound = magnitude_bound_if_it_fits(plan);
    return bound ? std::log2(bound->to_double()) : std::numeric_limits<double>::infinity();
}

double log2_largest_term(const ShatteringPlan& plan) {
    const bool linear = plan.construction() == Construction::linear;
    if (!linear && plan.construction() != Construction::relu) return 0.0;
    const auto n = static_cast<double>(plan.dimension());
    double log2_term = n * std::log2(static_cast<double>(plan.points())) + (linear ? n : 0.0);
    for (std::size_t i = 1; i <= plan.dimension() / 2; ++i) // C(n, n/2) = prod (n + 1 - i) / i
        log2_term += std::log2((n + 1.0 - static_cast<double>(i)) / static_cast<double>(i));
    return log2_term;
}

bool float64_is_exact(const ShatteringPlan& plan) {
    const auto bound = magnitude_bound_if_it_fits(plan);
    return bound && *bound < Checked128(exact_below);
}

bool float64_routing_is_exact(const ShatteringPlan& plan, BlockRouting routing) {
    if (plan.experts() == 1 || routing == BlockRouting::tree) return true;
    try {
        const Checked128 m = integer(plan.points());
        Checked128 squares;
        for (std::size_t i = 1; i <= plan.dimension(); ++i)
            squares += power(m * m, i);
        return Checked128(4) * squares < Checked128(exact_below);
    } catch (const IntegerOverflow&) {
        return false;
    }
}

Float64Shattering::Float64Shattering(const ShatteringPlan& plan)
    : experts_(make_experts(plan))
    , tree_(block_tree(plan))
    , tree_router_(tree_.view())
    , flat_router_(FlatPrototypes(static_cast<int>(plan.dimension()), block_prototypes(plan)))
    , points_(all_points(plan))
    , outputs_(plan.points()) {
    check_tree(tree_.view(), plan.experts());
}

template<class Integer>
void Float64Shattering::set_expert(std::size_t l, const IntegerNet<Integer>& net) {
    ParameterWriter writer(experts_.architecture(), experts_.parameters(l));
    net.write(writer);
}

std::span<const double> Float64Shattering::outputs(BlockRouting routing) {
    forward<double>(routing == BlockRouting::flat ? flat_router_ : tree_router_, experts_, points_,
                    outputs_);
    return outputs_;
}

template void Float64Shattering::set_expert(std::size_t, const IntegerNet<Checked64>&);
template void Float64Shattering::set_expert(std::size_t, const IntegerNet<Checked128>&);

} // namespace moe
