#include "base/main.h"

#include "base/files.h"
#include "base/terminal.h"

#include <fmt/format.h>

#include <new>

namespace strata {

namespace {

// What std::filesystem throws is a failed call like those of base/files.h.
Outcome outcome_of_files(const fs::filesystem_error& error) {
  try {
    throw_errno(error.code().value(), "access", error.path1());
  } catch (const Error& named) {
    return {named.code(), named.what()};
  }
}

}  // namespace

Outcome outcome_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& e) {
    return {e.code(), e.what()};
  } catch (const fs::filesystem_error& e) {
    return outcome_of_files(e);
  } catch (const std::bad_alloc&) {
    return {ExitCode::kInternal,
            "out of memory. Ask for more (--mem in Slurm), or use smaller crops, a smaller micro_batch, fewer worker threads or "
            "less prefetch"};
  } catch (const std::exception& e) {
    return {ExitCode::kInternal,
            fmt::format("unexpected: {}. This is a bug of the program: please report it with the command line", e.what())};
  } catch (...) {
    return {ExitCode::kInternal,
            "unexpected exception of unknown type. This is a bug of the program: please report it with the command line"};
  }
}

void print_error(const std::string& message) { write_terminal_line("error: " + message); }

int run_main(const std::function<ExitCode()>& body) {
  try {
    return static_cast<int>(body());
  } catch (...) {
    const Outcome outcome = outcome_of(std::current_exception());
    print_error(outcome.message);
    return static_cast<int>(outcome.code);
  }
}

}  // namespace strata
