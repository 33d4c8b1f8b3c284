#include "certification/single_precision.hpp"

#include "forward/evaluate.hpp"
#include "forward/shapes.hpp"
#include "models/float_casts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moe {

namespace {

constexpr double unit_roundoff = 0x1p-24;
/// What a product or sum may lose besides where it is subnormal.
constexpr double underflow = 0x1p-149;
/// The float64 outputs err themselves, by 2^-29 of what the bound allows.
constexpr double float64_share = 1.0 + 0x1p-20;

/// Higham's gamma(k) = k u / (1 - k u).
double gamma(std::size_t k) {
    const double error = static_cast<double>(k) * unit_roundoff;
    return error / (1.0 - error);
}

/// A number and how far its float32 counterpart may be away.
struct Uncertain {
    double value = 0.0;
    double error = 0.0;
};

/// The affine part of one unit.
class Sum {
  public:
    void add_bias(double bias) {
        value_ += bias;
        magnitude_ += std::abs(bias);
    }
    void add_product(double weight, const Uncertain& x) {
        value_ += weight * x.value;
        carried_ += std::abs(weight) * x.error;
        magnitude_ += std::abs(weight) * (std::abs(x.value) + x.error);
        ++terms_;
    }
    /// gamma(k + 1) for the sum and one more u for the rounded parameters.
    [[nodiscard]] Uncertain result() const {
        return {value_, carried_ + gamma(terms_ + 2) * magnitude_ +
                            static_cast<double>(2 * terms_ + 1) * underflow};
    }

  private:
    double value_ = 0.0;
    double carried_ = 0.0;
    double magnitude_ = 0.0;
    std::size_t terms_ = 0;
};

Uncertain affine(const Layer& layer, std::span<const double> parameters, std::size_t row,
                 std::span<const Uncertain> input) {
    const double* const weights = parameters.data() + layer.weight_offset;
    const double* const biases = parameters.data() + layer.bias_offset;
    Sum sum;
    if (!layer.sparse) {
        sum.add_bias(biases[row]);
        for (std::size_t i = 0; i < layer.inputs; ++i) {
            sum.add_product(weights[row * layer.inputs + i], input[i]);
        }
        return sum.result();
    }
    if (const std::int32_t bias = layer.bias_of[row]; bias >= 0) sum.add_bias(biases[bias]);
    for (std::size_t k = layer.row_start[row]; k < layer.row_start[row + 1]; ++k) {
        sum.add_product(weights[k], input[layer.pattern.col[k]]);
    }
    return sum.result();
}

/// max(z, 0), or slope z below 0: the slope is rounded and so is its product.
Uncertain rectified(const Uncertain& z, double slope) {
    const double steepest = std::max(1.0, std::abs(slope));
    return {z.value < 0.0 ? slope * z.value : z.value,
            steepest * z.error + gamma(2) * std::abs(slope) * (std::abs(z.value) + z.error) +
                (slope == 0.0 ? 0.0 : underflow)};
}

void bound_one(const Architecture& architecture, std::span<const double> parameters,
               std::span<const double> x, std::span<double> bound) {
    std::vector<Uncertain> input;
    for (const double value : x) {
        input.push_back({value, unit_roundoff * std::abs(value) + underflow});
    }
    for (std::size_t j = 0; j < architecture.depth(); ++j) {
        const Layer& layer = architecture.layer(j);
        const bool hidden = j + 1 < architecture.depth();
        std::vector<Uncertain> output;
        for (std::size_t row = 0; row < layer.outputs; ++row) {
            const Uncertain z = affine(layer, parameters, row, input);
            const double slope = layer.slopes ? parameters[layer.slope_offset + row] : 0.0;
            output.push_back(hidden ? rectified(z, slope) : z);
        }
        input = std::move(output);
    }
    std::ranges::transform(input, bound.begin(),
                           [](const Uncertain& y) { return float64_share * y.error; });
}

/// The expert of each row.
std::vector<std::uint64_t> experts_of(const StoredModel& model, std::span<const double> inputs) {
    const std::size_t n = model.router().dimension();
    std::vector<std::uint64_t> experts;
    for (std::size_t first = 0; first < inputs.size(); first += n) {
        experts.push_back(
            model.router().expert(model.router().route(inputs.subspan(first, n)).leaf));
    }
    return experts;
}

/// Largest |y32 - y64| / bound, expert by expert, each loaded once.
double largest_bound_ratio(StoredModel& model, std::span<const double> inputs,
                           std::span<const double> in_float64, std::span<const float> in_float32) {
    const Architecture& architecture = model.experts().architecture();
    const std::size_t n = architecture.inputs();
    const std::size_t m = architecture.outputs();
    const std::vector<std::uint64_t> experts = experts_of(model, inputs);
    double largest = 0.0;
    std::vector<double> bound(m);
    std::vector<std::size_t> rows(experts.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        rows[row] = row;
    }
    std::ranges::stable_sort(rows, {}, [&](std::size_t row) { return experts[row]; });
    for (std::size_t k = 0; k < rows.size();) {
        const ExpertLease<double> lease = model.experts().acquire(experts[rows[k]]);
        for (const std::uint64_t expert = lease.expert();
             k < rows.size() && experts[rows[k]] == expert; ++k) {
            bound_one(architecture, lease.parameters(), inputs.subspan(rows[k] * n, n), bound);
            for (std::size_t i = 0; i < m; ++i) {
                const double difference = std::abs(
                    static_cast<double>(in_float32[rows[k] * m + i]) - in_float64[rows[k] * m + i]);
                if (difference == 0.0) continue;
                const double ratio = difference / bound[i];
                largest = std::isnan(ratio) ? std::numeric_limits<double>::infinity()
                                            : std::max(largest, ratio);
            }
        }
    }
    return largest;
}

} // namespace

