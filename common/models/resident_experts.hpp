#pragma once
// All experts of a model in memory, one after the other: the expert source without a budget.

#include "models/expert_source.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace moe {

template<class T>
class ResidentExperts final : public ExpertSource<T> {
  public:
    /// parameters [L][P] in row-major order. Throws std::invalid_argument when the size is no
    /// multiple of P or there is no expert.
    ResidentExperts(Architecture architecture, std::vector<T> parameters);

    [[nodiscard]] const Architecture& architecture() const override { return architecture_; }
    [[nodiscard]] std::uint64_t experts() const override { return experts_; }
    [[nodiscard]] ExpertLease<T> acquire(std::uint64_t expert) override;
    [[nodiscard]] std::span<const T> ahead(std::uint64_t expert) const noexcept override;

    /// Parameters of one expert, for building a model in place. Throws std::out_of_range.
    [[nodiscard]] std::span<T> parameters(std::uint64_t expert);

  private:
    void give_back(std::uint64_t /*expert*/) noexcept override {}

    Architecture architecture_;
    std::vector<T> parameters_;
    std::uint64_t experts_;
};

extern template class ResidentExperts<double>;
extern template class ResidentExperts<float>;

} // namespace moe
