// The random numbers of a stream are the same on the device as on the host, bit for bit. A plain
// program, since Boost.Test and Eigen stay out of device code. Exit code 0: all agree, 1: not,
// 77: no usable GPU (CTest shows the test as skipped).

#include "basics/random.hpp"

#include <Random123/philox.h>

#include <cuda_runtime.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace {

constexpr int skipped = 77;
constexpr unsigned blocks_per_stream = 4096;

struct StreamKey {
    std::uint64_t seed;
    std::uint64_t cell;
    std::uint32_t stream;
    std::uint32_t first_block;
};

__device__ std::uint64_t join(std::uint32_t low, std::uint32_t high) {
    return static_cast<std::uint64_t>(low) | (static_cast<std::uint64_t>(high) << 32);
}

/// Two 64-bit numbers per 128-bit block, one thread a block, and the two uniforms on [0, 1) made of
/// them, as moe::RandomStream documents them.
__global__ void stream_numbers(StreamKey key, unsigned blocks, std::uint64_t* bits,
                               double* uniforms) {
    const unsigned block = blockIdx.x * blockDim.x + threadIdx.x;
    if (block >= blocks) return;
    const r123::Philox4x32::ctr_type counter = {{key.first_block + block, key.stream,
                                                 static_cast<std::uint32_t>(key.cell),
                                                 static_cast<std::uint32_t>(key.cell >> 32)}};
    const r123::Philox4x32::key_type philox_key = {
        {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32)}};
    const auto words = r123::Philox4x32{}(counter, philox_key);
    for (unsigned half = 0; half < 2; ++half) {
        const std::uint64_t number = join(words.v[2 * half], words.v[2 * half + 1]);
        bits[2 * block + half] = number;
        uniforms[2 * block + half] = static_cast<double>(number >> 11) * 0x1p-53;
    }
}

bool succeeded(cudaError_t status, const char* what) {
    if (status == cudaSuccess) return true;
    std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(status));
    return false;
}

struct StreamNumbers {
    std::vector<std::uint64_t> bits;
    std::vector<double> uniforms;
};

/// Fills `numbers` from the device; false (with a line on stderr) when CUDA reports an error.
bool generate_on_device(const StreamKey& key, unsigned blocks, StreamNumbers& numbers) {
    const std::size_t count = 2 * static_cast<std::size_t>(blocks);
    numbers.bits.resize(count);
    numbers.uniforms.resize(count);
    std::uint64_t* bits = nullptr;
    double* uniforms = nullptr;
    bool good = succeeded(cudaMalloc(&bits, count * sizeof *bits), "cudaMalloc") &&
                succeeded(cudaMalloc(&uniforms, count * sizeof *uniforms), "cudaMalloc");
    if (good) {
        constexpr unsigned threads = 256;
        stream_numbers<<<(blocks + threads - 1) / threads, threads>>>(key, blocks, bits, uniforms);
        good = succeeded(cudaGetLastError(), "launch of stream_numbers") &&
               succeeded(cudaMemcpy(numbers.bits.data(), bits, count * sizeof *bits,
                                    cudaMemcpyDeviceToHost),
                         "copy of the bits") &&
               succeeded(cudaMemcpy(numbers.uniforms.data(), uniforms, count * sizeof *uniforms,
                                    cudaMemcpyDeviceToHost),
                         "copy of the uniforms");
    }
    cudaFree(bits);
    cudaFree(uniforms);
    return good;
}

/// Philox4x32-10 of the zero counter and key, published with Random123 (kat_vectors).
bool device_gives_known_answer() {
    StreamNumbers numbers;
    if (!generate_on_device({0, 0, 0, 0}, 1, numbers)) return false;
    constexpr std::array<std::uint64_t, 2> published = {0xE169C58D6627E8D5ULL,
                                                        0x9B00DBD8BC57AC4CULL};
    if (numbers.bits[0] == published[0] && numbers.bits[1] == published[1]) return true;
    std::fprintf(stderr, "known answer: the device gives %016llx %016llx\n",
                 static_cast<unsigned long long>(numbers.bits[0]),
                 static_cast<unsigned long long>(numbers.bits[1]));
    return false;
}

bool device_agrees_with_host(const StreamKey& key) {
    StreamNumbers numbers;
    if (!generate_on_device(key, blocks_per_stream, numbers)) return false;
    moe::RandomStream bits(key.seed, key.cell, key.stream);
    moe::RandomStream uniforms(key.seed, key.cell, key.stream);
    bits.seek(key.first_block);
    uniforms.seek(key.first_block);
    for (std::size_t i = 0; i < numbers.bits.size(); ++i) {
        if (numbers.bits[i] == bits.bits() && numbers.uniforms[i] == uniforms.uniform()) continue;
        std::fprintf(stderr, "seed %llu, stream %u: number %zu differs between host and device\n",
                     static_cast<unsigned long long>(key.seed), key.stream, i);
        return false;
    }
    return true;
}

/// The reason why no kernel can run here, or nullptr.
const char* no_usable_gpu() {
    int devices = 0;
    const cudaError_t status = cudaGetDeviceCount(&devices);
    if (status != cudaSuccess) return cudaGetErrorString(status);
    if (devices == 0) return "no CUDA device was found";
    cudaDeviceProp properties{};
    if (cudaGetDeviceProperties(&properties, 0) != cudaSuccess || properties.major < 8) {
        return "the first device is older than compute capability 8.0";
    }
    return nullptr;
}

} // namespace

int main() {
    if (const char* const reason = no_usable_gpu(); reason != nullptr) {
        std::printf("no usable GPU: %s; use --device cpu\n", reason);
        return skipped;
    }
    const std::uint64_t cell = moe::cell_key("philox on the device");
    bool good = device_gives_known_answer();
    good = device_agrees_with_host({0, 0, 0, 0}) && good;
    good = device_agrees_with_host({20240205, cell, 7, 0}) && good;
    good = device_agrees_with_host({~0ULL, ~cell, 0xFFFFFFFFU, 0xFFFFF000U}) && good;
    std::puts(good ? "host and device agree" : "host and device DISAGREE");
    return good ? 0 : 1;
}
