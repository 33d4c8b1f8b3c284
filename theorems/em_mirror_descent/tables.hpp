#pragma once
// The tables of thm_em_mirror_descent.

#include "basics/table.hpp"

#include <vector>

namespace em_mirror_descent {

[[nodiscard]] std::vector<moe::TableSchema> schemas();

} // namespace em_mirror_descent
