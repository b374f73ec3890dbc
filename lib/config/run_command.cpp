#include "config/run_command.h"

#include "comm/stop.h"
#include "config/command_line.h"
#include "config/verb_line.h"

#include <array>
#include <string>

namespace strata {

namespace {

constexpr std::array<VerbText, 2> kVerbs = {
    {{"status", 1, "status RUN", "what happened, how far it is, when it will be done, how many more jobs that takes."},
     {"compare", 2, "compare RUN RUN", "what differs in settings and numbers, and which is better and faster."}}};
constexpr VerbProgram kProgram = {"strata-run", "run directories, from their files alone: safe on a login node.", kVerbs};

void add_options(OptionSet& options, RunCommand& command) {
  if (command.verb != RunCommand::Verb::kStatus) return;
  options.group("Forecast");
  options.add("time-limit", command.time_limit,
              {.effect = "length of the jobs to come, D-HH:MM:SS, H:MM:SS or MM:SS; none: that of the newest start"});
}

}  // namespace

std::optional<RunCommand> parse_run_command(int argc, const char* const* argv) {
  VerbLine line;
  if (!read_verb(argc, argv, kProgram, line)) return std::nullopt;
  const VerbText& verb = kVerbs[line.verb];
  RunCommand command;
  command.verb = line.verb == 0 ? RunCommand::Verb::kStatus : RunCommand::Verb::kCompare;
  OptionSet options;
  add_options(options, command);
  const std::string name = std::string(kProgram.name) + " " + verb.name, example = std::string(kProgram.name) + " " + verb.usage;
  const ProgramText program = {.name = name, .purpose = verb.purpose, .example = example};
  if (read_options(static_cast<int>(line.rest.size()), line.rest.data(), program, {}, options) == CommandLine::kAnswered)
    return std::nullopt;
  require_files(kProgram, line);
  command.first = line.files[0];
  if (line.files.size() > 1) command.second = line.files[1];
  if (!command.time_limit.empty()) command.job_seconds = parse_duration(command.time_limit);
  return command;
}

}  // namespace strata
