#include "basics/vector_math.hpp"

#include <stdexcept>

#define MOE_KERNELS "basics/vector_math.inc"
#include "basics/every_instruction_set.inc"

namespace moe {

namespace {

template<class Kernel>
struct Versions {
    Kernel baseline;
    Kernel avx2;
    Kernel avx512;

    /// The version of a given instruction set.
    [[nodiscard]] Kernel at(InstructionSet set) const {
        const Kernel kernel = set == InstructionSet::avx512 ? avx512
                              : set == InstructionSet::avx2 ? avx2
                                                            : baseline;
        if (kernel == nullptr || !available(set))
            throw std::invalid_argument("vector_math: this processor lacks the instruction set");
        return kernel;
    }
};

using OneResult = Versions<void (*)(const double*, std::size_t, double*)>;
using TwoResults = Versions<void (*)(const double*, std::size_t, double*, double*)>;

#if MOE_X86_VERSIONS
constexpr OneResult exp_versions{baseline::exp_all, avx2::exp_all, avx512::exp_all};
constexpr OneResult log_versions{baseline::log_all, avx2::log_all, avx512::log_all};
constexpr TwoResults sin_cos_versions{baseline::sin_cos_all, avx2::sin_cos_all,
                                      avx512::sin_cos_all};
#else
constexpr OneResult exp_versions{baseline::exp_all, nullptr, nullptr};
constexpr OneResult log_versions{baseline::log_all, nullptr, nullptr};
constexpr TwoResults sin_cos_versions{baseline::sin_cos_all, nullptr, nullptr};
#endif

void require_same(std::size_t input, std::size_t result) {
    if (input != result)
        throw std::invalid_argument("vector_math: different sizes of input and result");
}

void run(const OneResult& versions, InstructionSet set, std::span<const double> x,
         std::span<double> result) {
    require_same(x.size(), result.size());
    versions.at(set)(x.data(), x.size(), result.data());
}

} // namespace

void exp_all(std::span<const double> x, std::span<double> result) {
    run(exp_versions, best_instruction_set(), x, result);
}

void log_all(std::span<const double> x, std::span<double> result) {
    run(log_versions, best_instruction_set(), x, result);
}

void exp_all(InstructionSet set, std::span<const double> x, std::span<double> result) {
    run(exp_versions, set, x, result);
}

void log_all(InstructionSet set, std::span<const double> x, std::span<double> result) {
    run(log_versions, set, x, result);
}

void sin_cos_all(std::span<const double> x, std::span<double> sine, std::span<double> cosine) {
    sin_cos_all(best_instruction_set(), x, sine, cosine);
}

void sin_cos_all(InstructionSet set, std::span<const double> x, std::span<double> sine,
                 std::span<double> cosine) {
    require_same(x.size(), sine.size());
    require_same(x.size(), cosine.size());
    sin_cos_versions.at(set)(x.data(), x.size(), sine.data(), cosine.data());
}

} // namespace moe
