#include "forward/group.hpp"

#include "forward/tile.hpp"

namespace moe {

namespace {

/// Vectors per activation of a full tile: with 4, two rows of a dense layer are summed at once and
/// half of all loads go to weights. 8 gained under 5 % and doubles the scratch.
constexpr std::size_t full_tile = 4;

/// The next `count` <= width samples on one tile; spare lanes repeat the first sample.
template<class T, std::size_t V>
void run_tile(const Group<T>& group, const std::uint32_t* samples, std::size_t count, T* scratch) {
    constexpr std::size_t width = Lanes<T, V>::width;
    const std::size_t n = group.architecture.inputs();
    const std::size_t m = group.architecture.outputs();
    for (std::size_t lane = 0; lane < width; ++lane) {
        const std::size_t sample = samples[lane < count ? lane : 0];
        const double* const x = group.inputs.data() + sample * n;
        for (std::size_t i = 0; i < n; ++i) {
            scratch[i * width + lane] = static_cast<T>(x[i]);
        }
    }
    const T* const y = evaluate_tile<T, V>(group.architecture, group.parameters.data(), scratch);
    for (std::size_t lane = 0; lane < count; ++lane) {
        T* const out = group.outputs.data() + std::size_t{samples[lane]} * m;
        for (std::size_t i = 0; i < m; ++i) {
            out[i] = y[i * width + lane];
        }
    }
}

} // namespace

template<class T>
std::size_t group_scratch(const Architecture& architecture) {
    return 2 * std::size_t{architecture.widest()} * Lanes<T, full_tile>::width;
}

template<class T>
void evaluate_group(const Group<T>& group, std::span<T> scratch) {
    const std::uint32_t* samples = group.samples.data();
    std::size_t left = group.samples.size();
    constexpr std::size_t full = Lanes<T, full_tile>::width;
    for (; left >= full; left -= full, samples += full) {
        run_tile<T, full_tile>(group, samples, full, scratch.data());
    }
    // The rest goes to the narrowest tile that holds it.
    if (left > Lanes<T, 2>::width) {
        run_tile<T, full_tile>(group, samples, left, scratch.data());
    } else if (left > Lanes<T, 1>::width) {
        run_tile<T, 2>(group, samples, left, scratch.data());
    } else if (left > 0) {
        run_tile<T, 1>(group, samples, left, scratch.data());
    }
}

template std::size_t group_scratch<double>(const Architecture&);
template std::size_t group_scratch<float>(const Architecture&);
template void evaluate_group<double>(const Group<double>&, std::span<double>);
template void evaluate_group<float>(const Group<float>&, std::span<float>);

} // namespace moe
