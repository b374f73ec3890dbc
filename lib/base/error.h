#pragma once
// Exit codes and the exception type behind each. Libraries throw; each executable's main catches once (base/main.h).

#include <stdexcept>
#include <string>

namespace strata {

// What a batch script may read from `$?`. Agreed over all ranks before anyone exits.
enum class ExitCode : int {
  kDone = 0,
  kUsage = 64,         // bad command line
  kData = 65,          // input invalid beyond the allowed number
  kMissingInput = 66,  // a file or shard is not there
  kBusy = 69,          // the run directory is owned by a live job
  kInternal = 70,      // a bug of ours
  kPeerLost = 71,      // a rank died or stalled, or no progress in three starts
  kCannotCreate = 73,  // output not writable, or exists and is not ours
  kIo = 74,            // disk full, quota, I/O error
  kResume = 75,        // stopped early with a committed checkpoint: submit again
  kFormat = 76,        // wrong version, or damaged with nothing older to use
  kConfig = 78,        // configuration
  kDiverged = 79,      // non-finite losses beyond the limit
};

// Which ranks throw this error. comm's agree() makes one of a single rank one of all ranks; who ends the process asks
// (comm/mpi_main.h).
enum class ErrorScope { kOneRank, kAllRanks };

// Base of all errors of the project. The message says what is wrong and where, why it matters, and what to do.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message, ErrorScope scope = ErrorScope::kOneRank)
      : std::runtime_error(message), code_(code), scope_(scope) {}
  ExitCode code() const { return code_; }
  ErrorScope scope() const { return scope_; }

 private:
  ExitCode code_;
  ErrorScope scope_;
};

template <ExitCode kCode>
class ErrorOf : public Error {
 public:
  explicit ErrorOf(const std::string& message, ErrorScope scope = ErrorScope::kOneRank) : Error(kCode, message, scope) {}
};

using UsageError = ErrorOf<ExitCode::kUsage>;
using DataError = ErrorOf<ExitCode::kData>;
using MissingInput = ErrorOf<ExitCode::kMissingInput>;
using BusyError = ErrorOf<ExitCode::kBusy>;
using InternalError = ErrorOf<ExitCode::kInternal>;
using PeerLost = ErrorOf<ExitCode::kPeerLost>;
using CannotCreate = ErrorOf<ExitCode::kCannotCreate>;
using IoError = ErrorOf<ExitCode::kIo>;
using FormatError = ErrorOf<ExitCode::kFormat>;
using ConfigError = ErrorOf<ExitCode::kConfig>;
using Diverged = ErrorOf<ExitCode::kDiverged>;

// Throws the type above that belongs to the code (kResume: a plain Error; kDone: InternalError).
[[noreturn]] void throw_error(ExitCode code, const std::string& message, ErrorScope scope);

}  // namespace strata
