#include "store/expert_store.hpp"

#include <algorithm>
#include <stdexcept>
#include <sys/mman.h>

namespace moe {

namespace {

std::uint64_t bytes_of_pattern(const Architecture& architecture) {
    std::uint64_t bytes = 0;
    for (const Layer& layer : architecture.layers()) {
        bytes += std::span(layer.pattern.row).size_bytes() +
                 std::span(layer.pattern.col).size_bytes() +
                 std::span(layer.pattern.bias_row).size_bytes() +
                 std::span(layer.row_start).size_bytes() + std::span(layer.bias_of).size_bytes();
    }
    return bytes;
}

/// What the kernel maps around a place that is read for the first time.
constexpr std::uint64_t bytes_around_fault = std::uint64_t{64} << 10U;

} // namespace

template<class T>
ExpertStore<T>::ExpertStore(const std::filesystem::path& path, std::uint64_t budget_bytes,
                            std::uint64_t mapped_limit_bytes)
    : file_(path)
    , model_(path.string(), file_.bytes(), dtype_of<T>())
    , router_(model_.router())
    , budget_bytes_(budget_bytes)
    , capacity_(budget_bytes / expert_bytes())
    , pattern_bytes_(bytes_of_pattern(model_.architecture()))
    , mapped_limit_bytes_(mapped_limit_bytes) {}

template<class T>
const Architecture& ExpertStore<T>::architecture() const {
    return model_.architecture();
}

template<class T>
std::uint64_t ExpertStore<T>::experts() const {
    return model_.stored_experts();
}

template<class T>
std::uint64_t ExpertStore<T>::expert_bytes() const noexcept {
    return model_.architecture().parameters() * sizeof(T);
}

template<class T>
ExpertLease<T> ExpertStore<T>::acquire(std::uint64_t expert) {
    if (expert >= experts()) {
        throw std::out_of_range("expert " + std::to_string(expert) + " of a file with " +
                                std::to_string(experts()));
    }
    if (capacity_ == 0) {
        throw EnvironmentError("one expert takes " + std::to_string(expert_bytes()) +
                               " bytes, but the residency budget is " +
                               std::to_string(budget_bytes_) + " bytes");
    }
    const std::thread::id me = std::this_thread::get_id();
    std::unique_lock lock(mutex_);
    for (;;) {
        if (const auto found = resident_.find(expert); found != resident_.end()) {
            const Position frame = found->second;
            if (!frame->ready) {
                changed_.wait(lock);
                continue;
            }
            ++counters_.hits;
            frame->holders.push_back(me);
            frames_.splice(frames_.end(), frames_, frame);
            return {*this, expert, frame->parameters};
        }
        if (const auto frame = claim_frame(expert); frame != frames_.end()) {
            load(lock, frame);
            return {*this, expert, frame->parameters};
        }
        if (would_deadlock()) {
            throw std::logic_error("expert " + std::to_string(expert) + " waits for ever: all " +
                                   std::to_string(capacity_) +
                                   " experts of the residency budget have leases of threads that "
                                   "wait for another one; a thread must hold one at a time");
        }
        waiting_.push_back(me);
        changed_.wait(lock);
        std::erase(waiting_, me);
    }
}

template<class T>
std::span<const T> ExpertStore<T>::ahead(std::uint64_t expert) const noexcept {
    const std::lock_guard lock(mutex_);
    const auto found = resident_.find(expert);
    if (found == resident_.end()) return {};
    // A frame's buffer stays where it is as long as the store lives, whoever moves in.
    return found->second->parameters;
}

template<class T>
typename ExpertStore<T>::Position ExpertStore<T>::claim_frame(std::uint64_t expert) {
    auto frame = frames_.end();
    if (spare_.empty() && frames_.size() < capacity_) {
        Frames fresh(1);
        fresh.front().holders.reserve(4);
        fresh.front().parameters.resize(model_.architecture().parameters());
        spare_.splice(spare_.end(), fresh);
    }
    if (!spare_.empty()) {
        frame = spare_.begin();
        resident_.emplace(expert, frame);
        frames_.splice(frames_.end(), spare_, frame);
    } else {
        frame = std::find_if(frames_.begin(), frames_.end(),
                             [](const Frame& candidate) { return candidate.holders.empty(); });
        if (frame == frames_.end()) return frame;
        ++counters_.evictions;
        --counters_.resident_experts;
        counters_.resident_parameters -= frame->copied;
        counters_.resident_bytes -= frame->copied * sizeof(T);
        // Its entry of the index is moved, not made anew, so that nothing is allocated.
        auto entry = resident_.extract(frame->expert);
        entry.key() = expert;
        resident_.insert(std::move(entry));
        frames_.splice(frames_.end(), frames_, frame);
    }
    frame->expert = expert;
    frame->ready = false;
    frame->holders.push_back(std::this_thread::get_id());
    return frame;
}

template<class T>
void ExpertStore<T>::load(std::unique_lock<std::mutex>& lock, Position frame) {
    // The frame is held by this thread and not ready, so nobody else touches it meanwhile.
    lock.unlock();
    try {
        frame->copied = model_.copy_expert(frame->expert, std::span<T>(frame->parameters));
    } catch (...) {
        lock.lock();
        resident_.erase(frame->expert);
        frame->holders.clear();
        spare_.splice(spare_.end(), frames_, frame);
        wake_all();
        throw;
    }
    forget_pages();
    lock.lock();
    frame->ready = true;
    ++counters_.loads;
    counters_.parameters_read += frame->copied;
    counters_.expert_bytes_read += frame->copied * sizeof(T);
    ++counters_.resident_experts;
    counters_.resident_parameters += frame->copied;
    counters_.resident_bytes += frame->copied * sizeof(T);
    counters_.peak_resident_experts =
        std::max(counters_.peak_resident_experts, counters_.resident_experts);
    counters_.peak_resident_parameters =
        std::max(counters_.peak_resident_parameters, counters_.resident_parameters);
    counters_.peak_resident_bytes =
        std::max(counters_.peak_resident_bytes, counters_.resident_bytes);
    wake_all();
}

template<class T>
void ExpertStore<T>::forget_pages() noexcept {
    if (file_bytes() <= mapped_limit_bytes_) return;
    // At most three tensors per layer are read in one place each.
    const std::uint64_t load = expert_bytes() + 3 * architecture().depth() * bytes_around_fault;
    if (mapped_bytes_.fetch_add(load) + load < mapped_limit_bytes_) return;
    mapped_bytes_ = 0;
    // Harmless to threads that read at this moment: their pages come back from the file.
    const std::span<const std::byte> all = file_.bytes();
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): madvise takes void* and writes nothing
    ::madvise(const_cast<std::byte*>(all.data()), all.size(), MADV_DONTNEED);
}

