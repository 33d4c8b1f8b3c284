#include "pieces/deep_moe.hpp"

#include "constructions/net_writer.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace moe {

namespace {

using Index = std::uint32_t;

[[noreturn]] void refuse(std::size_t pair, const std::string& why) {
    throw std::invalid_argument("deep_moe: pair " + std::to_string(pair) + " " + why);
}

void check(const DeepPlan& plan, PieceExperts experts) {
    if (plan.pairs.empty()) throw std::invalid_argument("deep_moe: no pair");
    for (std::size_t l = 0; l < plan.pairs.size(); ++l) {
        const DeepPair& pair = plan.pairs[l];
        const std::size_t E = pair.functions.size();
        if (E == 0 || pair.anchors.size() != E || pair.charts.size() != E ||
            pair.gate_rows.size() != E)
            refuse(l, "has not the same number of charts, anchors, functions and gate rows");
        for (std::size_t e = 0; e < E; ++e) {
            const std::size_t anchors = pair.anchors[e].size();
            if (anchors != pair.anchors[0].size() || anchors < 1 || anchors > 2)
                refuse(l, "has " + std::to_string(anchors) + " anchors at expert " +
                              std::to_string(e) + "; 1 or 2, the same for all");
            const PiecewiseLinear& f = pair.functions[e];
            if (f.knots.size() != pair.functions[0].knots.size() ||
                f.knots.size() != f.changes.size())
                refuse(l, "has functions with different numbers of knots");
            const bool plain =
                experts == PieceExperts::affine || plan.combination == Combination::maximum;
            if (plain && !f.knots.empty()) refuse(l, "has knots that its experts cannot compute");
            if (pair.gate_rows[e] >= E) refuse(l, "has a gate row of no expert");
        }
    }
    if (experts == PieceExperts::affine && plan.combination == Combination::maximum)
        throw std::invalid_argument("deep_moe: affine experts cannot take a maximum");
}

/// One pair of layers of the plan, written neuron by neuron.
class Pair {
  public:
    Pair(const DeepPlan& plan, std::size_t index, PieceExperts experts)
        : plan_(&plan.pairs[index])
        , maximum_(plan.combination == Combination::maximum)
        , experts_(experts)
        , dimension_(static_cast<Index>(plan.pairs.size()))
        , coordinate_(static_cast<Index>(index)) {}

    /// (x, S) or, in the first pair, x -> (x, S, rho).
    void write_odd(NetWriter& writer) const {
        const Index carried = first() ? dimension_ : dimension_ + 1;
        writer.next_layer();
        write_carried(writer, carried);
        if (two_anchors()) {
            for (const auto& anchors : plan_->anchors) {
                const double a = anchors[0];
                const double b = anchors[1];
                writer.neuron({{coordinate_, 2.0 * (a - b)}}, b * b - a * a);
                writer.neuron({{coordinate_, 2.0 * b}}, -b * b);
                writer.neuron({{coordinate_, -2.0 * b}}, b * b);
            }
        }
        writer.next_layer();
        for (Index j = 0; j < carried; ++j)
            writer.neuron({{2 * j, 1.0}, {2 * j + 1, -1.0}});
        if (first()) writer.neuron({}); // S = 0
        for (Index e = 0; e < E(); ++e) {
            const Index own = 2 * carried + 3 * e;
            if (two_anchors()) {
                writer.neuron({{own, 1.0}, {own + 1, 1.0}, {own + 2, -1.0}});
                continue;
            }
            const double anchor = plan_->anchors[e][0];
            writer.neuron({{2 * coordinate_, 2.0 * anchor}, {2 * coordinate_ + 1, -2.0 * anchor}},
                          -anchor * anchor);
        }
    }

    /// (x, S, rho) -> (x, S) or, in the last pair, S: expert e.
    void write_expert(NetWriter& writer, Index e) const {
        const PiecewiseLinear& f = plan_->functions[e];
        if (experts_ == PieceExperts::affine) {
            writer.next_layer();
            if (!last()) {
                for (Index j = 0; j < dimension_; ++j)
                    writer.neuron({{j, 1.0}});
            }
            writer.neuron({{coordinate_, f.slope}, {dimension_, 1.0}}, f.intercept);
            return;
        }
        const bool compares = maximum_ && !first();
        const Index carried = maximum_ ? dimension_ : dimension_ + 1;
        writer.next_layer();
        write_carried(writer, carried);
        if (compares) writer.neuron({{coordinate_, -f.slope}, {dimension_, 1.0}}, -f.intercept);
        for (const double knot : f.knots)
            writer.neuron({{coordinate_, 1.0}}, -knot);
        writer.next_layer();
        if (!last()) {
            for (Index j = 0; j < dimension_; ++j)
                writer.neuron({{2 * j, 1.0}, {2 * j + 1, -1.0}});
        }
        std::vector<Term> sum{{2 * coordinate_, f.slope}, {2 * coordinate_ + 1, -f.slope}};
        if (!maximum_) {
            sum.push_back({2 * dimension_, 1.0});
            sum.push_back({2 * dimension_ + 1, -1.0});
        }
        if (compares) sum.push_back({2 * carried, 1.0});
        for (Index k = 0; k < f.knots.size(); ++k)
            sum.push_back({2 * carried + k, f.changes[k]});
        writer.neuron(sum, f.intercept);
    }

