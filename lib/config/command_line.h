#pragma once
// From argv to filled option structs. The same for every executable: --help, --version [--verbose], --config FILE (repeatable,
// later wins),
// --print-config, --log-level; precedence default < file < command line.

#include "config/option_set.h"

#include <string>
#include <vector>

namespace strata {

struct ProgramText {
  std::string name;     // "strata-train"
  std::string purpose;  // one sentence
  std::string example;  // a whole command line
};

enum class CommandLine {
  kRun,       // options are filled: go on
  kAnswered,  // --help, --version or --print-config was answered on stdout: end with 0
};

// Adds --log-level to `options` (and sets the log's level), reads files and command line into the bound fields. `required`: keys
// that must have a value to run. UsageError (64) for what is wrong on the command line, ConfigError (78) naming file and line for
// what is wrong in a file, with the nearest known key; MissingInput (66) for a file that is not there. Local; needs neither MPI
// nor a device.
CommandLine read_options(int argc, const char* const* argv, const ProgramText& program, const std::vector<std::string>& required,
                         OptionSet& options);

}  // namespace strata
