#include "models/float_casts.hpp"

#include <algorithm>

namespace moe {

ExpertLease<float> FloatCasts::acquire(std::uint64_t expert) {
    const std::lock_guard lock(mutex_);
    auto place = casts_.find(expert);
    if (place == casts_.end()) {
        const ExpertLease<double> original = source_.acquire(expert);
        Cast cast;
        cast.parameters.resize(original.parameters().size());
        std::ranges::transform(original.parameters(), cast.parameters.begin(),
                               [](double value) { return static_cast<float>(value); });
        place = casts_.emplace(expert, std::move(cast)).first;
    }
    ++place->second.leases;
    return {*this, expert, place->second.parameters};
}

void FloatCasts::give_back(std::uint64_t expert) noexcept {
    const std::lock_guard lock(mutex_);
    const auto place = casts_.find(expert);
    if (--place->second.leases == 0) casts_.erase(place);
}

} // namespace moe
