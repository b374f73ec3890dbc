#pragma once
// The one place where errors of a program end.

#include "base/error.h"

#include <exception>
#include <functional>
#include <string>

namespace strata {

// Runs the body; its code is the process's exit code. What it throws is printed as "error: ..." on stderr, with the code of the
// Error, or of the failed call where std::filesystem throws; other exceptions are bugs and give 70, out of memory too, with a
// sentence of its own. Programs with ranks: comm/mpi_main.h.
int run_main(const std::function<ExitCode()>& body);

struct Outcome {
  ExitCode code = ExitCode::kInternal;
  std::string message;
};
// Code and sentence of an exception.
Outcome outcome_of(const std::exception_ptr& error);

// "error: ..." on stderr; a closed or full stderr is ignored.
void print_error(const std::string& message);

}  // namespace strata
