#include "config/verbs.h"

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
  for (const Verb& verb : program.verbs) text += fmt::format("  {} {:<34} {}\n", program.name, verb.usage, verb.purpose);
  return text;
}

const Verb& find_verb(const std::string& name, const VerbProgram& program) {
  std::vector<std::string> names;
  for (const Verb& verb : program.verbs) {
    if (name == verb.name) return verb;
    names.emplace_back(verb.name);
  }
  const auto nearest = nearest_key(name, names);
  throw UsageError(fmt::format("'{}' is none of the things that {} does{}\n{}", name, program.name,
                               nearest ? fmt::format("; did you mean '{}'?", *nearest) : ":", all_verbs(program)));
}

bool is_question(std::string_view argument) { return argument == "--help" || argument == "-h" || argument == "--version"; }

}  // namespace

std::optional<VerbLine> read_verb(int argc, const char* const* argv, const VerbProgram& program) {
  const std::span<const char* const> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) throw UsageError(fmt::format("{} wants to be told what to do:\n{}", program.name, all_verbs(program)));
  const std::string first = words.front();
  if (is_question(first)) {
    const std::string help =
        fmt::format("{} - {}\n\n{}\nEach has its own --help.\n", program.name, program.purpose, all_verbs(program));
    std::fputs((first == "--version" ? fmt::format("{} {}", program.name, version_text()) : help).c_str(), stdout);
    return std::nullopt;
  }
  VerbLine line;
  line.verb = &find_verb(first, program);
  line.program = fmt::format("{} {}", program.name, line.verb->name);
  line.example = fmt::format("{} {}", program.name, line.verb->usage);
  const auto options = std::find_if(words.begin() + 1, words.end(), [](std::string_view word) { return word.starts_with("-"); });
  line.files.assign(words.begin() + 1, options);
  line.rest = {argv[0]};
  line.rest.insert(line.rest.end(), options, words.end());
  return line;
}

void require_files(const VerbLine& line) {
  if (line.files.size() == line.verb->files) return;
  throw UsageError(fmt::format("{} files were given, {} are wanted, before any option:\n  {}", line.files.size(),
                               line.verb->files, line.example));
}

}  // namespace strata
