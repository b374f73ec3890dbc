#include "training/components.h"

#include "base/error.h"
#include "base/log.h"
#include "base/sha256.h"
#include "comm/agreement.h"
#include "data/staging.h"
#include "distributed/device.h"
#include "distributed/sync_batch_norm.h"
#include "evaluation/compute.h"
#include "models/channels_last.h"
#include "training/platform.h"
#include "training/run_state.h"

#include <ATen/Context.h>
#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

void make_deterministic(const torch::Device& device) {
  at::globalContext().setDeterministicAlgorithms(true,
                                                 /*warn_only=*/!device.is_cpu());  // some GPU kernels have no deterministic form
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
}

std::string weights_sha256(const torch::nn::Module& model) {
  Sha256 digest;
  for (const auto& [name, tensor] : state_of(model).tensors) {
    const torch::Tensor bytes = tensor.cpu().contiguous();
    digest.update(name.data(), name.size()).update(bytes.const_data_ptr(), bytes.nbytes());
  }
  return digest.finish();
}

void require_same_on_all_ranks(const std::string& sha256, const Communicator& world) {
  const std::vector<std::string> all = world.all_gather(sha256);
  if (std::all_of(all.begin(), all.end(), [&](const std::string& other) { return other == all.front(); })) return;
  throw InternalError("ranks drew different initial weights from one seed: do all of them run the same build?",
                      ErrorScope::kAllRanks);
}

TrainingLoaderOptions loader_options(const TrainingOptions& options) {
  TrainingLoaderOptions loader = options.loader;
  loader.seed = options.seed;
  loader.global_batch = static_cast<size_t>(options.global_batch);
  return loader;
}

ModelOptions model_options(const TrainingOptions& options, int num_classes) {
  ModelOptions model = options.model;
  model.seed = options.seed;
  model.num_classes = num_classes;
  return model;
}

TrainStep::Options step_options(const TrainingOptions& options, const Components& made, const Origin& origin) {
  const LabelSet& labels = made.training_data->labels();
  return {.plan = made.plan,
          .loss = options.loss,
          .num_classes = labels.num_classes(),
          .ignore_id = labels.ignore_id,
          .clip_norm = options.optimizer.clip_norm,
          .precision = options.precision,
          .activations = options.activations,
          .loss_scale = origin.checkpoint ? run_state_from_json(origin.checkpoint->state).loss_scale : std::nullopt};
}

}  // namespace

Machine prepare_machine(const TrainingOptions& options, const Communicator& world) {
  Machine machine;
  machine.device = choose_device(options.device, world);
  const int threads = prepare_compute(options.threads_per_rank, machine.device, world);
  if (options.deterministic) make_deterministic(machine.device);
  machine.platform = this_platform(machine.device.str(), world.size(), threads);
  machine.platform.emplace_back("precision", precision_name(options.precision));
  return machine;
}

Components make_components(const TrainingOptions& options, const Origin& origin, torch::Device device,
                           const Communicator& world) {
  Components made;
  const std::string& coarse = options.loader.sampling.coarse_split;
  const std::vector<std::string> further = coarse.empty() ? std::vector<std::string>{} : std::vector<std::string>{coarse};
  StagingOptions staging{options.stage, {options.train_split, options.validation_split}};
  staging.splits.insert(staging.splits.end(), further.begin(), further.end());
  const std::filesystem::path data = stage_dataset(options.data, staging, world);
  agree(world, [&] {
    made.plan = plan_batch({options.global_batch, options.micro_batch, options.norm_group}, world.size());
    made.training_data = std::make_shared<const Dataset>(data, options.train_split, further);
    made.validation_data = std::make_shared<const Dataset>(data, options.validation_split);
    made.validation_data->require_labels();
    made.loader = std::make_unique<TrainingLoader>(made.training_data, loader_options(options),
                                                   TrainingLoader::Share{world.rank(), world.size()});
  });
  const NormFactory norm = synchronised_batch_norm(norm_communicator(made.plan, world));
  const LabelSet& labels = made.training_data->labels();
  agree(world, [&] {
    const ModelOptions chosen = model_options(options, labels.num_classes());
    made.model = origin.checkpoint ? make_blank_model(chosen, norm) : make_model(chosen, norm);
    if (origin.checkpoint) load_state(*made.model, origin.checkpoint->model);
    if (origin.start) apply_start_weights(*origin.start, options.start, *made.model);
    made.model->to(device);
    lay_out_channels_last(*made.model);
    made.model->train();
    made.optimizer = make_optimizer(options.optimizer, *made.model);
    if (origin.checkpoint) made.optimizer->load_state(origin.checkpoint->optimizer);
    if (origin.start) apply_start_momenta(*origin.start, options.start, *made.optimizer);
    if (!origin.checkpoint) made.initial_sha256 = weights_sha256(*made.model);
  });
  require_same_on_all_ranks(made.initial_sha256, world);
  made.step = std::make_unique<TrainStep>(*made.model, *made.optimizer, step_options(options, made, origin), world, device);
  return made;
}

}  // namespace strata
