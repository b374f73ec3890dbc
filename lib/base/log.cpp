#include "base/log.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/terminal.h"

#include <fcntl.h>
#include <unistd.h>
#include <boost/log/core.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/log/sinks/sync_frontend.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/log/sources/severity_logger.hpp>
#include <boost/make_shared.hpp>

#include <cerrno>
#include <cstring>
#include <mutex>

namespace strata {

namespace {

namespace logging = boost::log;

class StderrBackend : public logging::sinks::basic_formatted_sink_backend<char> {
 public:
  void consume(const logging::record_view&, const std::string& line) { write_terminal_line(line); }
};

class FileBackend : public logging::sinks::basic_formatted_sink_backend<char> {
 public:
  explicit FileBackend(FileDescriptor file) : file_(std::move(file)) {}
  void consume(const logging::record_view&, const std::string& line) {
    const std::string ended = line + '\n';
    [[maybe_unused]] const ssize_t ignored = ::write(file_.get(), ended.data(), ended.size());  // a log must not end a run
  }

 private:
  FileDescriptor file_;
};

class Log {
 public:
  static Log& instance() {
    static Log log;
    return log;
  }

  void configure(const LogOptions& options) {
    const std::lock_guard lock(mutex_);
    options_ = options;
  }
  LogOptions options() {
    const std::lock_guard lock(mutex_);
    return options_;
  }

  void add_file(const std::filesystem::path& path) {
    FileDescriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
    if (!file) {
      write(LogLevel::kWarning,
            fmt::format("no log file {}: {}. The log goes to stderr only", path.string(), std::strerror(errno)));
      return;
    }
    add_sink(boost::make_shared<FileBackend>(std::move(file)));
  }

  void write(LogLevel level, std::string_view text) {
    const LogOptions now = options();
    if (level < (now.rank > 0 ? std::max(now.level, LogLevel::kWarning) : now.level)) return;
    const std::string rank = now.ranks > 1 ? fmt::format(" [rank {}]", now.rank) : "";
    BOOST_LOG_SEV(logger_, level) << fmt::format("{} {}{} {}", local_time_text(), log_level_name(level), rank, text);
  }

 private:
  Log() { add_sink(boost::make_shared<StderrBackend>()); }

  template <typename Backend>
  void add_sink(boost::shared_ptr<Backend> backend) {
    // Without a formatter a sink writes the message alone, which is the whole line here.
    auto sink = boost::make_shared<logging::sinks::synchronous_sink<Backend>>(std::move(backend));
    logging::core::get()->add_sink(sink);
  }

  std::mutex mutex_;
  LogOptions options_;
  logging::sources::severity_logger_mt<LogLevel> logger_;
};

}  // namespace

std::string_view log_level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "?";
}

LogLevel parse_log_level(std::string_view name) {
  for (LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (name == log_level_name(level)) return level;
  }
  throw UsageError(fmt::format("unknown log level '{}': use debug, info, warning or error", name));
}

void configure_log(const LogOptions& options) { Log::instance().configure(options); }
LogOptions log_options() { return Log::instance().options(); }
void log_also_to(const std::filesystem::path& file) { Log::instance().add_file(file); }
void log_line(LogLevel level, std::string_view text) { Log::instance().write(level, text); }

}  // namespace strata
