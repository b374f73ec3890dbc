#include "comm/agreement.h"

#include "base/process_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

namespace strata {

namespace {

struct Failure {
  ExitCode code;
  std::string message;
};

std::optional<Failure> failure_of(const Communicator& comm, const std::function<void()>& work) {
  const auto here = [&](const char* what) {
    return comm.size() > 1 ? fmt::format("rank {} on {}: {}", comm.rank(), host_name(), what) : std::string(what);
  };
  try {
    work();
  } catch (const Error& e) {
    return Failure{e.code(), e.scope() == ErrorScope::kAllRanks ? e.what() : here(e.what())};
  } catch (const std::bad_alloc&) {
    return Failure{ExitCode::kInternal, here("out of memory")};
  } catch (const std::exception& e) {
    return Failure{ExitCode::kInternal, here(e.what())};
  }
  return std::nullopt;
}

}  // namespace

void agree(const Communicator& comm, const std::function<void()>& work) {
  const std::optional<Failure> failure = failure_of(comm, work);
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
