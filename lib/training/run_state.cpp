#include "training/run_state.h"

#include "base/error.h"

#include <fmt/format.h>

namespace strata {

nlohmann::json to_json(const RunState& state) {
  nlohmann::json json = {
      {"step", state.step},
      {"validated_step", state.validated_step},
      {"best", nullptr},
      {"skipped_steps", state.skipped_steps},
      {"skipped_in_a_row", state.skipped_in_a_row},
      {"waiting_row", state.waiting_row},
      {"immutable", settings_to_json(state.immutable)},
  };
  if (state.best) json["best"] = {{"step", state.best->step}, {"mean_iu", state.best->mean_iu}};
  if (state.loss_scale) json["loss_scale"] = {{"factor", state.loss_scale->factor}, {"good_steps", state.loss_scale->good_steps}};
  return json;
}

RunState run_state_from_json(const nlohmann::json& json) {
  try {
    RunState state;
    state.step = json.at("step").get<uint64_t>();
    state.validated_step = json.at("validated_step").get<uint64_t>();
    if (const auto& best = json.at("best"); !best.is_null()) {
      state.best = BestResult{best.at("step").get<uint64_t>(), best.at("mean_iu").get<double>()};
    }
    state.skipped_steps = json.at("skipped_steps").get<int64_t>();
    state.skipped_in_a_row = json.at("skipped_in_a_row").get<int64_t>();
    if (const auto scale = json.find("loss_scale"); scale != json.end()) {
      state.loss_scale = LossScale{scale->at("factor").get<double>(), scale->at("good_steps").get<int64_t>()};
    }
    state.waiting_row = json.at("waiting_row").get<std::vector<std::string>>();
    state.immutable = settings_from_json(json.at("immutable"));
    return state;
  } catch (const nlohmann::json::exception& e) {
    throw FormatError(fmt::format("the state of the checkpoint cannot be read: {}", e.what()));
  }
}

}  // namespace strata
