#pragma once
// Work cut into blocks by index. Scheduling never reaches a result: the body writes only to what
// its index owns, and the caller folds in index order.

#include <cstddef>
#include <functional>

namespace moe {

/// Calls body(0), ..., body(count-1) once each on up to `threads` threads (the caller's is one of
/// them; threads = 0 counts as 1). Indices are claimed in ascending order. If bodies throw, no new
/// index is claimed and the exception of the lowest failed index is rethrown after all threads have
/// ended.
void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t)>& body);

/// Number of cores that this process may run on, at least 1.
[[nodiscard]] unsigned available_cores() noexcept;

} // namespace moe
