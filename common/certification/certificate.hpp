#pragma once
// Certification of built experts (the project's notes on arXiv:2402.03460, 3.4). The functions make
// points and judge evaluated batches, so they serve every forward path: generate points, evaluate
// them with the path under test, hand inputs and outputs back.
//   1. node identity: node_points, then largest_deviation from f: <= 1e-12 makes (E) a proof;
//      bit extraction: certify_paths.
//   2. network = reference: cell_points, then largest_deviation from kuhn_reference or
//      bit_extraction_reference.
//   3. sampled lower bound of the error: cell_points and corner_points, then largest_deviation from
//      f: <= E_cert + 1e-9.
//   4. tightness: adv(KM) on corner_points: |E_samp/E_cert - 1| <= 1e-9.
// A batch is flat: point i is inputs[i n .. (i+1) n), its value outputs[i].

#include "basics/random.hpp"
#include "constructions/bit_extraction.hpp"
#include "constructions/kuhn.hpp"
#include "targets/lipschitz.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

inline constexpr double identity_tolerance = 1e-12;     ///< parts 1 and 2
inline constexpr double sampled_error_tolerance = 1e-9; ///< parts 3 and 4
inline constexpr std::size_t certified_nodes = 64;      ///< nodes checked of a larger expert

struct Deviation {
    double largest = 0.0;   ///< max |output - reference|; infinite if an output is not finite
    std::size_t at = 0;     ///< index of the point where it was found
    std::size_t points = 0; ///< how many were compared
};

/// Largest |outputs[i] - reference(point i)|. Throws std::invalid_argument for sizes that do not
/// fit (n < 1, inputs.size() != n outputs.size()).
[[nodiscard]] Deviation largest_deviation(int n, std::span<const double> inputs,
                                          std::span<const double> outputs,
                                          const ScalarField& reference);

/// All nodes of a Kuhn expert, or `limit` random ones (with repetition) if it has more.
[[nodiscard]] std::vector<double> node_points(const KuhnExperts& experts,
                                              std::span<const std::int64_t> cell,
                                              RandomStream& random,
                                              std::size_t limit = certified_nodes);

/// Corners j/N of the expert's fine lattice, j_i in c_i M .. (c_i + 1) M: all (M+1)^n, or `limit`
/// random ones if there are more.
[[nodiscard]] std::vector<double> corner_points(const KuhnExperts& experts,
                                                std::span<const std::int64_t> cell,
                                                RandomStream& random,
                                                std::size_t limit = certified_nodes);

/// `count` random points, uniform in a cell of a grid (grid and cell have n entries).
[[nodiscard]] std::vector<double> cell_points(std::span<const std::int64_t> grid,
                                              std::span<const std::int64_t> cell, std::size_t count,
                                              RandomStream& random);

/// What the Kuhn expert of a cell must compute, without a network. The experts must outlive it.
[[nodiscard]] ScalarField kuhn_reference(const KuhnExperts& experts,
                                         std::span<const std::int64_t> cell, ScalarField f);

/// What the bit-extraction expert of a cell must compute outside step zones, without a network. The
/// experts must outlive it.
[[nodiscard]] ScalarField bit_extraction_reference(const BitExtractionExperts& experts,
                                                   std::span<const std::int64_t> cell,
                                                   const ScalarField& f, double lambda);

/// Part 1 for bit extraction, from the numbers that the expert stores.
struct PathCertificate {
    double largest_node_ratio = 0.0;  ///< max |f - v|/q over all nodes of all paths; must be <= 1
    double largest_start_error = 0.0; ///< max |stored V - recomputed V|
    std::size_t nodes = 0;            ///< path nodes checked
    bool codes_round_trip = false;    ///< stored codes of every copy = recomputed codes
    [[nodiscard]] bool holds() const noexcept {
        return codes_round_trip && largest_node_ratio <= 1.0 + identity_tolerance &&
               largest_start_error <= identity_tolerance;
    }
};

/// Recomputes the paths of f on the slab of `cell`, reads codes and starting values back from the
/// expert's parameters, replays them step by step and compares with f at every node.
[[nodiscard]] PathCertificate certify_paths(const BitExtractionExperts& experts,
                                            std::span<const std::int64_t> cell,
                                            const ScalarField& f, double lambda,
                                            std::span<const double> parameters);

} // namespace moe
