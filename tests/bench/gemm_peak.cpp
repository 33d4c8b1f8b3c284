#include "gemm_peak.hpp"

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <type_traits>
#include <vector>

#ifdef MOE_HAVE_OPENBLAS
// Debian's runtime package has no header.
extern "C" {
char* openblas_get_corename();
int openblas_get_num_threads();
void openblas_set_num_threads(int threads);
void cblas_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                 const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);
void cblas_dgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, double alpha,
                 const double* a, int lda, const double* b, int ldb, double beta, double* c,
                 int ldc);
}
#endif

namespace moe::bench {

#ifdef MOE_HAVE_OPENBLAS

template<class T>
void gemm(const std::vector<T>& a, const std::vector<T>& b, std::vector<T>& c) {
    constexpr int row_major = 101;
    constexpr int plain = 111;
    constexpr int n = gemm_order;
    if (openblas_get_num_threads() != 1) openblas_set_num_threads(1);
    if constexpr (std::is_same_v<T, float>) {
        cblas_sgemm(row_major, plain, plain, n, n, n, 1, a.data(), n, b.data(), n, 0, c.data(), n);
    } else {
        cblas_dgemm(row_major, plain, plain, n, n, n, 1, a.data(), n, b.data(), n, 0, c.data(), n);
    }
}

namespace {

template<class T>
double measure_gemm() {
    const std::vector<T> a(std::size_t{gemm_order} * gemm_order, T(0.5));
    std::vector<T> c(a);
    double best = 0.0;
    for (int repetition = 0; repetition < 20; ++repetition) {
        const std::clock_t begin = std::clock();
        gemm(a, a, c);
        const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        best = std::max(best, gemm_gflop / seconds);
    }
    return best;
}

} // namespace

template<class T>
double gemm_peak() {
    static const double peak = measure_gemm<T>();
    return peak;
}

const char* gemm_kernels() {
    return openblas_get_corename();
}

#else

template<class T>
void gemm(const std::vector<T>& /*a*/, const std::vector<T>& /*b*/, std::vector<T>& /*c*/) {}

template<class T>
double gemm_peak() {
    return 0.0;
}

const char* gemm_kernels() {
    return "";
}

#endif

template void gemm(const std::vector<double>&, const std::vector<double>&, std::vector<double>&);
template void gemm(const std::vector<float>&, const std::vector<float>&, std::vector<float>&);
template double gemm_peak<double>();
template double gemm_peak<float>();

} // namespace moe::bench
