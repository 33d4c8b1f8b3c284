#pragma once
// What thm_approx_rate adds with --device cuda: its stored models run in float32 on the GPU, with a
// budget of exactly one expert. Certificates stay in float64 on the processor.

#include "tables.hpp"

#include "certification/single_precision.hpp"
#include "program/program.hpp"

#include <span>

namespace approx_rate {

/// The table and the claims of a run on the device.
[[nodiscard]] moe::DeviceParts device_parts();

/// The entry of the table "device" for a model that was measured as `model`. All inputs must be
/// among those that the model was stored for.
[[nodiscard]] moe::Row device_row(const ModelRow& model, moe::StoredModel& stored,
                                  std::span<const double> inputs,
                                  const moe::Float32Forward& forward);

/// Claims of every construction that has rows in the table "device".
void judge_device(moe::Judgement& judgement, const moe::Table& device);

} // namespace approx_rate
