#pragma once
// Machine vectors as a type, for loops over independent numbers (samples, prototypes). Written out
// because g++ 12 and clang++ 14 spill plain arrays of sums to memory: 8 GFLOP/s instead of 21 in a
// dense layer of float64. Every operation is lane by lane, in the order written: no sum of one lane
// ever mixes with another's.

#include <cstddef>
#include <cstring>

namespace moe {

/// Bytes of one machine vector: what every x86-64 and AArch64 processor has.
inline constexpr std::size_t vector_bytes = 16;

/// Numbers in one machine vector.
template<class T>
inline constexpr std::size_t vector_lanes = vector_bytes / sizeof(T);

/// V machine vectors side by side, V a compile-time constant.
template<class T, std::size_t V>
class Lanes {
  public:
    static constexpr std::size_t width = V * vector_lanes<T>;

    [[nodiscard]] static Lanes all(T value) {
        Lanes lanes;
        for (Vector& vector : lanes.vectors_) {
            vector = Vector{} + value;
        }
        return lanes;
    }
    [[nodiscard]] static Lanes load(const T* from) {
        Lanes lanes;
        for (std::size_t v = 0; v < V; ++v) {
            std::memcpy(&lanes.vectors_[v], from + v * vector_lanes<T>, vector_bytes);
        }
        return lanes;
    }
    void store(T* to) const {
        for (std::size_t v = 0; v < V; ++v) {
            std::memcpy(to + v * vector_lanes<T>, &vectors_[v], vector_bytes);
        }
    }
    void add_product(T weight, const Lanes& x) {
        for (std::size_t v = 0; v < V; ++v) {
            vectors_[v] += weight * x.vectors_[v];
        }
    }
    void subtract_from(T value) {
        for (Vector& z : vectors_) {
            z = value - z;
        }
    }
    void add_square(const Lanes& x) {
        for (std::size_t v = 0; v < V; ++v) {
            vectors_[v] += x.vectors_[v] * x.vectors_[v];
        }
    }
    /// The smallest lane, where no lane is NaN.
    [[nodiscard]] T smallest() const {
        Vector least = vectors_[0];
        for (std::size_t v = 1; v < V; ++v) {
            least = vectors_[v] < least ? vectors_[v] : least;
        }
        T result = least[0];
        for (std::size_t l = 1; l < vector_lanes<T>; ++l) {
            result = least[l] < result ? least[l] : result;
        }
        return result;
    }
    /// slope z where z < 0, else z. NaN is not below 0: it goes through.
    void bend(T slope) {
        for (Vector& z : vectors_) {
            z = z < T(0) ? slope * z : z;
        }
    }
    /// 0 where z < 0, else z.
    void rectify() {
        for (Vector& z : vectors_) {
            z = z < T(0) ? Vector{} : z;
        }
    }

  private:
    using Vector [[gnu::vector_size(vector_bytes)]] = T;
    Vector vectors_[V]; // std::array<Vector, V> would drop the attribute in g++
};

} // namespace moe
