#include "basics/parallel.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace moe {

void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t)>& body) {
    std::atomic<std::size_t> next{0};
    std::atomic<bool> failed{false};
    std::mutex mutex;
    std::size_t lowest_failure = std::numeric_limits<std::size_t>::max();
    std::exception_ptr failure;

    const auto work = [&] {
        while (!failed.load()) {
            const std::size_t index = next.fetch_add(1);
            if (index >= count) return;
            try {
                body(index);
            } catch (...) {
                const std::lock_guard lock(mutex);
                failed.store(true);
                if (index < lowest_failure) {
                    lowest_failure = index;
                    failure = std::current_exception();
                }
            }
        }
    };

    {
        std::vector<std::jthread> helpers;
        const std::size_t wanted = std::min<std::size_t>(std::max(threads, 1U), count);
        helpers.reserve(wanted);
        for (std::size_t i = 1; i < wanted; ++i) {
            helpers.emplace_back(work);
        }
        work();
    }
    if (failure) std::rethrow_exception(failure);
}

unsigned available_cores() noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

} // namespace moe
