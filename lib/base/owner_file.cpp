#include "base/owner_file.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/files.h"
#include "base/log.h"
#include "base/process_info.h"
#include "base/temporary_name.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

namespace strata {

namespace {

constexpr std::string_view kPrefix = "owner-", kSuffix = ".json";
constexpr std::string_view kReleased = "released  ";  // as long as a beat, so that a file can be rewritten in place

// Who owns a directory. Plain numbers and text, so that any version reads any other.
struct Owner {
  std::string host, boot, pid_namespace, job, token, heartbeat;
  int64_t pid = 0, process_start = 0, restarts = 0;
};

struct NumberedOwner {
  uint64_t number = 0;
  fs::path path;
  Owner owner;
};

std::string namespace_of_pids() {
  std::error_code unknown;
  return fs::read_symlink("/proc/self/ns/pid", unknown).string();
}

// Clock ticks from boot to the start of a process; 0 where there is no such process.
int64_t process_start(int64_t pid) {
  try {
    const std::string stat = read_text_file(fmt::format("/proc/{}/stat", pid));
    size_t at = stat.rfind(')');  // the name before it may hold blanks
    for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
    return at == std::string::npos ? 0 : std::atoll(stat.c_str() + at);
  } catch (const Error&) {
    return 0;
  }
}

std::string random_token() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

Owner this_process() {
  Owner owner;
  owner.host = host_name();
  owner.boot = boot_id();
  owner.pid_namespace = namespace_of_pids();
  owner.pid = getpid();
  owner.process_start = process_start(owner.pid);
  owner.job = environment("SLURM_JOB_ID");
  owner.restarts = std::atoll(environment("SLURM_RESTART_COUNT").c_str());
  owner.token = random_token();
  owner.heartbeat = fmt::format("{:010}", 0);
  return owner;
}

std::string to_text(const Owner& o) {
  return nlohmann::ordered_json{
             {"heartbeat", o.heartbeat},        {"host", o.host}, {"pid", o.pid},     {"job", o.job},
             {"restarts", o.restarts},          {"boot", o.boot}, {"token", o.token}, {"process_start", o.process_start},
             {"pid_namespace", o.pid_namespace}}
             .dump(1) +
         "\n";
}

// Nothing where the file vanished meanwhile; an owner without a name and a heartbeat where the file is damaged. BusyError where
// it may not be read: another user's job may be alive.
std::optional<Owner> read_owner(const fs::path& path) {
  Owner owner;
  try {
    const auto json = nlohmann::json::parse(read_text_file(path));
    json.at("heartbeat").get_to(owner.heartbeat);
    json.at("host").get_to(owner.host);
    json.at("pid").get_to(owner.pid);
    json.at("job").get_to(owner.job);
    json.at("restarts").get_to(owner.restarts);
    json.at("boot").get_to(owner.boot);
    json.at("token").get_to(owner.token);
    json.at("process_start").get_to(owner.process_start);
    json.at("pid_namespace").get_to(owner.pid_namespace);
  } catch (const MissingInput& e) {
    if (!fs::exists(path)) return std::nullopt;
    throw BusyError(fmt::format("{}. It says who owns the run directory: ask its owner, or use another directory", e.what()));
  } catch (const nlohmann::json::exception&) {
    return Owner{};
  }
  return owner;
}

std::optional<uint64_t> number_of(const fs::path& path) {
  const std::string name = path.filename().string();
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix) || name.size() <= kPrefix.size() + kSuffix.size())
    return std::nullopt;
  uint64_t number = 0;
  const char* end = name.data() + name.size() - kSuffix.size();
  const auto [rest, error] = std::from_chars(name.data() + kPrefix.size(), end, number);
  return error == std::errc() && rest == end ? std::optional(number) : std::nullopt;
}

fs::path path_of(const fs::path& directory, uint64_t number) {
  return directory / fmt::format("{}{:06}{}", kPrefix, number, kSuffix);
}

std::vector<uint64_t> owner_numbers(const fs::path& directory) {
  std::vector<uint64_t> numbers;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (const auto number = number_of(entry->path())) numbers.push_back(*number);
  }
  if (error) throw_read_errno(error.value(), directory);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::optional<NumberedOwner> highest_owner(const fs::path& directory) {
  for (;;) {
    const std::vector<uint64_t> numbers = owner_numbers(directory);
    if (numbers.empty()) return std::nullopt;
    NumberedOwner found{numbers.back(), path_of(directory, numbers.back()), {}};
    if (auto owner = read_owner(found.path)) {  // else it was removed by a successor: look again
      found.owner = std::move(*owner);
      return found;
    }
  }
}

bool is_gone(const Owner& owner) {
  if (owner.heartbeat == kReleased) return true;
  const Owner self = this_process();
  if (!owner.job.empty() && owner.job == self.job && self.restarts > owner.restarts) return true;
  const bool visible =
      owner.host == self.host && owner.boot == self.boot && !owner.boot.empty() && owner.pid_namespace == self.pid_namespace;
  return visible &&
         process_start(owner.pid) != owner.process_start;  // another start time: the number was given to another process
}

double heartbeat_age(const fs::path& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? std::max(0.0, unix_seconds() - static_cast<double>(info.st_mtime)) : 0;
}

