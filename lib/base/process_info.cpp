#include "base/process_info.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string_view>

namespace strata {

namespace {

// The rest of the first line that begins with `key`, without blanks and the colon before it.
std::optional<std::string> line_of(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    const size_t begin = line.find_first_not_of(" \t:", key.size());
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return std::nullopt;
}

}  // namespace

std::string host_name() {
  char name[256] = "";
  return gethostname(name, sizeof name - 1) == 0 ? name : "unknown host";
}

std::string boot_id() { return line_of("/proc/sys/kernel/random/boot_id", "").value_or(""); }

CpuInfo cpu_info() {
  CpuInfo info;
  info.model = line_of("/proc/cpuinfo", "model name").value_or("unknown CPU");
  const std::string flags = " " + line_of("/proc/cpuinfo", "flags").value_or("") + " ";
  const auto has = [&](const char* flag) { return flags.find(fmt::format(" {} ", flag)) != std::string::npos; };
  info.isa = has("avx512f") ? "avx512" : has("avx2") ? "avx2" : "baseline";
  return info;
}

std::vector<int> usable_cores() {
  for (int size = CPU_SETSIZE;; size *= 2) {  // the kernel refuses masks smaller than its own
    cpu_set_t* mask = CPU_ALLOC(size);
    if (!mask) return {};
    const size_t bytes = CPU_ALLOC_SIZE(size);
    const bool known = sched_getaffinity(0, bytes, mask) == 0;
    const bool too_small = !known && errno == EINVAL && size < (1 << 20);
    std::vector<int> cores;
    for (int core = 0; known && core < size; ++core) {
      if (CPU_ISSET_S(core, bytes, mask)) cores.push_back(core);
    }
    CPU_FREE(mask);
    if (!too_small) return cores;
  }
}

std::string core_list_text(const std::vector<int>& cores) {
  std::string text;
  for (size_t i = 0; i < cores.size();) {
    size_t last = i;
    while (last + 1 < cores.size() && cores[last + 1] == cores[last] + 1) ++last;
    if (i > 0) text += ',';
    text += last > i ? fmt::format("{}-{}", cores[i], cores[last]) : fmt::format("{}", cores[i]);
    i = last + 1;
  }
  return text;
}

uint64_t peak_resident_bytes() {
  const std::string kilobytes = line_of("/proc/self/status", "VmHWM").value_or("0");
  return std::strtoull(kilobytes.c_str(), nullptr, 10) * 1024;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace strata
