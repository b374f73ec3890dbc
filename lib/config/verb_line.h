#pragma once
// "PROGRAM VERB FILE... --options": what programs that do several things have in common.

#include <span>
#include <string>
#include <vector>

namespace strata {

struct VerbText {
  const char* name;
  size_t files;         // that stand between verb and options
  const char* usage;    // "convert FILE.pth NEW.safetensors"
  const char* purpose;  // one sentence
};

struct VerbLine {
  size_t verb = 0;  // index in the list of verbs
  std::vector<std::string> files;
  std::vector<const char*> rest;  // the program and the options, into argv
};

struct VerbProgram {
  const char* name;
  const char* purpose;
  std::span<const VerbText> verbs;
};

// False where --help or --version was answered. UsageError where there is no verb or an unknown one; lists them.
bool read_verb(int argc, const char* const* argv, const VerbProgram& program, VerbLine& line);
// UsageError where other than the verb's number of files were given.
void require_files(const VerbProgram& program, const VerbLine& line);

}  // namespace strata
