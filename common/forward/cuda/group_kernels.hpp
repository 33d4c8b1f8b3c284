#pragma once
// Grouping where experts are few: a stable counting sort of a batch's rows by expert.
//
// A thread owns a run of consecutive rows and a counter per expert, a column of a table
// [expert][thread] of the whole launch; the table summed up in its order tells where the rows of
// each thread and expert begin. Each row's expert is read twice, its number written once; a radix
// sort of (expert, row) reads and writes 16 bytes per row and pass. The counters of a block lie in
// shared memory, so experts are at most a few dozen. No atomics: equal experts keep their rows'
// order. Not measured on a device yet.

#include "forward/cuda/both.hpp"

#include <cstddef>
#include <cstdint>

namespace moe::cuda {

/// Threads of a block that counts or places rows, and of one that numbers them.
inline constexpr unsigned count_threads = 128;
inline constexpr unsigned number_threads = 256;
/// Experts up to which rows are counted: 32 KiB of counters per block.
inline constexpr std::uint32_t most_counted = 64;

/// How a batch is shared out: `run` consecutive rows per thread.
struct CountingPlan {
    std::size_t batch = 0;
    std::uint32_t experts = 0;
    std::uint32_t run = 1;
    std::uint32_t blocks = 0;

    /// Columns of the table of counters.
    [[nodiscard]] MOE_BOTH std::size_t columns() const {
        return std::size_t{blocks} * count_threads;
    }
    [[nodiscard]] MOE_BOTH std::size_t entries() const { return columns() * experts; }
    [[nodiscard]] MOE_BOTH std::size_t shared_bytes() const {
        return std::size_t{experts} * count_threads * sizeof(std::uint32_t);
    }
};

/// Whether rows are grouped by counting (otherwise by a sort). Of the experts alone, so that
/// scratch for a batch serves every smaller one.
inline bool counts_rows(std::uint64_t experts) {
    return experts <= most_counted;
}

/// Runs that are long against the number of experts keep the table smaller than the batch.
inline CountingPlan counting_plan(std::size_t batch, std::uint64_t experts) {
    constexpr std::size_t least_run = 16;
    const std::size_t run = experts > least_run / 2 ? 2 * experts : least_run;
    const std::size_t per_block = run * count_threads;
    return {batch, static_cast<std::uint32_t>(experts), static_cast<std::uint32_t>(run),
            static_cast<std::uint32_t>((batch + per_block - 1) / per_block)};
}

struct RowRun {
    std::size_t first;
    std::size_t last;
};

template<class Block>
MOE_DEVICE RowRun rows_of(const Block& block, unsigned thread, const CountingPlan& plan) {
    const std::size_t column = std::size_t{block.index()} * count_threads + thread;
    const std::size_t first = column * plan.run;
    const std::size_t last = first + plan.run;
    return {first < plan.batch ? first : plan.batch, last < plan.batch ? last : plan.batch};
}

/// Fills table [experts][columns] with each thread's counts.
template<class Block>
MOE_DEVICE void count_rows(Block& block, const std::uint32_t* expert_of, const CountingPlan& plan,
                           std::uint32_t* table) {
    auto* const counters = reinterpret_cast<std::uint32_t*>(block.shared());
    block.each([&](unsigned thread) {
        // A thread's counters lie in a bank of their own.
        for (std::uint32_t expert = 0; expert < plan.experts; ++expert) {
            counters[expert * count_threads + thread] = 0;
        }
        const RowRun rows = rows_of(block, thread, plan);
        for (std::size_t row = rows.first; row < rows.last; ++row) {
            ++counters[expert_of[row] * count_threads + thread];
        }
        const std::size_t column = std::size_t{block.index()} * count_threads + thread;
        for (std::uint32_t expert = 0; expert < plan.experts; ++expert) {
            table[expert * plan.columns() + column] = counters[expert * count_threads + thread];
        }
    });
}

/// Writes the rows in order. starts: the table's exclusive sums.
template<class Block>
MOE_DEVICE void place_rows(Block& block, const std::uint32_t* expert_of, const CountingPlan& plan,
                           const std::uint32_t* starts, std::uint32_t* samples) {
    auto* const next = reinterpret_cast<std::uint32_t*>(block.shared());
    block.each([&](unsigned thread) {
        const std::size_t column = std::size_t{block.index()} * count_threads + thread;
        for (std::uint32_t expert = 0; expert < plan.experts; ++expert) {
            next[expert * count_threads + thread] = starts[expert * plan.columns() + column];
        }
        const RowRun rows = rows_of(block, thread, plan);
        for (std::size_t row = rows.first; row < rows.last; ++row) {
            samples[next[expert_of[row] * count_threads + thread]++] =
                static_cast<std::uint32_t>(row);
        }
    });
}

/// The experts that have rows, by one block of one thread per expert at least.
template<class Block>
MOE_DEVICE void list_touched(Block& block, const CountingPlan& plan, const std::uint32_t* starts,
                             std::uint32_t* touched, std::uint32_t* counts,
                             std::uint32_t* touched_count) {
    auto* const rows = reinterpret_cast<std::uint32_t*>(block.shared());
    block.each([&](unsigned thread) {
        if (thread >= plan.experts) return;
        const std::size_t start = starts[thread * plan.columns()];
        const std::size_t end =
            thread + 1 < plan.experts ? starts[(thread + 1) * plan.columns()] : plan.batch;
        rows[thread] = static_cast<std::uint32_t>(end - start);
    });
    block.each([&](unsigned thread) {
        if (thread >= plan.experts) return;
        std::uint32_t before = 0;
        for (unsigned expert = 0; expert < thread; ++expert) {
            if (rows[expert] != 0) ++before;
        }
        if (rows[thread] != 0) {
            touched[before] = thread;
            counts[before] = rows[thread];
        }
        if (thread + 1 == plan.experts) *touched_count = before + (rows[thread] != 0 ? 1U : 0U);
    });
}

/// Row numbers, for the sort by (expert, row) where experts are many.
template<class Block>
MOE_DEVICE void number_rows(Block& block, std::size_t batch, std::uint32_t* rows) {
    block.each([&](unsigned thread) {
        const std::size_t step = std::size_t{block.count()} * block.threads();
        for (std::size_t row = std::size_t{block.index()} * block.threads() + thread; row < batch;
             row += step) {
            rows[row] = static_cast<std::uint32_t>(row);
        }
    });
}

} // namespace moe::cuda
