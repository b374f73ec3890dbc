#pragma once
// Arguments of the programs here: key=value, each key with a default.

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace strata {

using Arguments = std::map<std::string, std::string>;

// `defaults` with what the command line says; an unknown argument ends the program with 64.
inline Arguments read_arguments(Arguments given, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=');
    if (equals == std::string::npos || !given.contains(argument.substr(0, equals))) {
      std::fprintf(stderr, "unknown argument %s\n", argv[i]);
      std::exit(64);
    }
    given[argument.substr(0, equals)] = argument.substr(equals + 1);
  }
  return given;
}

}  // namespace strata
