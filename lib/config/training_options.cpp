#include "config/training_options.h"

#include "config/command_line.h"
#include "config/shared_options.h"
#include "losses/class_weights.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {

namespace {

constexpr double kPositive = 1e-300;  // the smallest that a positive number may be
constexpr int kMostRandOperations = 100;
constexpr auto kFixed = OnResume::kMustNotChange;

const ProgramText kProgram = {
    .name = "strata-train",
    .purpose = "trains a network on a dataset directory; the same command line again continues an interrupted run.",
    .example = "mpirun -n 2 strata-train --config configs/demo.ini --data DATA --run RUN",
};

void add_run(OptionSet& options, TrainingOptions& t) {
  options.group("Input and output");
  options.add("data", t.data, {.effect = "dataset directory made by strata-preprocess"});
  options.add("run", t.run, {.effect = "run directory; one that exists is continued"});
  options.group("Run");
  options.add("run.seed", t.seed, {.effect = "fixes initial weights, order, augmentation and dropout", .on_resume = kFixed});
  options.add("run.train_split", t.train_split, {.effect = "split to train on", .on_resume = kFixed});
  options.add("run.validation_split", t.validation_split, {.effect = "split whose mean IoU chooses the best weights"});
  add_stop_options(options, t.stop);
  add_watch_options(options, t.watchdog);
  add_compute_options(options, t.device, t.threads_per_rank);
  options.add("deterministic", t.deterministic, {.effect = "same bits on every run; false: faster kernels where there are any"});
}

void add_model(OptionSet& options, ModelOptions& m) {
  options.group("Network");
  options.add("model.name", m.name, {.effect = "architecture, by the reference's name", .on_resume = kFixed});
  options.add_choice<Width>("model.width", m.width,
                            {{"w16-tiny", Width::kW16Tiny},
                             {"w18-small", Width::kW18Small},
                             {"w18", Width::kW18},
                             {"w32", Width::kW32},
                             {"w48", Width::kW48}},
                            {.effect = "channels of the trunk; wider: better, slower, more memory", .on_resume = kFixed});
  options.add("model.ocr_channels", m.ocr_channels,
              {.effect = "channels of the OCR head; its keys have half", .min = 2, .on_resume = kFixed});
  options.add("model.attention_channels", m.attention_channels,
              {.effect = "channels inside the scale attention head and segmentation heads", .min = 1, .on_resume = kFixed});
  options.add("model.aspp_channels", m.aspp_channels,
              {.effect = "channels of each of ASPP's five parts", .min = 1, .on_resume = kFixed});
  options.add_choice<AttentionHead>(
      "model.attention_head", m.attention_head,
      {{"standard", AttentionHead::kStandard}, {"shallow", AttentionHead::kShallow}, {"original", AttentionHead::kOriginal}},
      {.effect = "3x3 convolutions of the scale attention: two, one, or the layers of the reference's early networks",
       .on_resume = kFixed});
  options.add("model.low_scale", m.low_scale,
              {.effect = "lower of the two scales that hierarchical attention is trained with",
               .min = 0.01,
               .max = 0.99,
               .on_resume = kFixed});
  options.add("model.fixed_scales", m.fixed_scales,
              {.effect = "of attnscale's networks, for training and evaluation: one attention map each, 1 among them",
               .on_resume = kFixed});
  options.add("model.align_corners", m.align_corners,
              {.effect = "of every resize in the network; belongs to the weights", .on_resume = kFixed});
  options.add_choice<Init>(
      "model.init", m.init, {{"kaiming", Init::kKaiming}, {"reference", Init::kReference}},
      {.effect = "first weights; kaiming: from scratch, reference: N(0, 0.001), meant for a trunk trained before",
       .on_resume = kFixed});
  options.add("model.dropout", m.dropout,
              {.effect = "share of the OCR block's channels dropped", .min = 0, .max = 0.99, .on_resume = kFixed});
  options.add("model.trunk_dropout", m.trunk_dropout,
              {.effect = "share of channels dropped in the wide ResNet's last block; the one before drops 0.6 of that",
               .min = 0,
               .max = 0.99,
               .on_resume = kFixed});
  options.add("model.attention_dropout", m.attention_dropout,
              {.effect = "share dropped before the scale attention's last convolution; the reference's mscale_dropout is 0.5",
               .min = 0,
               .max = 0.99,
               .on_resume = kFixed});
}

std::vector<double> read_class_weights(std::string_view text) {
  if (text == "none") return {};
  if (text == "hrnet_ocr_cityscapes") return {kHrnetOcrCityscapesWeights.begin(), kHrnetOcrCityscapesWeights.end()};
  std::vector<double> weights;
  try {
    read_value(text, weights);
  } catch (const BadValue&) {
    throw BadValue("none, hrnet_ocr_cityscapes, or one number a class, as 0.8,1,1.2");
  }
  const bool negative = std::any_of(weights.begin(), weights.end(), [](double weight) { return weight < 0; });
  if (negative || std::all_of(weights.begin(), weights.end(), [](double weight) { return weight == 0; })) {
    throw BadValue("a list of weights that are at least 0 and not all 0");
  }
  return weights;
}

void add_start(OptionSet& options, StartOptions& s) {
  options.add("model.weights", s.weights,
              {.effect = "a .pth or .safetensors file that a new run starts from; it may move, its content may not change"});
  options.add("model.partial", s.partial,
              {.effect = "share of the network's numbers that [model] weights must have, the rest by seed; 0: all of them",
               .min = 0,
               .max = 1,
               .on_resume = kFixed});
  options.add_choice<StartOptions::Use>(
      "model.use", s.use, {{"weights", StartOptions::Use::kWeights}, {"continue", StartOptions::Use::kContinue}},
      {.effect = "what of [model] weights is used; continue: also momenta and epoch of the reference's last_checkpoint",
       .on_resume = kFixed});
}

void add_loss(OptionSet& options, LossOptions& l) {
  options.group("Loss");
  options.add_choice<LossOptions::Name>(
      "loss.name", l.name,
      {{"cross_entropy", LossOptions::Name::kCrossEntropy},
       {"rmi", LossOptions::Name::kRmi},
       {"image_weighted", LossOptions::Name::kImageWeighted},
       {"relaxed_border", LossOptions::Name::kRelaxedBorder},
       {"ohem", LossOptions::Name::kHardPixels}},
      {.effect = "main loss; rmi: region mutual information, slower and better at borders; image_weighted: rare classes count "
                 "more; relaxed_border: at borders each neighbour's class is right; ohem: hard pixels only",
       .on_resume = kFixed});
  options.add("loss.ocr_alpha", l.ocr_alpha,
              {.effect = "weight of the OCR block's auxiliary head", .min = 0, .on_resume = kFixed});
  options.add("loss.supervised_mscale_weight", l.supervised_mscale_weight,
              {.effect = "weight of each scale's own prediction", .min = 0, .on_resume = kFixed});
  options.add("loss.ocr_aux_rmi", l.ocr_aux_rmi,
              {.effect = "with rmi, whether the auxiliary head has it, too; false: its BCE part alone", .on_resume = kFixed});
  options.add_option(
      {.key = "loss.class_weights",
       .accepted = "none|hrnet_ocr_cityscapes|NUMBERS",
       .info = {.effect = "of cross_entropy and ohem: one number a class, larger: the class counts more", .on_resume = kFixed},
       .read = [&l](std::string_view text) { l.class_weights = read_class_weights(text); },
       .write = [&l] { return l.class_weights.empty() ? "none" : write_value(l.class_weights); }});
  using Source = ImageWeightOptions::Source;
  options.add_choice<Source>(
      "loss.image_weights", l.image_weights.source,
      {{"batch", Source::kBatch}, {"image", Source::kImage}, {"reference", Source::kReference}},
      {.effect =
           "of image_weighted: whose pixels tell how rare a class is, those of the global batch or of each image; reference: "
           "the batch's, losses summed over images and the ignore id counted as there",
       .on_resume = kFixed});
  options.add("loss.image_weight_bound", l.image_weights.bound,
              {.effect = "of image_weighted: what a rare class weighs more; larger: more", .min = 0, .on_resume = kFixed});
  options.add("loss.relaxed_epochs", l.relaxed_border.epochs,
              {.effect = "of relaxed_border: from this epoch on borders are strict again; 0: never",
               .unit = "epochs",
               .min = 0,
               .on_resume = kFixed});
  options.add("loss.ohem_threshold", l.hard_pixels.threshold,
              {.effect = "of ohem: pixels whose own class has a smaller probability count; larger: more pixels",
               .min = 0,
               .max = 1,
               .on_resume = kFixed});
  options.add("loss.ohem_keep", l.hard_pixels.keep,
              {.effect = "of ohem: the hardest pixels of a sample that count in any case; larger: more pixels",
               .unit = "px",
               .min = 1,
               .on_resume = kFixed});
  using Normalisation = LossOptions::Normalisation;
  options.add_choice<Normalisation>(
      "loss.normalisation", l.normalisation, {{"global", Normalisation::kGlobal}, {"per_rank", Normalisation::kPerRank}},
      {.effect = "global: the mean over the global batch, whatever the ranks; per_rank: the reference's mean of rank means",
       .on_resume = kFixed});
}

void add_optimizer(OptionSet& options, TrainingOptions& t) {
  options.group("Optimiser and schedule");
  OptimizerOptions& o = t.optimizer;
  options.add_choice<OptimizerOptions::Name>(
      "optimizer.name", o.name,
      {{"sgd", OptimizerOptions::Name::kSgd}, {"adam", OptimizerOptions::Name::kAdam}, {"radam", OptimizerOptions::Name::kRadam}},
      {.effect = "optimiser", .on_resume = kFixed});
  options.add("optimizer.lr", o.lr,
              {.effect = "learning rate at the begin; larger: faster, and beyond some value it diverges", .min = 0});
  options.add("optimizer.momentum", o.momentum,
              {.effect = "of sgd: share of the last update that is kept", .min = 0, .max = 0.9999});
  options.add("optimizer.weight_decay", o.weight_decay,
              {.effect = "pull of all weights towards 0; larger: smoother, less fitted", .min = 0});
  options.add("optimizer.decay_norms_and_biases", o.decay_norms_and_biases,
              {.effect = "whether that holds for norms and biases, too, as in the reference", .on_resume = kFixed});
  options.add("optimizer.beta1", o.beta1,
              {.effect = "of adam, radam: memory of the mean gradient; larger: smoother, slower",
               .min = 0,
               .max = 0.9999,
               .on_resume = kFixed});
  options.add("optimizer.beta2", o.beta2,
              {.effect = "of adam, radam: memory of the mean squared gradient; larger: steadier",
               .min = 0,
               .max = 0.999999,
               .on_resume = kFixed});
  options.add("optimizer.eps", o.eps,
              {.effect = "of adam, radam: added to the root mean square; larger: smaller steps where gradients are small",
               .min = kPositive,
               .on_resume = kFixed});
  options.add("optimizer.amsgrad", o.amsgrad,
              {.effect = "of adam: divide by the largest mean square so far", .on_resume = kFixed});
  options.add("optimizer.clip_norm", o.clip_norm,
              {.effect = "the gradient's norm over all parameters is cut to this; smaller: tamer steps; 0: off", .min = 0});
  options.add("optimizer.ema", o.ema,
              {.effect = "decay of a running average of the weights, which is then validated and written to weights/; larger: "
                         "longer memory; 0: off",
               .min = 0,
               .max = 0.999999,
               .on_resume = kFixed});
  ScheduleOptions& s = t.schedule;
  options.add("schedule.epochs", s.epochs,
              {.effect = "length of the run; with poly it stretches the decay, too", .unit = "epochs", .min = 1});
  options.add_choice<ScheduleOptions::Policy>(
      "schedule.policy", s.policy,
      {{"poly", ScheduleOptions::Policy::kPoly},
       {"poly2", ScheduleOptions::Policy::kPoly2},
       {"scl-poly", ScheduleOptions::Policy::kSclPoly}},
      {.effect = "course of the learning rate; poly: lr (1 - t/T)^power; poly2: the power "
                 "doubles at poly_step; scl-poly: a second decay from switch_epoch on"});
  options.add("schedule.power", s.power, {.effect = "of poly; larger: smaller rates late in the run", .min = 0});
  options.add_choice<ScheduleOptions::Unit>("schedule.unit", s.unit,
                                            {{"epoch", ScheduleOptions::Unit::kEpoch}, {"step", ScheduleOptions::Unit::kStep}},
                                            {.effect = "when the rate changes"});
  options.add("schedule.poly_step", s.poly_step,
              {.effect = "of poly2: epoch from which the power is doubled", .unit = "epochs", .min = 0});
  options.add("schedule.switch_epoch", s.switch_epoch,
              {.effect = "of scl-poly: epoch at which the second decay begins", .unit = "epochs", .min = 0});
  options.add("schedule.rescale", s.rescale,
              {.effect = "of scl-poly: where the second decay begins, of the base rate; larger: higher", .min = 0});
  options.add("schedule.repoly", s.repoly, {.effect = "of scl-poly: power of the second decay", .min = 0});
  options.add("schedule.warmup_steps", s.warmup_steps,
              {.effect = "first steps over which the rate rises evenly to the policy's; 0: none", .unit = "steps", .min = 0});
}

// "train=2,rider=1.5"
void add_class_bias(OptionSet& options, std::vector<ClassBias>& bias) {
  options.add_option({.key = "sampling.class_bias",
                      .accepted = "NAME=FACTOR,...",
                      .info = {.effect = "more (above 1) or fewer places for classes by name; 0: none", .on_resume = kFixed},
                      .read =
                          [&bias](std::string_view text) {
                            std::vector<std::string> parts;
                            if (!text.empty()) read_value(text, parts);
                            std::vector<ClassBias> read;
                            for (const std::string& part : parts) {
                              const size_t equals = part.rfind('=');
                              if (equals == std::string::npos || equals == 0)
                                throw BadValue("NAME=FACTOR,..., like train=2,rider=1.5");
                              read.push_back({part.substr(0, equals)});
                              read_value(std::string_view(part).substr(equals + 1), read.back().factor);
                            }
                            bias = std::move(read);
                          },
                      .write =
                          [&bias] {
                            std::vector<std::string> parts;
                            for (const ClassBias& one : bias) parts.push_back(one.name + "=" + write_value(one.factor));
                            return write_value(parts);
                          }});
}

void add_batches(OptionSet& options, TrainingOptions& t) {
  options.group("Batches");
  options.add("loader.global_batch", t.global_batch,
              {.effect = "samples of an optimiser step over all ranks; the number of ranks divides it",
               .unit = "samples",
               .min = 1,
               .on_resume = kFixed});
  options.add("loader.micro_batch", t.micro_batch,
              {.effect = "samples of one forward on one rank, smaller: less memory; 0: global_batch / ranks",
               .unit = "samples",
               .min = 0});
  options.add("loader.threads", t.loader.threads, {.effect = "threads of each rank that read and augment", .min = 1});
  options.add("loader.prefetch", t.loader.prefetch,
              {.effect = "batches made ahead; larger: fewer waits, more memory", .unit = "batches", .min = 1});
  options.add(
      "loader.stage", t.stage,
      {.effect = "folder on each node's own disk that shards are copied to once, if there is room; empty: read in place"});
  options.add(
      "norm.group", t.norm_group,
      {.effect = "samples that share batch statistics; 0: the global batch", .unit = "samples", .min = 0, .on_resume = kFixed});
  options.add("sampling.class_uniform_share", t.loader.sampling.class_uniform_share,
              {.effect = "share of samples cropped around a class, all classes equally often; 0: images at random",
               .min = 0,
               .max = 1,
               .on_resume = kFixed});
  options.add(
      "sampling.until_epoch", t.loader.sampling.until_epoch,
      {.effect = "epochs from this one on take every image once instead; 0: never", .unit = "epochs", .on_resume = kFixed});
  add_class_bias(options, t.loader.sampling.class_bias);
  options.add("sampling.coarse_split", t.loader.sampling.coarse_split,
              {.effect = "split with coarse labels that coarse_classes are drawn from too", .on_resume = kFixed});
  options.add("sampling.coarse_classes", t.loader.sampling.coarse_classes,
              {.effect = "classes, by name, whose centroids in coarse_split are drawn too", .on_resume = kFixed});
}

// "N,M", or "none" for no operations.
void read_rand_augment(std::string_view text, RandAugmentOptions& rand) {
  if (text == "none") {
    rand.operations = 0;
    return;
  }
  std::vector<double> numbers;
  const auto is_between = [](double number, int least, int most) {
    return number >= least && number <= most && number == static_cast<int>(number);
  };
  try {
    read_value(text, numbers);
  } catch (const BadValue&) {
    numbers.clear();
  }
  if (numbers.size() != 2 || !is_between(numbers[0], 0, kMostRandOperations) || !is_between(numbers[1], 0, 30)) {
    throw BadValue(fmt::format("none or N,M: N operations, 0 to {}, of strength M, 0 to 30 (2,9)", kMostRandOperations));
  }
  rand = {static_cast<int>(numbers[0]), static_cast<int>(numbers[1])};
}

void add_rand_augment(OptionSet& options, RandAugmentOptions& rand) {
  options.add_option(
      {.key = "augment.rand_augment",
       .accepted = "none|N,M",
       .info = {.effect = "N operations of RandAugment, drawn from 14, of strength M (0 to 30); more: views less like frames"},
       .read = [&rand](std::string_view text) { read_rand_augment(text, rand); },
       .write = [&rand] { return rand.operations ? fmt::format("{},{}", rand.operations, rand.magnitude) : "none"; }});
}

void add_augmentation(OptionSet& options, AugmentOptions& a) {
  options.group("Augmentation");
  options.add_size("augment.crop", a.crop_height, a.crop_width,
                   {.effect = "what the network sees of a frame; larger: more context, more memory",
                    .unit = "px",
                    .min = 1,
                    .on_resume = kFixed});
  using Crop = AugmentOptions::Crop;
  options.add_switch(
      "augment.full_crop", a.crop, std::pair{Crop::kFixed, Crop::kWholeFrame},
      {.effect = "views as large as frames are stored, instead of augment.crop; frames of one size, or batches of one",
       .on_resume = kFixed});
  using SmallFrame = AugmentOptions::SmallFrame;
  options.add_switch("augment.translate_fix", a.small_frame, std::pair{SmallFrame::kInMiddle, SmallFrame::kAnywhere},
                     {.effect = "a frame smaller than the crop stands anywhere in it; false: in its middle"});
  options.add("augment.scale_min", a.scale_min, {.effect = "smallest random zoom", .min = kPositive});
  options.add("augment.scale_max", a.scale_max, {.effect = "largest random zoom", .min = kPositive});
  options.add("augment.flip", a.flip, {.effect = "probability of a mirrored frame", .min = 0, .max = 1});
  options.add("augment.color", a.color,
              {.effect = "strength of changes of brightness, contrast, saturation and hue; 0: none", .min = 0, .max = 0.5});
  using Blur = AugmentOptions::Blur;
  options.add_choice<Blur>(
      "augment.blur", a.blur,
      {{"none", Blur::kNone},
       {"gaussian", Blur::kGaussian},
       {"bilateral", Blur::kBilateral},
       {"bilateral_reference", Blur::kBilateralAsScikitImage}},
      {.effect = "random blur; bilateral keeps edges and is slow; bilateral_reference: as scikit-image 0.26 does it, "
                 "which moves frames 2 px against their labels"});
  add_rand_augment(options, a.rand_augment);
  options.add("augment.pre_size", a.pre_size,
              {.effect = "long edge that frames are brought to before zooming; 0: as stored", .unit = "px", .min = 0});
}

void add_keeping(OptionSet& options, TrainingOptions& t) {
  options.group("Validation and checkpoints");
  options.add("validation.every_epochs", t.validation.every_epochs,
              {.effect = "epochs from one validation to the next; also after the last one", .unit = "epochs", .min = 1});
  options.add("validation.scales", t.validation.scales,
              {.effect = "scales of validation frames; more: better and slower", .min = kPositive});
  options.add(
      "validation.long_edge", t.validation.long_edge,
      {.effect = "longer edge that validation frames and labels are brought to, as strata-evaluate's long-edge; 0: as stored",
       .unit = "px",
       .min = 0});
  options.add(
      "checkpoint.every_seconds", t.checkpoint.every_seconds,
      {.effect = "time between checkpoints, smaller: less lost to a crash, more time writing; 0: off", .unit = "s", .min = 0});
  options.add("checkpoint.every_steps", t.checkpoint.every_steps,
              {.effect = "steps between checkpoints; 0: off", .unit = "steps", .min = 0});
  options.add("checkpoint.keep", t.checkpoint.keep, {.effect = "newest checkpoints that are kept", .min = 2});
}

void add_precision(OptionSet& options, TrainingOptions& t) {
  options.group("Precision and memory");
  options.add_choice<Precision>(
      "precision.type", t.precision, {{"fp32", Precision::kFp32}, {"bf16", Precision::kBf16}, {"fp16", Precision::kFp16}},
      {.effect = "numbers that the network computes in while training; bf16: fast on CPUs with AMX and on GPUs; fp16: GPUs, with "
                 "a loss scale. Weights, losses and validation are fp32"});
  options.add_choice<Activations>(
      "memory.activations", t.activations, {{"kept", Activations::kKept}, {"recomputed", Activations::kRecomputed}},
      {.effect =
           "what stages leave for the backward pass; recomputed: their inputs only, which takes far less memory and about a "
           "third more time, with the same numbers"});
}

void require_used(const char* key, bool set, const char* owner, bool chosen) {
  if (!set || chosen) return;
  throw ConfigError(
      fmt::format("{} is set, but belongs to {}: it would have no effect. Choose that, or leave it out", key, owner));
}

void require_consistent(const LossOptions& l) {
  using Name = LossOptions::Name;
  require_used("loss.class_weights", !l.class_weights.empty(), "cross_entropy and ohem",
               l.name == Name::kCrossEntropy || l.name == Name::kHardPixels);
  require_used("loss.ocr_aux_rmi", l.ocr_aux_rmi, "rmi", l.name == Name::kRmi);
}

void require_inside_run(const char* key, const char* policy, int epoch, int epochs) {
  if (epoch > 0 && epoch < epochs) return;
  throw ConfigError(fmt::format(
      "schedule.policy = {} changes its course at {} = {}, which is not inside the {} epochs of the run. Set {} between "
      "1 and {}, or choose poly",
      policy, key, epoch, epochs, key, epochs - 1));
}

void require_consistent(const ScheduleOptions& s) {
  using Policy = ScheduleOptions::Policy;
  if (s.policy == Policy::kPoly2) require_inside_run("schedule.poly_step", "poly2", s.poly_step, s.epochs);
  if (s.policy == Policy::kSclPoly) require_inside_run("schedule.switch_epoch", "scl-poly", s.switch_epoch, s.epochs);
}

void require_consistent(const TrainingOptions& t) {
  require_consistent(t.loss);
  require_consistent(t.schedule);
  require_used("optimizer.amsgrad", t.optimizer.amsgrad, "adam", t.optimizer.name == OptimizerOptions::Name::kAdam);
  const AugmentOptions& a = t.loader.augment;
  if (a.scale_min > a.scale_max) {
    throw ConfigError(fmt::format("augment.scale_min = {} is above augment.scale_max = {}: no zoom lies between them. Swap them",
                                  a.scale_min, a.scale_max));
  }
  if (t.start.weights.empty() && (t.start.partial > 0 || t.start.use != StartOptions::Use::kWeights)) {
    throw ConfigError(
        "model.partial and model.use say how to use a file, but model.weights names none. Name it or leave them out");
  }
  if (t.micro_batch > t.global_batch) {
    throw ConfigError(
        fmt::format("loader.micro_batch = {} is above loader.global_batch = {}: a step has no such part. Use 0 or a divisor",
                    t.micro_batch, t.global_batch));
  }
  const bool of_sgd = t.optimizer.name == OptimizerOptions::Name::kSgd && t.optimizer.ema == 0;
  if (t.start.use == StartOptions::Use::kContinue && !of_sgd) {
    throw ConfigError(
        "model.use = continue takes over the momenta of SGD, which is what the reference's checkpoints hold: set optimizer.name "
        "= sgd "
        "and optimizer.ema = 0, or start with the weights alone (model.use = weights)");
  }
}

}  // namespace

std::optional<TrainingOptions> parse_training_options(int argc, const char* const* argv) {
  TrainingOptions training;
  OptionSet options;
  add_run(options, training);
  add_model(options, training.model);
  add_start(options, training.start);
  add_loss(options, training.loss);
  add_optimizer(options, training);
  add_batches(options, training);
  add_augmentation(options, training.loader.augment);
  add_keeping(options, training);
  add_precision(options, training);
  if (read_options(argc, argv, kProgram, {"data", "run"}, options) == CommandLine::kAnswered) return std::nullopt;
  require_consistent(training);
  training.model.seed = training.seed;
  training.loader.seed = training.seed;
  training.loader.global_batch = static_cast<size_t>(training.global_batch);
  training.resolved_config = options.ini_text();
  training.immutable = options.immutable_values();
  return training;
}

}  // namespace strata
