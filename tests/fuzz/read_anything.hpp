#pragma once
// What the fuzzer and the ordinary tests do with bytes that claim to be a model file.

#include "basics/error.hpp"
#include "store/model_file.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

namespace moe::fuzz {

/// Opens the model, routes a few inputs and copies its first experts. Throws InputError for what is
/// no model.
template<class T>
void read_model(std::span<const std::byte> bytes) {
    const ModelView model("fuzzed", bytes, dtype_of<T>());
    std::vector<T> parameters(model.architecture().parameters());
    const std::uint64_t experts = std::min<std::uint64_t>(model.stored_experts(), 8);
    if (const auto router = model.router()) {
        for (const double coordinate : {0.0, 0.4, 1.0}) {
            const std::vector<double> x(model.architecture().inputs(), coordinate);
            (void)model.slot(router->route(x).leaf);
        }
    }
    for (std::uint64_t slot = 0; slot < experts; ++slot) {
        model.copy_expert(slot, std::span<T>(parameters));
    }
}

/// Returns how many of three readers (plain tensors, float64 model, float32 model) accept the
/// bytes. Anything but acceptance or InputError leaves as it comes.
inline int read_anything(std::span<const std::byte> bytes) {
    // An exact copy, aligned as a mapped file is: a sanitizer sees reads beyond it.
    const std::vector<std::byte> file(bytes.begin(), bytes.end());
    int accepted = 0;
    const auto attempt = [&](const auto& read) {
        try {
            read();
            ++accepted;
        } catch (const InputError&) {
            // The refusal that every broken file must meet.
        }
    };
    attempt([&] {
        const SafetensorsView view("fuzzed", file);
        unsigned sum = 0;
        for (const TensorInfo& tensor : view.tensors()) {
            for (const std::byte byte : view.bytes(tensor)) {
                sum += static_cast<unsigned>(byte);
            }
        }
        volatile unsigned read = sum;
        (void)read;
    });
    attempt([&] { read_model<double>(file); });
    attempt([&] { read_model<float>(file); });
    return accepted;
}

} // namespace moe::fuzz
