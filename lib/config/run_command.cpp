#include "config/run_command.h"

#include "comm/stop.h"
#include "config/command_line.h"
#include "config/verbs.h"

#include <array>

namespace strata {

namespace {

constexpr std::array<Verb, 2> kVerbs = {
    {{"status", 1, "status RUN", "what happened, how far it is, when it will be done, how many more jobs that takes."},
     {"compare", 2, "compare RUN RUN", "what differs in settings and numbers, and which is better and faster."}}};

void add_options(OptionSet& options, RunCommand& command) {
  if (command.verb != RunCommand::Verb::kStatus) return;
  options.group("Forecast");
  options.add("time-limit", command.time_limit,
              {.effect = "length of the jobs to come, D-HH:MM:SS, H:MM:SS or MM:SS; none: that of the newest start"});
}

}  // namespace

std::optional<RunCommand> parse_run_command(int argc, const char* const* argv) {
  const auto line =
      read_verb(argc, argv, {"strata-run", "run directories, from their files alone: safe on a login node.", kVerbs});
  if (!line) return std::nullopt;
  RunCommand command;
  command.verb = line->verb == &kVerbs[0] ? RunCommand::Verb::kStatus : RunCommand::Verb::kCompare;
  OptionSet options;
  add_options(options, command);
  const ProgramText program = {.name = line->program, .purpose = line->verb->purpose, .example = line->example};
  if (read_options(static_cast<int>(line->rest.size()), line->rest.data(), program, {}, options) == CommandLine::kAnswered)
    return std::nullopt;
  require_files(*line);
  command.first = line->files[0];
  if (line->files.size() > 1) command.second = line->files[1];
  if (!command.time_limit.empty()) command.job_seconds = parse_duration(command.time_limit);
  return command;
}

}  // namespace strata
