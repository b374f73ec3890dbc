#include "config/weights_command.h"

#include "base/error.h"
#include "config/command_line.h"
#include "config/verb_line.h"

#include <fmt/format.h>

#include <array>

namespace strata {

namespace {

// In the order of WeightsCommand::Verb.
constexpr std::array<VerbText, 4> kVerbs = {{
    {"info", 1, "info FILE", "says what a .pth or .safetensors file is and holds."},
    {"convert", 2, "convert FILE.pth NEW.safetensors", "makes a described .safetensors file of a .pth or .safetensors file."},
    {"compare", 2, "compare FILE FILE", "compares two files tensor by tensor; ends with 65 where they differ."},
    {"models", 0, "models", "lists the networks, widths and tensor names that are understood."},
}};
constexpr VerbProgram kProgram = {"strata-weights", "weight files: .pth read without running anything in it, .safetensors.",
                                  kVerbs};

// Nothing, or one of some texts.
template <typename T>
void add_optional(OptionSet& options, std::string key, std::optional<T>& field, OptionInfo info) {
  options.add_option({.key = std::move(key),
                      .accepted = placeholder(T{}),
                      .info = info,
                      .read =
                          [&field, info](std::string_view text) {
                            if (text.empty()) return field.reset();
                            T value{};
                            read_value(text, value);
                            require_in_range(static_cast<double>(value), info);
                            field = value;
                          },
                      .write = [&field] { return field ? write_value(*field) : std::string(); }});
}

void add_conversion(OptionSet& options, WeightsCommand& command) {
  WeightConversionOptions& c = command.conversion;
  options.group("Conversion");
  options.add("labels", command.labels,
              {.effect = "what the classes are: cityscapes, camvid, or a dataset directory; files of Strata say it themselves"});
  options.add("network", c.network, {.effect = "network that all tensors must fit; none: the one that they fit, if any"});
  options.add_choice<std::optional<Width>>("width", c.width,
                                           {{"", std::nullopt},
                                            {"w16-tiny", Width::kW16Tiny},
                                            {"w18-small", Width::kW18Small},
                                            {"w18", Width::kW18},
                                            {"w32", Width::kW32},
                                            {"w48", Width::kW48}},
                                           {.effect = "width of its trunk; none: as told by the tensors"});
  add_optional(options, "align-corners", c.align_corners,
               {.effect = "how the network resizes; none: true for files of HRNet-OCR, false for all others"});
  add_optional(options, "partial", c.partial,
               {.effect = "share of the network's numbers that the file must have, the rest is initialised; none: all",
                .min = 0,
                .max = 1});
  options.add("seed", c.seed, {.effect = "of what --partial leaves to be initialised"});
}

void add_options(OptionSet& options, WeightsCommand& command) {
  switch (command.verb) {
    case WeightsCommand::Verb::kInfo:
      options.group("Report");
      options.add_switch("tensors", command.tensors, {TensorList::kLeftOut, TensorList::kShown},
                         {.effect = "list every tensor with its type and shape"});
      return;
    case WeightsCommand::Verb::kConvert:
      return add_conversion(options, command);
    case WeightsCommand::Verb::kCompare:
      options.group("Comparison");
      options.add("tolerance", command.tolerance, {.effect = "largest difference of two numbers that counts as none", .min = 0});
      return;
    case WeightsCommand::Verb::kModels:
      return;
  }
}

}  // namespace

std::optional<WeightsCommand> parse_weights_command(int argc, const char* const* argv) {
  VerbLine line;
  if (!read_verb(argc, argv, kProgram, line)) return std::nullopt;
  const VerbText& verb = kVerbs[line.verb];
  WeightsCommand command;
  command.verb = static_cast<WeightsCommand::Verb>(line.verb);
  OptionSet options;
  add_options(options, command);
  const std::string example = fmt::format("strata-weights {}", verb.usage);
  const ProgramText program = {.name = fmt::format("strata-weights {}", verb.name), .purpose = verb.purpose, .example = example};
  if (read_options(static_cast<int>(line.rest.size()), line.rest.data(), program, {}, options) == CommandLine::kAnswered)
    return std::nullopt;
  require_files(kProgram, line);
  const std::vector<std::string>& files = line.files;
  if (!files.empty()) command.first = command.conversion.input = files[0];
  if (files.size() > 1) command.second = command.conversion.output = files[1];
  if (command.verb == WeightsCommand::Verb::kConvert && command.second.extension() != ".safetensors")
    throw UsageError(fmt::format("{} does not end in .safetensors, which is what is written", command.second.string()));
  return command;
}

}  // namespace strata
