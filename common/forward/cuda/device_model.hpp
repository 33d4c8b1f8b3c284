#pragma once
// A router and the shape of the experts in device memory. For .cu files.

#include "forward/cuda/descriptions.hpp"
#include "forward/cuda/device_memory.hpp"

#include "models/architecture.hpp"
#include "routing/router.hpp"

#include <cstdint>
#include <vector>

namespace moe::cuda {

/// The same shape twice: with its layers in host memory (pointing into the architecture, which must
/// outlive this) and in device memory.
class DeviceShape {
  public:
    DeviceShape(DeviceLedger& ledger, const Architecture& architecture);

    [[nodiscard]] const ExpertShape& on_host() const noexcept { return on_host_; }
    [[nodiscard]] const ExpertShape& on_device() const noexcept { return on_device_; }

  private:
    std::vector<LayerShape> host_layers_;
    ExpertShape on_host_;
    DeviceArray<std::uint32_t> indices_; ///< row_start and col of all sparse layers
    DeviceArray<std::int32_t> bias_of_;  ///< of all sparse layers
    DeviceArray<LayerShape> layers_;
    ExpertShape on_device_;
};

/// The rule with its arrays in device memory, for a source of `experts` experts.
class DeviceRouter {
  public:
    DeviceRouter(DeviceLedger& ledger, const Router& router, std::uint64_t experts);

    [[nodiscard]] const RouterRule& rule() const noexcept { return rule_; }

  private:
    void take(DeviceLedger& ledger, const Lattice& lattice);
    void take(DeviceLedger& ledger, const PrototypeTreeView& tree);
    void take(DeviceLedger& ledger, const FlatPrototypes& flat);

    RouterRule rule_;
    DeviceArray<double> prototypes_;
    DeviceArray<std::uint32_t> first_child_;
    DeviceArray<std::uint32_t> child_count_;
    DeviceArray<std::uint32_t> expert_;
    DeviceArray<std::uint64_t> kept_leaves_;
};

} // namespace moe::cuda
