#include "comm/agreement.h"

#include "base/main.h"
#include "base/process_info.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {

namespace {

std::optional<Outcome> failure_of(const Communicator& comm, const std::function<void()>& work) {
  Outcome failure;
  try {
    work();
    return std::nullopt;
  } catch (const Error& e) {
    failure = {e.code(), e.what()};
    if (e.scope() == ErrorScope::kAllRanks) return failure;
  } catch (...) {
    failure = outcome_of(std::current_exception());
  }
  if (comm.size() > 1) failure.message = fmt::format("rank {} on {}: {}", comm.rank(), host_name(), failure.message);
  return failure;
}

}  // namespace

void agree(const Communicator& comm, const std::function<void()>& work) {
  const std::optional<Outcome> failure = failure_of(comm, work);
  const int64_t first = comm.min(int64_t{failure ? comm.rank() : comm.size()});
  if (first == comm.size()) return;
  const int root = static_cast<int>(first);
  const int64_t code = comm.broadcast(failure ? static_cast<int64_t>(failure->code) : 0, root);
  const std::string message = comm.broadcast(failure ? failure->message : std::string(), root);
  throw_error(static_cast<ExitCode>(code), message, ErrorScope::kAllRanks);
}

void on_root(const Communicator& comm, const std::function<void()>& work) {
  agree(comm, [&] {
    if (comm.is_root()) work();
  });
}

}  // namespace strata
