#include "config/dataset_command.h"

#include "base/error.h"
#include "config/command_line.h"
#include "config/verb_line.h"

#include <fmt/format.h>

#include <array>
#include <string>

namespace strata {

namespace {

// In the order of DatasetCommand::Verb.
constexpr std::array<VerbText, 5> kVerbs = {{
    {"info", 1, "info DATA", "says what a dataset directory holds, by split and class."},
    {"verify", 1, "verify DATA", "checks every byte of it; ends with 65 where something is wrong."},
    {"extract", 2, "extract DATA FOLDER", "makes files of it again: pictures and labels."},
    {"subset", 2, "subset DATA NEW", "makes a smaller one with the classes of the whole."},
    {"sheet", 2, "sheet DATA PAGE.html", "makes a page of samples, their labels and augmented crops."},
}};
constexpr VerbProgram kProgram = {"strata-dataset", "dataset directories: look into, check, extract, make smaller.", kVerbs};

void add_options(OptionSet& options, DatasetCommand& c) {
  switch (c.verb) {
    case DatasetCommand::Verb::kInfo:
      return;
    case DatasetCommand::Verb::kVerify:
      options.group("Work");
      options.add("threads", c.threads, {.effect = "that decode at once", .min = 1, .max = 256});
      return;
    case DatasetCommand::Verb::kExtract:
      options.group("What");
      options.add("splits", c.extraction.splits, {.effect = "splits to extract; none named: all"});
      options.add("names", c.extraction.names, {.effect = "samples to extract; none named: all"});
      return;
    case DatasetCommand::Verb::kSubset:
      options.group("Choice");
      options.add("split", c.subset.split, {.effect = "split to choose from; the others are copied whole"});
      options.add("share", c.subset.share, {.effect = "of its samples to keep", .min = 0, .max = 1});
      options.add("count", c.subset.count, {.effect = "or the number of samples to keep", .min = 0});
      options.add("seed", c.subset.seed, {.effect = "another seed, another choice"});
      return;
    case DatasetCommand::Verb::kSheet:
      options.group("Choice");
      options.add("split", c.sheet.split, {.effect = "split to draw samples from"});
      options.add("count", c.sheet.count, {.effect = "samples; more: a larger page", .min = 1});
      options.add("seed", c.sheet.seed, {.effect = "of samples and crops"});
      options.add("side", c.sheet.side, {.effect = "long edge of a picture", .unit = "px", .min = 16, .max = 4096});
      options.group("Augmented crops");
      options.add_size("crop", c.sheet.augment.crop_height, c.sheet.augment.crop_width,
                       {.effect = "size of a crop", .unit = "px", .min = 1});
      options.add("scale-min", c.sheet.augment.scale_min, {.effect = "smallest factor on a frame's size", .min = 0.01});
      options.add("scale-max", c.sheet.augment.scale_max, {.effect = "largest factor on a frame's size", .min = 0.01});
      options.add("color", c.sheet.augment.color, {.effect = "strength of colour jitter", .min = 0, .max = 0.5});
      return;
  }
}

}  // namespace

std::optional<DatasetCommand> parse_dataset_command(int argc, const char* const* argv) {
  VerbLine line;
  if (!read_verb(argc, argv, kProgram, line)) return std::nullopt;
  DatasetCommand command;
  command.verb = static_cast<DatasetCommand::Verb>(line.verb);
  OptionSet options;
  add_options(options, command);
  const VerbText& verb = kVerbs[line.verb];
  const std::string name = fmt::format("strata-dataset {}", verb.name), example = fmt::format("strata-dataset {}", verb.usage);
  const ProgramText program = {.name = name, .purpose = verb.purpose, .example = example};
  if (read_options(static_cast<int>(line.rest.size()), line.rest.data(), program, {}, options) == CommandLine::kAnswered)
    return std::nullopt;
  require_files(kProgram, line);
  command.data = command.extraction.data = command.subset.data = command.sheet.data = line.files[0];
  if (line.files.size() > 1) command.extraction.output = command.subset.output = command.page = line.files[1];
  return command;
}

}  // namespace strata
