#include "layers/finite.hpp"

#include "basics/error.hpp"
#include "basics/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace moe {

void require_finite(std::string_view what, std::span<const double> numbers) {
    const auto bad = std::find_if(numbers.begin(), numbers.end(),
                                  [](double number) { return !std::isfinite(number); });
    if (bad == numbers.end()) return;
    throw InputError(std::string(what) + ": entry " + std::to_string(bad - numbers.begin()) +
                     " is " + shortest(*bad) + ", must be finite");
}

} // namespace moe
