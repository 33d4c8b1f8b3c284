#pragma once
// The expert that realises given labels on one block of a plan: explicit integer weights (the
// project's notes, 4.2). The expert's classifier is 1{f(x) > 0}.

#include "shattering/integer_net.hpp"
#include "shattering/shattering_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace moe {

/// A defect put in on purpose: certificates must notice it.
enum class ShatteringFault {
    none,
    bad_root ///< the first root (knot, selected bit) that expert 0 uses stands one too far right
};

/// Labels 0/1, one a point, t (narrow: kappa d + j - 1) ascending.
using Labels = std::vector<std::uint8_t>;

/// Bit i of the word is the label of point i.
[[nodiscard]] Labels labels_of_word(std::uint64_t word, std::size_t count);
/// A string of `count` characters 0 and 1; throws InputError naming what is wrong.
[[nodiscard]] Labels parse_labels(std::string_view text, std::size_t count);

/// Clears the net (inputs = n) and writes the expert of block l for the labels of that block [B].
/// It depends on l and on these labels only. Throws IntegerOverflow, std::invalid_argument for
/// another number of labels.
template<class Integer>
void write_shattering_expert(IntegerNet<Integer>& net, const ShatteringPlan& plan, std::size_t l,
                             std::span<const std::uint8_t> labels,
                             ShatteringFault fault = ShatteringFault::none);

/// The first layer from which on no weight depends on the labels (depth() where there is none), in
/// front of which the activations at a block's points take few values.
[[nodiscard]] std::size_t label_free_tail(const ShatteringPlan& plan) noexcept;

/// What write_shattering_expert calls, by construction.
template<class Integer>
void write_linear_expert(IntegerNet<Integer>& net, const ShatteringPlan& plan, std::size_t l,
                         std::span<const std::uint8_t> labels, ShatteringFault fault);
template<class Integer>
void write_relu_expert(IntegerNet<Integer>& net, const ShatteringPlan& plan, std::size_t l,
                       std::span<const std::uint8_t> labels, ShatteringFault fault);
template<class Integer>
void write_zigzag_expert(IntegerNet<Integer>& net, const ShatteringPlan& plan, std::size_t l,
                         std::span<const std::uint8_t> labels, ShatteringFault fault);
template<class Integer>
void write_narrow_expert(IntegerNet<Integer>& net, const ShatteringPlan& plan,
                         std::span<const std::uint8_t> labels, ShatteringFault fault);

} // namespace moe
