#include "comm/stop.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>

namespace strata {
namespace {

// Exit code of a child process that does the work: signals are never forgotten, so every case wants a process of its own.
int code_of_child(const std::function<int()>& work) {
  const pid_t pid = fork();
  if (pid == 0) _exit(work());
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(Signals, EachStopSignalIsRememberedInsteadOfEndingTheProcess) {
  for (int number : {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGHUP}) {
    EXPECT_EQ(code_of_child([=] {
                install_signal_handlers();
                if (stop_signal() != 0) return 1;
                for (int i = 0; i < 3; ++i) raise(number);
                return stop_signal();
              }),
              number);
  }
}

TEST(Signals, TheFirstSignalIsKeptAlsoWhenHandlersAreInstalledAgain) {
  EXPECT_EQ(code_of_child([] {
              install_signal_handlers();
              raise(SIGUSR2);
              install_signal_handlers();
              raise(SIGTERM);
              return stop_signal();
            }),
            SIGUSR2);
}

TEST(Signals, ContIsHarmless) {
  EXPECT_EQ(code_of_child([] {
              install_signal_handlers();
              raise(SIGCONT);
              return stop_signal();
            }),
            0);
}

TEST(Signals, AFileSizeLimitIsReportedByWriteInsteadOfKilling) {
  EXPECT_EQ(code_of_child([] {
              install_signal_handlers();
              const rlimit limit{1, 1};
              setrlimit(RLIMIT_FSIZE, &limit);
              FILE* file = tmpfile();
              const char text[] = "longer than the limit";
              while (write(fileno(file), text, sizeof text) > 0) {
              }
              return errno == EFBIG ? 0 : 1;
            }),
            0);
}

TEST(Signals, AClosedPipeIsReportedByWriteInsteadOfKilling) {
  EXPECT_EQ(code_of_child([] {
              install_signal_handlers();
              int ends[2];
              if (pipe(ends) != 0) return 1;
              close(ends[0]);
              return write(ends[1], "x", 1) < 0 && errno == EPIPE ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace strata
