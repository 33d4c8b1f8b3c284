// Iterations allocate nothing: counted in malloc itself, since Eigen does not go through operator
// new. Left out under sanitizers, which have their own malloc.

#include "basics/multiversion.hpp"
#include "mixtures/plain_gated.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstddef>

#if defined(__GLIBC__) && !defined(MOE_INSTRUMENTED)

namespace {

std::atomic<long> allocations{0};

} // namespace

// The names are glibc's.
extern "C" {
void* __libc_malloc(std::size_t size);                          // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size); // NOLINT

void* malloc(std::size_t size) { // NOLINT
    ++allocations;
    return __libc_malloc(size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) { // NOLINT
    ++allocations;
    return __libc_memalign(alignment, size);
}
}

BOOST_AUTO_TEST_SUITE(gated_allocations)

BOOST_AUTO_TEST_CASE(iterations_allocate_nothing) {
    for (const plain::Case& c : plain::cases()) {
        BOOST_TEST_CONTEXT(c.name) {
            const auto model = c.model();
            moe::Vector theta = c.data.start;
            moe::Vector gradient;
            moe::Matrix r;
            const auto iterate = [&] {
                model->posterior(theta, r);
                model->maximise(r, theta);
                model->loss_gradient(theta, gradient);
                model->surrogate_gradient(r, theta, gradient);
                return model->loss(theta);
            };
            iterate();
            const long before = allocations;
            for (int t = 0; t < 5; ++t)
                iterate();
            const long after = allocations;
            BOOST_TEST(after - before == 0);
        }
    }
    const long before = allocations;
    const moe::Vector counted(1000);
    const long after = allocations;
    BOOST_TEST(after - before == 1); // the count works
}

BOOST_AUTO_TEST_SUITE_END()

#endif
