#pragma once
// Streams and events that end with their scope. For .cu files.

#include "forward/cuda/check.hpp"

#include <memory>
#include <type_traits>

namespace moe::cuda {

/// A point in a stream, without a time.
class Event {
  public:
    Event() {
        cudaEvent_t event = nullptr;
        check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "creation of an event");
        event_.reset(event);
    }
    [[nodiscard]] cudaEvent_t get() const noexcept { return event_.get(); }
    /// Waits on the host until what was recorded last is done; at once if nothing was.
    void synchronize() const { check(cudaEventSynchronize(get()), "work on the device"); }

  private:
    struct Destroy {
        void operator()(cudaEvent_t event) const noexcept { (void)cudaEventDestroy(event); }
    };
    std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, Destroy> event_;
};

/// A stream that does not wait for the default one.
class WorkStream {
  public:
    WorkStream() {
        cudaStream_t stream = nullptr;
        check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "creation of a stream");
        stream_.reset(stream);
    }
    [[nodiscard]] cudaStream_t get() const noexcept { return stream_.get(); }

    void record(const Event& event) const {
        check(cudaEventRecord(event.get(), get()), "record of an event");
    }
    /// What comes later in this stream waits for what was recorded last.
    void wait(const Event& event) const {
        check(cudaStreamWaitEvent(get(), event.get(), 0), "wait for an event");
    }
    /// Waits on the host.
    void synchronize() const { check(cudaStreamSynchronize(get()), "work on the device"); }

  private:
    struct Destroy {
        void operator()(cudaStream_t stream) const noexcept { (void)cudaStreamDestroy(stream); }
    };
    std::unique_ptr<std::remove_pointer_t<cudaStream_t>, Destroy> stream_;
};

} // namespace moe::cuda
