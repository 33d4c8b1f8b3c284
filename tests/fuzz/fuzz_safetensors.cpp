// libFuzzer target for the safetensors reader and the model layout above it:
//   CXX=clang++ cmake -B build-fuzz -DFUZZ=ON -DSANITIZE=fuzzer-no-link,address,undefined
//   cmake --build build-fuzz --target fuzz_safetensors && mkdir found
//   build-fuzz/bin/fuzz_safetensors -max_total_time=120 found tests/fuzz/corpus
// The corpus holds small models of every kind, written by ModelWriter, and files by hand.
// tests/store/test_mutated_files.cpp replays it without libFuzzer.

#include "read_anything.hpp"

#include <cstdint>

// The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    moe::fuzz::read_anything(std::as_bytes(std::span(data, size)));
    return 0;
}
