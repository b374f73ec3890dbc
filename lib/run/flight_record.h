#pragma once
// The last steps before whatever ended a process: a text file of fixed lines, rewritten in place, which a kill cannot take away.
//
//   strata flight record 1
//   now: step 1235, epoch 4, forward and backward, since 2026-01-31T12:00:01Z
//   step 1234, epoch 4: 1.21 s, loss 0.5123, gradient norm 2.31, at 2026-01-31T12:00:00Z
//   ...
//
// What was written belongs to the operating system at once and outlives the process, not the machine.

#include "base/file_descriptor.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace strata {

inline constexpr int kFlightSteps = 64;

struct FlightStep {
  uint64_t step = 0;
  uint64_t epoch = 0;
  double seconds = 0;
  double loss = 0;
  double gradient_norm = 0;
};

// Local. Watching must never end a run: a file that cannot be written is said once and then left alone.
class FlightRecord {
 public:
  // Begins the file anew.
  explicit FlightRecord(const std::filesystem::path& file);

  void note_step(const FlightStep& step);
  // What is being done, for the line "now".
  void note_now(const std::string& what);

 private:
  void write_line(int line, std::string text);

  std::filesystem::path path_;
  FileDescriptor file_;
};

// The line "now" and the steps by age, the newest last; nothing where there is no such file.
std::vector<std::string> read_flight_record(const std::filesystem::path& file);

}  // namespace strata
