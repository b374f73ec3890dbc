#include "config/verb_line.h"

#include "base/error.h"
#include "config/nearest.h"
#include "config/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace strata {

namespace {

std::string all_verbs(const VerbProgram& program) {
  std::string text;
  for (const VerbText& verb : program.verbs) text += fmt::format("  {} {:<34} {}\n", program.name, verb.usage, verb.purpose);
  return text;
}

size_t find_verb(const VerbProgram& program, const std::string& name) {
  std::vector<std::string> names;
  for (size_t i = 0; i < program.verbs.size(); ++i) {
    if (name == program.verbs[i].name) return i;
    names.emplace_back(program.verbs[i].name);
  }
  const auto nearest = nearest_key(name, names);
  throw UsageError(fmt::format("'{}' is none of the things that {} does{}\n{}", name, program.name,
                               nearest ? fmt::format("; did you mean '{}'?", *nearest) : ":", all_verbs(program)));
}

bool is_option(std::string_view word) { return word.starts_with("-"); }

}  // namespace

bool read_verb(int argc, const char* const* argv, const VerbProgram& program, VerbLine& line) {
  if (argc < 2) throw UsageError(fmt::format("{} wants to be told what to do:\n{}", program.name, all_verbs(program)));
  const std::string first = argv[1];
  if (first == "--help" || first == "-h" || first == "--version") {
    const std::string help =
        fmt::format("{} - {}\n\n{}\nEach has its own --help.\n", program.name, program.purpose, all_verbs(program));
    std::fputs((first == "--version" ? fmt::format("{} {}", program.name, version_text()) : help).c_str(), stdout);
    return false;
  }
  line.verb = find_verb(program, first);
  const char* const* const options_begin = std::find_if(argv + 2, argv + argc, is_option);
  line.files.assign(argv + 2, options_begin);
  line.rest = {argv[0]};
  line.rest.insert(line.rest.end(), options_begin, argv + argc);
  return true;
}

void require_files(const VerbProgram& program, const VerbLine& line) {
  const VerbText& verb = program.verbs[line.verb];
  if (line.files.size() == verb.files) return;
  throw UsageError(fmt::format("{} files were given, {} are wanted, before any option:\n  {} {}", line.files.size(), verb.files,
                               program.name, verb.usage));
}

}  // namespace strata
