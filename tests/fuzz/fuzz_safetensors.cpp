// libFuzzer target for the safetensors reader and the model layout above it:
//   cmake -DFUZZ=ON -DSANITIZE=address,undefined -DCMAKE_CXX_COMPILER=clang++ ...
//   mkdir found && bin/fuzz_safetensors -max_total_time=120 found tests/fuzz/corpus
// The corpus holds small models of every kind, written by ModelWriter, and files by hand.
// tests/store/test_mutated_files.cpp replays it without libFuzzer.

#include "fuzz/read_anything.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    moe::fuzz::read_anything(std::as_bytes(std::span(data, size)));
    return 0;
}