std::string description(const NumberedOwner& found) {
  const double age = heartbeat_age(found.path);
  const Owner& o = found.owner;
  if (o.host.empty())
    return fmt::format("somebody whose owner file {} is damaged, written {:.0f} s ago", found.path.filename().string(), age);
  return fmt::format("{}process {} on {}, last heartbeat {:.0f} s ago", o.job.empty() ? "" : fmt::format("job {}, ", o.job),
                     o.pid, o.host, age);
}

// Creates the file with this content if nobody has. link(2) is one step also on file systems over the network; its result can get
// lost on the way, the number of links cannot.
bool create_alone(const fs::path& path, const std::string& text) {
  const fs::path temporary = path.string() + temporary_suffix();
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) throw_errno(errno, "create", temporary);
  struct Remover {
    const fs::path& path;
    ~Remover() { ::unlink(path.c_str()); }
  } remover{temporary};
  write_all(file, std::as_bytes(std::span(text)), temporary);
  sync_and_close(std::move(file), temporary);
  const int error = ::link(temporary.c_str(), path.c_str()) == 0 ? 0 : errno;
  struct stat info {};
  if (::stat(temporary.c_str(), &info) == 0 && info.st_nlink == 2) return true;
  if (error != EEXIST && error != 0) throw_errno(error, "create", path);
  return false;
}

}  // namespace

OwnerFile::OwnerFile(fs::path directory, OwnerOptions options) : directory_(std::move(directory)), options_(std::move(options)) {
  while (!try_to_own()) {
  }
  heart_ = std::thread([this] { beat_until_told(); });
}

OwnerFile::~OwnerFile() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  heart_.join();
  write_beat(std::string(kReleased));
}

// False where another process was faster: then look again at who owns the directory.
bool OwnerFile::try_to_own() {
  const std::optional<NumberedOwner> before = highest_owner(directory_);
  if (before && !is_gone(before->owner)) wait_for(before->path);
  if (before && before->owner.heartbeat != kReleased)
    log_warning("taking over {} from {}", directory_.string(), description(*before));

  const Owner self = this_process();
  const uint64_t number = before ? before->number + 1 : 1;
  const fs::path path = path_of(directory_, number);
  if (!create_alone(path, to_text(self))) return false;
  path_ = path;
  token_ = self.token;
  // A listing taken while others came and went may have missed the highest number.
  const std::vector<uint64_t> numbers = owner_numbers(directory_);
  if (numbers.empty() || numbers.back() != number) {
    ::unlink(path.c_str());
    return false;
  }
  for (uint64_t older : numbers) {
    if (older < number) ::unlink(path_of(directory_, older).c_str());
  }
  return true;
}

// Returns when the owner's heartbeat stood still for the whole patience, or another owner came.
void OwnerFile::wait_for(const fs::path& path) const {
  std::string heartbeat;
  const double deadline = monotonic_seconds() + options_.patience_seconds;
  for (bool first = true; monotonic_seconds() < deadline; first = false) {
    const std::optional<Owner> owner = read_owner(path);
    if (!owner || is_gone(*owner)) return;
    if (!first && owner->heartbeat != heartbeat) {
      throw BusyError(fmt::format(
          "{} is owned by a live job: {}. Two jobs writing there would damage the run; wait for it, cancel it, or use another "
          "run directory",
          directory_.string(), description({0, path, *owner})));
    }
    if (first) {
      heartbeat = owner->heartbeat;
      log_info("{} is owned by {}; watching its heartbeat for up to {:.0f} s", directory_.string(),
               description({0, path, *owner}), options_.patience_seconds);
    }
    if (options_.stop_waiting()) {
      throw Error(ExitCode::kResume, fmt::format("stopped while waiting for {} to be free", directory_.string()));
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(0.1, options_.patience_seconds / 20)));
  }
}

bool OwnerFile::still_mine() const {
  const std::optional<NumberedOwner> now = highest_owner(directory_);
  return now && now->owner.token == token_;
}

void OwnerFile::require_mine() const {
  const std::optional<NumberedOwner> now = highest_owner(directory_);
  if (now && now->owner.token == token_) return;
  throw BusyError(fmt::format(
      "{} was taken over by {}: this process had stood still too long. It ends without writing; the run goes on there",
      directory_.string(), now ? description(*now) : "somebody who removed the owner file"));
}

void OwnerFile::beat_until_told() {
  std::unique_lock lock(mutex_);
  for (uint64_t beat = 1;
       !wake_.wait_for(lock, std::chrono::duration<double>(options_.heartbeat_seconds), [&] { return ending_; }); ++beat) {
    write_beat(fmt::format("{:010}", beat % 10'000'000'000));
  }
}

// In place: a file that a successor has removed stays removed. A beat that cannot be written is only said: at worst the directory
// is taken over.
void OwnerFile::write_beat(const std::string& beat) {
  const std::string begin = "{\n \"heartbeat\": \"";  // as to_text() writes it
  const FileDescriptor file(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  const bool written =
      file &&
      ::pwrite(file.get(), beat.data(), beat.size(), static_cast<off_t>(begin.size())) == static_cast<ssize_t>(beat.size()) &&
      ::fdatasync(file.get()) == 0;
  if (!written && errno != ENOENT) log_warning("no heartbeat in {}: {}", path_.string(), std::strerror(errno));
}

std::optional<OwnerSight> look_at_owner(const fs::path& directory) {
  const std::optional<NumberedOwner> owner = highest_owner(directory);
  if (!owner) return std::nullopt;
  return OwnerSight{description(*owner), is_gone(owner->owner), heartbeat_age(owner->path)};
}

}  // namespace strata
