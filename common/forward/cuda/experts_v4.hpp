#pragma once
// Version 4: persistent blocks that fetch ahead. While a tile is computed, asynchronous copies
// bring the next tile's inputs, its expert if that is another one, and the list of the samples
// after it.
//
// Against v3: the wait between tiles goes. The chain of a tile, list of samples, then inputs, then
// first FMA, is two latencies of global memory, on the order of 1500 cycles against 3.5 thousand of
// FMA (96 samples at 8-64-64-1); here each link is issued a tile before it is needed, without
// passing through registers (cp.async, compute capability 8.0). What is left per tile is one phase
// that turns the fetched float64 rows into float32 columns.
// The price is shared memory: a second expert and 8 n bytes per sample. Where that costs a resident
// block, v3, whose blocks hide each other's waits, is the better choice (plan.cpp weighs it).
// Not measured on a device yet.

#include "forward/cuda/experts_v3.hpp"

namespace moe::cuda {

/// Shared memory: two experts, two buffers of activations, the rows of inputs under way, and three
/// lists of samples: of the tile in hand, of the next and of the one after it.
struct PipelineMemory {
    TileMemory tile;
    unsigned inputs; ///< n

    MOE_BOTH std::size_t rows_at() const { return tile.bytes() + tile.weights * sizeof(float); }
    MOE_BOTH std::size_t lists_at() const {
        return rows_at() + std::size_t{tile.samples} * inputs * sizeof(double);
    }
    MOE_BOTH std::size_t bytes() const {
        return lists_at() + 3 * std::size_t{tile.samples} * sizeof(std::uint32_t);
    }
};

template<class Block>
struct AsyncCopy {
    Block& block;
    unsigned thread;

    MOE_DEVICE void one(float* to, const float* from) const {
        block.template copy_async<4>(thread, to, from);
    }
    MOE_DEVICE void four(float* to, const float* from) const {
        block.template copy_async<16>(thread, to, from);
    }
};

template<class Block>
class Pipeline {
  public:
    MOE_DEVICE Pipeline(Block& block, const ExpertBatch& batch, const PipelineMemory& layout)
        : block_(block)
        , batch_(batch)
        , layout_(layout)
        , share_(tile_share(block, batch.tile_count))
        , rows_(reinterpret_cast<double*>(block.shared() + layout.rows_at()))
        , lists_(reinterpret_cast<std::uint32_t*>(block.shared() + layout.lists_at()))
        , pairs_(batch.shape.inputs % 2 == 0 &&
                 reinterpret_cast<std::uintptr_t>(batch.inputs) % 16 == 0) {}

    MOE_DEVICE void run() {
        if (share_.first == share_.last) return;
        prime();
        unsigned side = 0; // which of the two experts' places the tile in hand uses
        for (std::uint32_t t = share_.first; t < share_.last; ++t) {
            const bool last = t + 1 == share_.last;
            const bool another = !last && batch_.tiles[t].slot != batch_.tiles[t + 1].slot;
            compute(t, side, last, another);
            if (another) side = 1 - side;
        }
    }

  private:
    MOE_DEVICE float* weights(unsigned side) const {
        return reinterpret_cast<float*>(block_.shared()) + side * layout_.tile.weights;
    }
    MOE_DEVICE std::uint32_t* list(std::uint32_t t) const {
        return lists_ + (t - share_.first) % 3 * layout_.tile.samples;
    }

    MOE_DEVICE void fetch_list(unsigned thread, std::uint32_t t) const {
        if (t >= share_.last) return;
        const Tile tile = batch_.tiles[t];
        for (unsigned s = thread; s < tile.count; s += block_.threads()) {
            block_.template copy_async<4>(thread, list(t) + s, batch_.samples + tile.first + s);
        }
    }

    /// The tile's list must have arrived.
    MOE_DEVICE void fetch_inputs(unsigned thread, std::uint32_t t) const {
        const std::uint32_t* const list_of_tile = list(t);
        if (pairs_) {
            fetch_words<2>(thread, list_of_tile, batch_.tiles[t].count);
        } else {
            fetch_words<1>(thread, list_of_tile, batch_.tiles[t].count);
        }
    }

    /// Rows of inputs by words of `doubles` numbers.
    template<unsigned doubles>
    MOE_DEVICE void fetch_words(unsigned thread, const std::uint32_t* samples,
                                unsigned count) const {
        const unsigned n = batch_.shape.inputs;
        const unsigned words = n / doubles;
        for (unsigned e = thread; e < count * words; e += block_.threads()) {
            const double* const row = batch_.inputs + std::size_t{samples[e / words]} * n;
            block_.template copy_async<sizeof(double) * doubles>(
                thread, rows_ + std::size_t{doubles} * e, row + e % words * doubles);
        }
    }

    MOE_DEVICE void fetch_expert(unsigned thread, std::uint32_t t, unsigned side) const {
        stage_expert(thread, block_.threads(), batch_.shape,
                     batch_.parameters + std::size_t{batch_.tiles[t].slot} * batch_.stride,
                     weights(side), AsyncCopy<Block>{block_, thread});
    }

    /// Brings the first tile and the list of the second.
    MOE_DEVICE void prime() {
        block_.each([&](unsigned thread) {
            fetch_list(thread, share_.first);
            fetch_expert(thread, share_.first, 0);
            block_.commit_copies(thread);
            block_.wait_for_copies(thread);
        });
        block_.each([&](unsigned thread) {
            fetch_inputs(thread, share_.first);
            fetch_list(thread, share_.first + 1);
            block_.commit_copies(thread);
        });
    }

    MOE_DEVICE void compute(std::uint32_t t, unsigned side, bool last, bool another) {
        const Tile tile = batch_.tiles[t];
        const unsigned n = batch_.shape.inputs;
        float* const activations = weights(2);
        const FusedMemory memory{weights(side), activations,
                                 activations + layout_.tile.activations()};
        block_.each([&](unsigned thread) { block_.wait_for_copies(thread); });
        block_.each([&](unsigned thread) {
            stage_inputs(thread, block_.threads(), n, tile.count,
                         activation_stride(layout_.tile.samples), memory.input,
                         [&](unsigned s) { return rows_ + std::size_t{s} * n; });
        });
        // The rows are free again, and nobody reads the other expert's place.
        const auto fetch_ahead = [&](unsigned thread) {
            if (last) return;
            fetch_inputs(thread, t + 1);
            if (another) fetch_expert(thread, t + 1, 1 - side);
            fetch_list(thread, t + 2);
            block_.commit_copies(thread);
        };
        run_layers(block_, batch_, tile, memory, layout_.tile.samples, list(t), fetch_ahead);
    }

    Block& block_;
    const ExpertBatch& batch_;
    const PipelineMemory& layout_;
    TileShare share_;
    double* rows_;
    std::uint32_t* lists_;
    bool pairs_;
};

template<class Block>
MOE_DEVICE void experts_v4(Block& block, const ExpertBatch& batch, const PipelineMemory& layout) {
    Pipeline<Block>(block, batch, layout).run();
}

} // namespace moe::cuda