template<class T>
void ExpertStore<T>::give_back(std::uint64_t expert) noexcept {
    const std::lock_guard lock(mutex_);
    Frame& frame = *resident_.find(expert)->second;
    auto holder = std::find(frame.holders.begin(), frame.holders.end(), std::this_thread::get_id());
    if (holder == frame.holders.end()) holder = frame.holders.begin();
    frame.holders.erase(holder);
    if (frame.holders.empty()) wake_all();
}

template<class T>
bool ExpertStore<T>::would_deadlock() const {
    const std::thread::id me = std::this_thread::get_id();
    return std::all_of(frames_.begin(), frames_.end(), [&](const Frame& frame) {
        return std::all_of(frame.holders.begin(), frame.holders.end(), [&](std::thread::id holder) {
            return holder == me ||
                   std::find(waiting_.begin(), waiting_.end(), holder) != waiting_.end();
        });
    });
}

template<class T>
void ExpertStore<T>::wake_all() noexcept {
    // Who still has to wait enters itself again.
    waiting_.clear();
    changed_.notify_all();
}

template<class T>
Route ExpertStore<T>::route(std::span<const double> x) const {
    if (!router_) throw std::logic_error("the model has no router");
    const Route route = router_->route(x);
    ++routes_;
    router_reals_read_ += static_cast<std::uint64_t>(route.reals_read);
    return route;
}

template<class T>
StoreCounters ExpertStore<T>::counters() const {
    const std::lock_guard lock(mutex_);
    StoreCounters counters = counters_;
    counters.routes = routes_;
    counters.router_reals_read = router_reals_read_;
    counters.router_bytes_read =
        model_.has_tree() ? counters.router_reals_read * sizeof(double) : 0;
    return counters;
}

template class ExpertStore<double>;
template class ExpertStore<float>;

} // namespace moe
