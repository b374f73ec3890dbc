#include "config/preprocess_command.h"

#include "config/command_line.h"
#include "config/description_file.h"
#include "config/shared_options.h"

namespace strata {

namespace {

const ProgramText kProgram = {
    .name = "strata-preprocess",
    .purpose = "turns a raw dataset of many files into a dataset directory of few.",
    .example = "mpirun -n 2 strata-preprocess --dataset cityscapes --input RAW --output DATA",
};

// Sizes are written with units, the struct has plain bytes.
void add_byte_size(OptionSet& options, std::string key, uint64_t& bytes, OptionInfo info) {
  options.add_option({.key = std::move(key),
                      .accepted = placeholder(ByteSize{}),
                      .info = info,
                      .read =
                          [&bytes, info](std::string_view text) {
                            ByteSize size;
                            read_value(text, size);
                            require_in_range(static_cast<double>(size.bytes), info);
                            bytes = size.bytes;
                          },
                      .write = [&bytes] { return write_value(ByteSize{bytes}); }});
}

void add_options(OptionSet& options, PreprocessCommand& c) {
  ConversionOptions& o = c.conversion;
  options.group("Input and output");
  options.add(
      "dataset", o.dataset,
      {.effect = "layout of the input: cityscapes, mapillary, mapillary-v2, camvid, folder, or FILE.ini that describes it"});
  options.add("input", o.input, {.effect = "folder of the raw dataset"});
  options.add("output", o.output, {.effect = "dataset directory to make; an unfinished one is continued"});
  options.add("splits", o.splits, {.effect = "splits to convert; none named: the layout's usual ones"});
  options.add("labels", o.labels, {.effect = "folder: what its classes are, cityscapes, camvid or a dataset directory"});
  options.add(
      "cv", o.cv,
      {.effect = "cityscapes: cross-validation split; 0: the official one, 3: all frames in both roles", .min = 0, .max = 3});
  options.add_switch("allow-outside", o.outside, {ConversionOptions::Outside::kRefused, ConversionOptions::Outside::kAllowed},
                     {.effect = "follow links that lead out of the input"});
  options.group("Labels made by a network (cityscapes, split train_extra)");
  options.add("auto-labels", o.auto_labels.directory,
              {.effect = "folder that holds train_extra/<city>/; none: the coarse labels"});
  options.add("confidence", o.auto_labels.confidence,
              {.effect = "pixels of less confidence are ignored; larger: fewer, better labels", .min = 0, .max = 1});
  options.add("dropout-classes", o.auto_labels.dropout_classes, {.effect = "classes for which the coarse labels count"});
  options.add_switch("mask-out", o.auto_labels.mask_out, {AutoLabelOptions::MaskOut::kNo, AutoLabelOptions::MaskOut::kYes},
                     {.effect = "ignore the border of 2048x1024 px frames, as the reference implementation does"});
  options.group("Shards and tiles");
  add_byte_size(options, "shard-size", o.shard_size_bytes,
                {.effect = "original bytes in a shard; larger: fewer files", .min = 1});
  options.add("tile-size", o.tile_size,
              {.effect = "of the grid of class centroids; smaller: more of them", .unit = "px", .min = 1});
  options.add_choice<std::string>(
      "tile-rule", o.tile_rule, {{"cover", "cover"}, {"reference", "reference"}},
      {.effect = "cover: every pixel lies in a tile; reference: whole tiles only, as the reference implementation"});
  options.add("centroids", o.centroids,
              {.effect = "the reference implementation's JSON file of centroids to take; none: they are found"});
  options.add_choice<std::string>(
      "keep", o.keep, {{"pixels", "pixels"}, {"original", "original"}},
      {.effect = "pixels: tiles, so that a crop reads only what it touches; original: the files' bytes"});
  options.group("Run");
  options.add("max-bad", o.max_bad, {.effect = "unreadable frames to leave out before giving up", .unit = "frames", .min = 0});
  options.add("dry-run", o.dry_run,
              {.effect = "say what would be done and how long it takes, by the first 100 images; write nothing"});
  add_stop_options(options, c.stop);
  add_watch_options(options, c.watchdog);
}

}  // namespace

std::optional<PreprocessCommand> parse_preprocess_command(int argc, const char* const* argv) {
  PreprocessCommand command;
  OptionSet options;
  add_options(options, command);
  if (read_options(argc, argv, kProgram, {"dataset", "input", "output"}, options) == CommandLine::kAnswered) return std::nullopt;
  ConversionOptions& conversion = command.conversion;
  if (conversion.dataset.ends_with(".ini")) {
    conversion.description = read_dataset_description(conversion.dataset);
    conversion.dataset = conversion.description->name;
  }
  return command;
}

}  // namespace strata
