#pragma once
// What a new run starts from beside its seed: weights of any origin, or a training of the reference to be continued.

#include "models/segmentation_model.h"
#include "training/checkpoint_store.h"
#include "training/optimizer.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace strata {

struct StartOptions {
  std::filesystem::path weights;  // .pth or .safetensors; empty: all weights by seed
  double partial = 0;             // least share of the network's numbers that the file must have, the rest by seed; 0: all
  // kContinue: also momenta and epoch, of a last_checkpoint of the reference.
  enum class Use { kWeights, kContinue } use = Use::kWeights;
};

// SHA-256 of the file, by which a run knows it; empty where there is none. MissingInput, IoError. Local.
std::string start_sha256(const StartOptions& options);

// The start as a checkpoint that broadcast_checkpoint() can carry: weights and momenta under the network's names, epochs done.
// Nothing where options name no file. `model`: what is trained; a file made with other resizing is said in the log. Errors of
// import_weights(); ConfigError where a training is to be continued and the file has no epoch or no momenta. Local.
std::optional<Checkpoint> read_start(const StartOptions& options, const ModelOptions& model);

// Weights into a new network; before its optimiser is made, which may average them from their first values on. Class heads for
// another number of classes keep their initial weights, which the log says, and the rest of what does not fit is refused or left
// by `partial` (models/weight_loading.h). FormatError.
void apply_start_weights(const Checkpoint& start, const StartOptions& options, SegmentationModel& model);

// Momenta of a training that is continued; nothing otherwise. FormatError where the optimiser is another one.
void apply_start_momenta(const Checkpoint& start, const StartOptions& options, Optimizer& optimizer);

// Of a start; 0 where only weights were asked for.
uint64_t epochs_done(const Checkpoint& start);

}  // namespace strata
