#pragma once
// How far the work is: a bar on a terminal, else a line in the log once a minute and one at the end.

#include <cstdint>
#include <string>
#include <string_view>

namespace strata {

struct ProgressOptions {
  std::string title;  // "train"
  std::string unit = "steps";
  uint64_t total = 0;  // units of the whole work
  uint64_t done = 0;   // units done before this process began: rate and time left are of this process
  enum class Show { kYes, kNo } show = Show::kYes;  // kNo on ranks above 0: all calls do nothing
};

class Progress {
 public:
  explicit Progress(ProgressOptions options);
  ~Progress();  // takes the bar away; says nothing
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap: draws ten times a second at most. `note` stands at the end ("loss 0.512").
  void update(uint64_t done, std::string_view note = "");
  // The last line, in the log.
  void finish(std::string_view note = "");

 private:
  ProgressOptions options_;
  bool on_terminal_;
  double begun_;
  double next_;  // monotonic time of the next drawing
  uint64_t done_;
};

// "train [#####...............] 120/480 steps, 2.50/s, 0:02:24 left, loss 0.512"; without the bar where `bar_width` is 0. Time
// left is unknown until something was done in `seconds`.
std::string progress_text(const ProgressOptions& options, uint64_t done, double seconds, int bar_width);

}  // namespace strata
