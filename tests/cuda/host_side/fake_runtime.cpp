#include "fake_runtime.hpp"

#include "basics/random.hpp"

#include <cuda_runtime_api.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <vector>

// The opaque types of the runtime.

/// Where a stream was when an event was recorded.
struct Mark {
    CUstream_st* stream = nullptr;
    std::uint64_t work = 0; ///< pieces of work that must be done by then
};

struct CUevent_st {
    Mark mark;
};

struct CUstream_st {
    struct Work {
        std::function<void()> run;
        Mark after; ///< what must be done before; none where its stream is null
    };
    std::deque<Work> queue;
    std::uint64_t done = 0;
    std::uint64_t eagerness =
        0; ///< most pieces done beyond what is demanded, each time; 0 for none
};

namespace {

struct FakeDevice {
    bool present = true;
    int multiprocessors = 4;
    int shared_bytes = 227 * 1024;
    std::size_t memory = 0;
    std::size_t bytes = 0;
    std::size_t peak = 0;
    std::map<char*, std::size_t> allocations; ///< device memory
    std::map<char*, std::size_t> pinned;      ///< host memory
    std::vector<std::unique_ptr<CUstream_st>> streams;
    std::vector<std::unique_ptr<CUevent_st>> events;
    CUstream_st default_stream;
    moe::RandomStream random{1, 1, 1};
};

FakeDevice& device() {
    static FakeDevice fake;
    return fake;
}

bool is_alive(const CUstream_st* stream) {
    return stream == &device().default_stream ||
           std::ranges::any_of(device().streams, [&](const auto& s) { return s.get() == stream; });
}

bool reached(const Mark& mark) {
    return mark.stream == nullptr || !is_alive(mark.stream) || mark.stream->done >= mark.work;
}

void run_until(CUstream_st& stream, std::uint64_t work);

/// The next piece of a stream, after everything that it waits for.
void run_next(CUstream_st& stream) {
    CUstream_st::Work work = std::move(stream.queue.front());
    stream.queue.pop_front();
    if (!reached(work.after)) run_until(*work.after.stream, work.after.work);
    if (work.run) work.run();
    ++stream.done;
}

void run_until(CUstream_st& stream, std::uint64_t work) {
    while (stream.done < work && !stream.queue.empty()) {
        run_next(stream);
    }
}

void run_all(CUstream_st& stream) {
    while (!stream.queue.empty()) {
        run_next(stream);
    }
}

/// Some streams go on by some pieces, if nothing holds them back.
void go_on_at_random() {
    for (const auto& stream : device().streams) {
        for (auto pieces = device().random.below(stream->eagerness + 1); pieces > 0; --pieces) {
            if (stream->queue.empty() || !reached(stream->queue.front().after)) break;
            run_next(*stream);
        }
    }
}

CUstream_st& stream_of(cudaStream_t stream) {
    return stream == nullptr ? device().default_stream : *stream;
}

void enqueue_work(CUstream_st& stream, CUstream_st::Work work) {
    stream.queue.push_back(std::move(work));
    go_on_at_random();
}

/// Whether an address lies in one of the blocks.
bool lies_in(const std::map<char*, std::size_t>& blocks, const void* address, std::size_t bytes) {
    const auto* const first = static_cast<const char*>(address);
    auto block = blocks.upper_bound(const_cast<char*>(first)); // NOLINT: the key's type
    if (block == blocks.begin()) return false;
    --block;
    return first + bytes <= block->first + block->second;
}

cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                 CUstream_st& stream) {
    const bool to_device = kind == cudaMemcpyHostToDevice;
    if (!lies_in(device().allocations, to_device ? to : from, bytes)) return cudaErrorInvalidValue;
    const void* const host = to_device ? from : to;
    if (lies_in(device().pinned, host, bytes)) {
        enqueue_work(stream, {[=] { std::memcpy(to, from, bytes); }, {}});
    } else if (to_device) {
        // Pageable memory is read before the call returns, and travels later.
        std::vector<char> read(bytes);
        std::memcpy(read.data(), from, bytes);
        enqueue_work(
            stream,
            {[to, read = std::move(read)] { std::memcpy(to, read.data(), read.size()); }, {}});
    } else {
        // Pageable memory is written before the call returns.
        run_all(stream);
        std::memcpy(to, from, bytes);
    }
    return cudaSuccess;
}

constexpr std::size_t page = 4096;
/// What kernels ask of an address.
constexpr std::size_t boundary = 16;

std::size_t guarded_bytes(std::size_t bytes) {
    return (bytes + page - 1) / page * page + page;
}

