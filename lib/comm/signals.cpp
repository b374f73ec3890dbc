#include "comm/stop.h"

#include <atomic>
#include <csignal>

namespace strata {

namespace {

std::atomic<int> first_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

void remember(int number) {
  int none = 0;
  first_signal.compare_exchange_strong(none, number);
}

void set_handler(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, nullptr);  // fails only for numbers that are no signals
}

}  // namespace

void install_signal_handlers() {
  for (int number : {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP}) set_handler(number, remember);
  for (int number : {SIGXFSZ, SIGPIPE}) set_handler(number, SIG_IGN);
}

int stop_signal() { return first_signal.load(); }

}  // namespace strata
