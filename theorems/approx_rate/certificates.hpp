#pragma once
// Claims that every construction of thm_approx_rate makes of its models.

#include "statistics/rows.hpp"

#include "program/program.hpp"

#include <string>

namespace approx_rate {

/// The four parts of the certificate, the counters against the formulas, and the storage floor, for
/// the models of one construction; `check` is its name. Deviations are judged in units of lambda,
/// since all values scale with it. No claims without rows.
void add_certificates(moe::Judgement& judgement, const std::string& check, const moe::Rows& rows,
                      double lambda);

} // namespace approx_rate
