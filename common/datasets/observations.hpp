#pragma once
// A user's own data: a CSV file with header y,x1,...,xp and optional start responsibilities
// r0,...,r(K-1) and known expert z.

#include "mixtures/latent_model.hpp"

#include <filesystem>
#include <vector>

namespace moe {

struct Observations {
    Samples samples;           ///< x as in the file: no constant is added
    Matrix responsibilities;   ///< n x K, empty if the file has none
    std::vector<Index> expert; ///< column z, empty if the file has none
};

/// Reads the file. Throws InputError naming file, line and column for a header that is not as
/// above, a field that is no finite number, responsibilities that are negative or do not sum to 1
/// within 1e-9, no rows.
[[nodiscard]] Observations read_observations(const std::filesystem::path& file);

} // namespace moe