    /// Row e reads the rho of gate_rows[e].
    [[nodiscard]] LinearGate gate() const {
        const std::size_t inputs = dimension_ + 1 + E();
        std::vector<double> weights(E() * inputs, 0.0);
        for (std::size_t e = 0; e < E(); ++e)
            weights[e * inputs + dimension_ + 1 + plan_->gate_rows[e]] = 1.0;
        return {std::move(weights), std::vector<double>(E(), 0.0)};
    }

    [[nodiscard]] MoeLayer odd() const {
        const auto text = [this](NetWriter& writer) { write_odd(writer); };
        const Architecture shape = shape_of(text, first() ? dimension_ : dimension_ + 1);
        return MoeLayer::dense_sublayer(shape, parameters_of(text, shape));
    }

    [[nodiscard]] MoeLayer even() const {
        const Architecture shape =
            shape_of([this](NetWriter& writer) { write_expert(writer, 0); }, dimension_ + 1 + E());
        std::vector<double> parameters;
        for (Index e = 0; e < E(); ++e) {
            const std::vector<double> own =
                parameters_of([&](NetWriter& writer) { write_expert(writer, e); }, shape);
            parameters.insert(parameters.end(), own.begin(), own.end());
        }
        return {gate(), shape, std::move(parameters)};
    }

  private:
    using Text = std::function<void(NetWriter&)>;

    [[nodiscard]] Index E() const noexcept { return static_cast<Index>(plan_->functions.size()); }
    [[nodiscard]] bool first() const noexcept { return coordinate_ == 0; }
    [[nodiscard]] bool last() const noexcept { return coordinate_ + 1 == dimension_; }
    [[nodiscard]] bool two_anchors() const { return plan_->anchors[0].size() == 2; }

    static void write_carried(NetWriter& writer, Index carried) {
        for (Index j = 0; j < carried; ++j) {
            writer.neuron({{j, 1.0}});
            writer.neuron({{j, -1.0}});
        }
    }

    static Architecture shape_of(const Text& text, Index inputs) {
        ShapeRecorder recorder;
        text(recorder);
        return std::move(recorder).sparse(inputs);
    }

    static std::vector<double> parameters_of(const Text& text, const Architecture& shape) {
        std::vector<double> parameters(shape.parameters());
        ParameterWriter writer(shape, parameters);
        text(writer);
        return parameters;
    }

    const DeepPair* plan_;
    bool maximum_;
    PieceExperts experts_;
    Index dimension_;
    Index coordinate_;
};

} // namespace

ExpertOrders random_orders(std::uint32_t E, std::uint32_t L, RandomStream& random) {
    ExpertOrders orders(L);
    for (auto& order : orders)
        order = random_permutation(E, random);
    return orders;
}

DeepPlan deep_plan(const CompositionalTarget& target, const ExpertOrders& orders) {
    if (orders.size() != target.dimension())
        throw std::invalid_argument("deep_plan: " + std::to_string(orders.size()) + " orders for " +
                                    std::to_string(target.dimension()) + " coordinates");
    std::vector<std::uint32_t> charts(target.regions().charts());
    std::iota(charts.begin(), charts.end(), 0U);
    DeepPlan plan{.combination = target.combination(), .pairs = {}};
    for (std::size_t l = 0; l < orders.size(); ++l) {
        if (!std::is_permutation(charts.begin(), charts.end(), orders[l].begin(), orders[l].end()))
            throw std::invalid_argument("deep_plan: order " + std::to_string(l) +
                                        " is no permutation of the charts");
        DeepPair pair{.charts = orders[l], .anchors = {}, .functions = {}, .gate_rows = charts};
        for (const std::uint32_t chart : orders[l]) {
            pair.anchors.push_back(target.regions().anchors(chart));
            pair.functions.push_back(target.functions()[l][chart]);
        }
        plan.pairs.push_back(std::move(pair));
    }
    return plan;
}

MoeStack deep_moe(const DeepPlan& plan, PieceExperts experts) {
    check(plan, experts);
    std::vector<MoeLayer> layers;
    for (std::size_t l = 0; l < plan.pairs.size(); ++l) {
        const Pair pair(plan, l, experts);
        layers.push_back(pair.odd());
        layers.push_back(pair.even());
    }
    return MoeStack(std::move(layers));
}

} // namespace moe
