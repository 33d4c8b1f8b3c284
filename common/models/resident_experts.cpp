#include "models/resident_experts.hpp"

#include <stdexcept>
#include <string>

namespace moe {

template<class T>
ResidentExperts<T>::ResidentExperts(Architecture architecture, std::vector<T> parameters)
    : architecture_(std::move(architecture))
    , parameters_(std::move(parameters))
    , experts_(architecture_.parameters() == 0 ? 0
                                               : parameters_.size() / architecture_.parameters()) {
    if (experts_ == 0 || parameters_.size() % architecture_.parameters() != 0) {
        throw std::invalid_argument("resident experts: " + std::to_string(parameters_.size()) +
                                    " parameters are no positive multiple of the " +
                                    std::to_string(architecture_.parameters()) +
                                    " that one expert has");
    }
}

template<class T>
std::span<T> ResidentExperts<T>::parameters(std::uint64_t expert) {
    if (expert >= experts_) {
        throw std::out_of_range("expert " + std::to_string(expert) + " of " +
                                std::to_string(experts_) + " resident experts");
    }
    return std::span(parameters_)
        .subspan(expert * architecture_.parameters(), architecture_.parameters());
}

template<class T>
ExpertLease<T> ResidentExperts<T>::acquire(std::uint64_t expert) {
    return ExpertLease<T>(*this, expert, parameters(expert));
}

template<class T>
std::span<const T> ResidentExperts<T>::ahead(std::uint64_t expert) const noexcept {
    if (expert >= experts_) return {};
    return std::span(parameters_)
        .subspan(expert * architecture_.parameters(), architecture_.parameters());
}

template class ResidentExperts<double>;
template class ResidentExperts<float>;

} // namespace moe
