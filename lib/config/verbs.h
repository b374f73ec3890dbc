#pragma once
// Command lines of the form PROGRAM VERB FILE... OPTION...

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace strata {

struct Verb {
  const char* name;
  size_t files;  // wanted, before any option
  const char* usage;
  const char* purpose;  // a sentence
};

struct VerbProgram {
  const char* name;
  const char* purpose;
  std::span<const Verb> verbs;
};

struct VerbLine {
  const Verb* verb = nullptr;
  std::vector<std::filesystem::path> files;
  std::vector<const char*> rest;  // argv of what follows the files, for read_options()
  std::string program;            // "PROGRAM VERB"
  std::string example;            // "PROGRAM USAGE"
};

// Nothing where --help or --version was answered on stdout. UsageError lists the verbs where there is none, with the nearest
// known one. The number of files is to be checked by require_files(), after --help among the options was answered.
std::optional<VerbLine> read_verb(int argc, const char* const* argv, const VerbProgram& program);
// UsageError where there are more or fewer than the verb wants.
void require_files(const VerbLine& line);

}  // namespace strata
