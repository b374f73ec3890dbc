#pragma once
// Where a run stands, besides weights and momenta. A pure function of the run's options and the steps done, so that a straight
// and an interrupted run hold the same, and every rank.

#include "run/settings.h"
#include "training/loss_scale.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace strata {

struct BestResult {
  uint64_t step = 0;
  double mean_iu = 0;
  bool operator==(const BestResult&) const = default;
};

struct RunState {
  uint64_t step = 0;            // optimiser steps done, skipped ones included
  uint64_t validated_step = 0;  // the last step after which a validation was completed; 0: none
  std::optional<BestResult> best;
  int64_t skipped_steps = 0;            // steps whose loss or gradient was not finite
  int64_t skipped_in_a_row = 0;         // not counting those that only tell that the loss scale was too large
  std::optional<LossScale> loss_scale;  // of the next step; fp16 only
  std::vector<std::string>
      waiting_row;     // cells of the last step's row of metrics.csv while its validation is still to come (metrics_table.h)
  Settings immutable;  // what may not change on resume

  bool operator==(const RunState&) const = default;
};

nlohmann::json to_json(const RunState& state);
// FormatError where a field is missing or of another type.
RunState run_state_from_json(const nlohmann::json& json);

}  // namespace strata
