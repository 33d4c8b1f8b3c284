#pragma once
// What thm_em_vs_gradient says of itself: everything but its three functions.

#include "program/program.hpp"

namespace em_vs_gradient {

[[nodiscard]] moe::Program declaration();

} // namespace em_vs_gradient