std::vector<double> float32_bound(const Architecture& architecture,
                                  std::span<const double> parameters,
                                  std::span<const double> inputs) {
    const std::size_t n = architecture.inputs();
    const std::size_t m = architecture.outputs();
    const std::size_t batch = inputs.size() / n;
    check_expert_shapes(architecture, parameters.size(), batch, inputs.size(), batch * m);
    std::vector<double> bounds(batch * m);
    for (std::size_t row = 0; row < batch; ++row) {
        bound_one(architecture, parameters, inputs.subspan(row * n, n),
                  std::span(bounds).subspan(row * m, m));
    }
    return bounds;
}

Float32Use forward_on_device(const Router& router, ExpertSource<float>& experts,
                             std::span<const double> inputs, std::span<float> outputs,
                             std::uint64_t budget_bytes) {
    CudaOptions options;
    options.budget_bytes = budget_bytes;
    CudaForward forward(router, experts, options);
    const CudaReport report = forward.forward(inputs, outputs);
    return {report.peak_expert_bytes, report.loads};
}

Float32Comparison compare_in_float32(StoredModel& model, std::span<const double> inputs,
                                     const Float32Forward& forward) {
    const std::vector<double> in_float64 = model.evaluate(inputs);
    FloatCasts casts(model.experts());
    Float32Comparison result;
    result.expert_bytes = casts.architecture().parameters() * sizeof(float);
    std::vector<float> in_float32(in_float64.size());
    result.use = forward(model.router(), casts, inputs, in_float32, result.expert_bytes);

    double difference = 0.0;
    double norm = 0.0;
    for (std::size_t k = 0; k < in_float64.size(); ++k) {
        difference = std::hypot(difference, static_cast<double>(in_float32[k]) - in_float64[k]);
        norm = std::hypot(norm, in_float64[k]);
    }
    result.relative_difference = difference == 0.0 ? 0.0 : difference / norm;
    result.bound_ratio = largest_bound_ratio(model, inputs, in_float64, in_float32);
    return result;
}

} // namespace moe
