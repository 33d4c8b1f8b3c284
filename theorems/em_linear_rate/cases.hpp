#pragma once
// The nine fixed cases of the notes, section 4, in the fixture's numbers, and what the sample sweep
// fits.

#include "datasets/synthetic.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace em_linear_rate {

struct FixedCase {
    std::int64_t seed;  ///< of the fixture; names the case
    std::string family; ///< sym-lin, sym-log, linear, multinomial, binary
    std::variant<moe::SymmetricRecipe, moe::GatedRecipe> recipe;
    double lambda = 0.0;
};

[[nodiscard]] const std::vector<FixedCase>& fixed_cases();
/// The case of a seed; throws InputError naming --cases and what is allowed.
[[nodiscard]] const FixedCase& fixed_case(std::int64_t seed);

/// A model on its data, near what parameters its stationary point is sought, and in what direction
/// from there EM starts.
struct Problem {
    std::unique_ptr<moe::LatentModel> model;
    moe::Vector near;
    moe::Vector direction;
};

[[nodiscard]] Problem problem(const FixedCase& fixed);
[[nodiscard]] Problem problem(const moe::SymmetricRecipe& recipe, const moe::DeviateSource& source);

/// A unit vector, from normals of stream 8.
[[nodiscard]] moe::Vector unit_direction(const moe::DeviateSource& source, moe::Index size);

} // namespace em_linear_rate