/// Up to 15 bytes behind the block comes a page whose every access is a fault.
char* guarded_block(std::size_t bytes) {
    const std::size_t all = guarded_bytes(bytes);
    void* const mapped =
        mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    char* const guard = static_cast<char*>(mapped) + all - page;
    mprotect(guard, page, PROT_NONE);
    return guard - (bytes + boundary - 1) / boundary * boundary;
}

void free_guarded_block(char* block, std::size_t bytes) {
    const std::size_t all = guarded_bytes(bytes);
    munmap(block + (bytes + boundary - 1) / boundary * boundary + page - all, all);
}

template<class Owners, class Handle>
void destroy(Owners& owners, Handle handle) {
    std::erase_if(owners, [&](const auto& owner) { return owner.get() == handle; });
}

} // namespace

namespace moe::test {

void reset_fake_device(std::uint64_t seed, std::size_t memory) {
    FakeDevice& fake = device();
    fake.memory = memory;
    fake.peak = fake.bytes;
    fake.random = RandomStream(seed, 50, 1);
    set_fake_device_size(4, 227 * 1024);
}

void set_fake_device_size(int multiprocessors, int shared_bytes) {
    device().multiprocessors = multiprocessors;
    device().shared_bytes = shared_bytes;
}

void set_fake_device_present(bool present) {
    device().present = present;
}

void enqueue(CUstream_st* stream, std::function<void()> work) {
    enqueue_work(stream_of(stream), {std::move(work), {}});
}

std::size_t fake_device_bytes() {
    return device().bytes;
}

std::size_t fake_device_peak_bytes() {
    return device().peak;
}

std::size_t fake_device_leftovers() {
    return device().allocations.size() + device().pinned.size() + device().streams.size() +
           device().events.size();
}

} // namespace moe::test

// The functions of the runtime that the host side calls.
extern "C" {

cudaError_t cudaRuntimeGetVersion(int* version) {
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
    *count = device().present ? 1 : 0;
    return device().present ? cudaSuccess : cudaErrorNoDevice;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int /*device*/) {
    *properties = {};
    std::strncpy(properties->name, "fake device", sizeof properties->name - 1);
    properties->major = 9;
    properties->totalGlobalMem = device().memory;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int /*device*/) {
    *value = attribute == cudaDevAttrMultiProcessorCount ? device().multiprocessors
                                                         : device().shared_bytes;
    return cudaSuccess;
}

const char* cudaGetErrorString(cudaError_t error) {
    return error == cudaErrorNoDevice ? "no CUDA-capable device is detected" : "an error";
}

cudaError_t cudaGetLastError() {
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    *free = device().memory - device().bytes;
    *total = device().memory;
    return cudaSuccess;
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
    FakeDevice& fake = device();
    if (bytes > fake.memory - fake.bytes) return cudaErrorMemoryAllocation;
    char* const block = guarded_block(bytes);
    std::memset(block, 0xFF, bytes); // NaN, or an index out of range
    fake.allocations.emplace(block, bytes);
    fake.bytes += bytes;
    fake.peak = std::max(fake.peak, fake.bytes);
    *memory = block;
    return cudaSuccess;
}

cudaError_t cudaFree(void* memory) {
    FakeDevice& fake = device();
    for (const auto& stream : fake.streams) {
        run_all(*stream); // the device is waited for
    }
    const auto block = fake.allocations.find(static_cast<char*>(memory));
    if (block == fake.allocations.end()) return cudaErrorInvalidValue;
    fake.bytes -= block->second;
    free_guarded_block(block->first, block->second);
    fake.allocations.erase(block);
    return cudaSuccess;
}

cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
    auto* const block = static_cast<char*>(std::malloc(bytes)); // NOLINT: this is an allocator
    device().pinned.emplace(block, bytes);
    *memory = block;
    return cudaSuccess;
}

cudaError_t cudaFreeHost(void* memory) {
    device().pinned.erase(static_cast<char*>(memory));
    std::free(memory); // NOLINT: as above
    return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    return copy(to, from, bytes, kind, device().default_stream);
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
    return copy(to, from, bytes, kind, stream_of(stream));
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned /*flags*/) {
    device().streams.push_back(std::make_unique<CUstream_st>());
    device().streams.back()->eagerness = device().random.below(4);
    *stream = device().streams.back().get();
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    run_all(*stream);
    destroy(device().streams, stream);
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    run_all(stream_of(stream));
    return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned /*flags*/) {
    enqueue_work(stream_of(stream), {{}, event->mark});
    return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned /*flags*/) {
    device().events.push_back(std::make_unique<CUevent_st>());
    *event = device().events.back().get();
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
    destroy(device().events, event);
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    CUstream_st& recorded = stream_of(stream);
    event->mark = {&recorded, recorded.done + recorded.queue.size()};
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
    if (!reached(event->mark)) run_until(*event->mark.stream, event->mark.work);
    return cudaSuccess;
}

} // extern "C"
