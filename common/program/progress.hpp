#pragma once
// One line on a terminal: cells done and time left.

#include <chrono>
#include <cstddef>
#include <mutex>

namespace moe {

/// Thread-safe. The time left is judged by the cost of the cells, taking the time so far as the
/// time of the cost so far.
class Progress {
  public:
    /// Shows nothing if not `shown`. `done` cells of cost `done_cost` were there already.
    Progress(bool shown, std::size_t cells, double cost, std::size_t done, double done_cost);
    /// Removes the line.
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    Progress(Progress&&) = delete;
    Progress& operator=(Progress&&) = delete;

    /// One more cell of that cost is done.
    void add(double cost);

  private:
    void show();

    bool shown_;
    std::size_t cells_;
    double cost_;
    std::size_t done_;
    double done_cost_;
    double resumed_cost_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point last_shown_{};
    std::mutex mutex_;
};

} // namespace moe
