#include "program/progress.hpp"

#include <cstdio>

namespace moe {

Progress::Progress(bool shown, std::size_t cells, double cost, std::size_t done, double done_cost)
    : shown_(shown)
    , cells_(cells)
    , cost_(cost)
    , done_(done)
    , done_cost_(done_cost)
    , resumed_cost_(done_cost) {
    show();
}

Progress::~Progress() {
    if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::add(double cost) {
    const std::lock_guard lock(mutex_);
    ++done_;
    done_cost_ += cost;
    show();
}

void Progress::show() {
    using namespace std::chrono_literals;
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now - last_shown_ < 100ms) return;
    last_shown_ = now;
    const std::chrono::duration<double> elapsed = now - start_;
    const double worked = done_cost_ - resumed_cost_;
    std::fprintf(stderr, "\r\033[K%zu of %zu cells, %.0f s", done_, cells_, elapsed.count());
    if (worked > 0.0)
        std::fprintf(stderr, ", about %.0f s left",
                     elapsed.count() * (cost_ - done_cost_) / worked);
    std::fflush(stderr);
}

} // namespace moe
