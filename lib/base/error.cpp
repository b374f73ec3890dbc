#include "base/error.h"

namespace strata {

void throw_error(ExitCode code, const std::string& message, ErrorScope scope) {
  switch (code) {
    case ExitCode::kUsage:
      throw UsageError(message, scope);
    case ExitCode::kData:
      throw DataError(message, scope);
    case ExitCode::kMissingInput:
      throw MissingInput(message, scope);
    case ExitCode::kBusy:
      throw BusyError(message, scope);
    case ExitCode::kPeerLost:
      throw PeerLost(message, scope);
    case ExitCode::kCannotCreate:
      throw CannotCreate(message, scope);
    case ExitCode::kIo:
      throw IoError(message, scope);
    case ExitCode::kFormat:
      throw FormatError(message, scope);
    case ExitCode::kConfig:
      throw ConfigError(message, scope);
    case ExitCode::kDiverged:
      throw Diverged(message, scope);
    case ExitCode::kResume:
      throw Error(code, message, scope);  // stopped on request: no failure has this code
    case ExitCode::kDone:
    case ExitCode::kInternal:
      break;
  }
  throw InternalError(message, scope);
}

}  // namespace strata
