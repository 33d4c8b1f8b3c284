// A training step allocates nothing: counted in operator new, through which all of it goes. Left
// out under sanitizers, which have their own.

#include "training/training.hpp"

#include "basics/multiversion.hpp"
#include "training/training_cases.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#if !defined(MOE_INSTRUMENTED)

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t size) {
    ++allocations;
    void* const memory = std::malloc(size); // NOLINT
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

void* counted(std::size_t size, std::align_val_t alignment) {
    ++allocations;
    const auto unit = static_cast<std::size_t>(alignment);
    void* const memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit); // NOLINT
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

} // namespace

void* operator new(std::size_t size) {
    return counted(size);
}
void* operator new[](std::size_t size) {
    return counted(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return counted(size, alignment);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
} // NOLINT
void operator delete[](void* memory) noexcept {
    std::free(memory);
} // NOLINT
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
} // NOLINT
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
} // NOLINT
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
} // NOLINT
void operator delete[](void* memory, std::align_val_t) noexcept {
    std::free(memory);
} // NOLINT
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { // NOLINT
    std::free(memory);                                                       // NOLINT
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { // NOLINT
    std::free(memory);                                                         // NOLINT
}

BOOST_AUTO_TEST_SUITE(training_allocations)

BOOST_AUTO_TEST_CASE(a_step_allocates_nothing) {
    const auto step = [](const moe::StackShape& shape, auto zero) {
        using T = decltype(zero);
        moe::StackGradient<T> gradient(shape, 100);
        moe::Adam<T> adam(cases::parameters(shape));
        moe::Batch<T> batch = cases::batch<T>(shape, 100);
        const long before = allocations;
        for (std::uint32_t t = 0; t < 5; ++t) {
            cases::fill(batch, shape, t);
            gradient(adam.parameters(), batch, 0.02, adam.gradient());
            adam.step(0.01);
        }
        return allocations - before;
    };
    for (const auto& [name, shape] : cases::shapes()) {
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST(step(shape, 0.0F) == 0);
            BOOST_TEST(step(shape, 0.0) == 0);
        }
    }
    const long before = allocations;
    const std::vector<double> counts_at_all(1000);
    BOOST_TEST(allocations - before == 1);
}

BOOST_AUTO_TEST_SUITE_END()

#endif
