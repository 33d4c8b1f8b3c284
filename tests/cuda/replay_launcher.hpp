#pragma once
// A Launcher (launch_size.hpp) that replays kernels on the processor, and refuses launches that a
// device would refuse. Scans and sorts are the standard library's; each spoils all the scratch that
// it was given.

#include "forward/cuda/group_launches.hpp"
#include "forward/cuda/host_block.hpp"
#include "forward/cuda/launch_size.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace moe::cuda::test {

class ReplayLauncher {
  public:
    using Work = std::function<void()>;
    /// Where work goes: at once, or to a queue. The random numbers must outlive the work.
    using Submit = std::function<void(Work)>;
    using Scratch = std::span<std::byte>;

    ReplayLauncher(
        ThreadOrder order, RandomStream& random, unsigned resident = 1,
        Submit submit = [](const Work& work) { work(); })
        : order_(order)
        , random_(&random)
        , resident_(resident)
        , submit_(std::move(submit)) {}

    template<class Kernel>
    [[nodiscard]] unsigned resident(const Kernel& /*kernel*/, const LaunchSize& /*size*/) const {
        return resident_;
    }

    template<class Kernel>
    void launch(const char* name, const LaunchSize& size, const Kernel& kernel) const {
        constexpr std::size_t most_shared = 232448; // of compute capability 9.0
        constexpr unsigned most_blocks = std::numeric_limits<int>::max();
        if (size.blocks == 0 || size.blocks > most_blocks || size.threads == 0 ||
            size.threads > Kernel::most_threads || size.shared_bytes > most_shared) {
            throw std::logic_error(std::string(name) + ": no device takes that size");
        }
        submit_([=, order = order_, random = random_] {
            replay(size.blocks, size.threads, size.shared_bytes, order, *random,
                   [&](HostBlock& block) { kernel(block); });
        });
    }

    // Sizes that differ from each other and from batch to batch.
    [[nodiscard]] std::size_t scan_bytes(std::size_t count) const { return 100 + count / 7; }
    [[nodiscard]] std::size_t sort_bytes(std::size_t count, int bits) const {
        return 300 + count * static_cast<std::size_t>(bits) / 16;
    }
    [[nodiscard]] std::size_t encode_bytes(std::size_t count) const { return 900 + count / 3; }

    void scan(Scratch scratch, const std::uint32_t* in, std::uint32_t* out,
              std::size_t count) const {
        submit_(spoiling(scratch, scan_bytes(count),
                         [=] { std::exclusive_scan(in, in + count, out, std::uint32_t{0}); }));
    }
    void sort(Scratch scratch, const std::uint32_t* keys, std::uint32_t* sorted_keys,
              const std::uint32_t* values, std::uint32_t* sorted_values, std::size_t count,
              int bits) const {
        submit_(spoiling(scratch, sort_bytes(count, bits), [=] {
            const std::uint64_t mask = (std::uint64_t{1} << static_cast<unsigned>(bits)) - 1;
            std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs(count);
            for (std::size_t k = 0; k < count; ++k) {
                pairs[k] = {keys[k], values[k]};
            }
            std::ranges::stable_sort(pairs, {},
                                     [&](const auto& pair) { return pair.first & mask; });
            for (std::size_t k = 0; k < count; ++k) {
                std::tie(sorted_keys[k], sorted_values[k]) = pairs[k];
            }
        }));
    }
    void encode(Scratch scratch, const std::uint32_t* in, std::uint32_t* values,
                std::uint32_t* counts, std::uint32_t* runs, std::size_t count) const {
        submit_(spoiling(scratch, encode_bytes(count), [=] {
            std::uint32_t run = 0;
            for (std::size_t k = 0; k < count; ++run) {
                const std::size_t first = k;
                while (k < count && in[k] == in[first]) {
                    ++k;
                }
                values[run] = in[first];
                counts[run] = static_cast<std::uint32_t>(k - first);
            }
            *runs = run;
        }));
    }

  private:
    static Work spoiling(Scratch scratch, std::size_t needed, Work work) {
        if (scratch.size() < needed) throw std::logic_error("too little scratch");
        return [scratch, work = std::move(work)] {
            std::ranges::fill(scratch, std::byte{0xEE});
            work();
            std::ranges::fill(scratch, std::byte{0xEE});
        };
    }

    ThreadOrder order_;
    RandomStream* random_;
    unsigned resident_;
    Submit submit_;
};

} // namespace moe::cuda::test
