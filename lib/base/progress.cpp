#include "base/progress.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/terminal.h"

#include <algorithm>

namespace strata {

namespace {

constexpr double kSecondsPerDrawing = 0.1, kSecondsPerLine = 60;
constexpr int kBarWidth = 24;

std::string with_note(std::string text, std::string_view note) {
  if (!note.empty()) text.append(", ").append(note);
  return text;
}

}  // namespace

std::string progress_text(const ProgressOptions& options, uint64_t done, double seconds, int bar_width) {
  std::string text = options.title;
  if (bar_width > 0 && options.total > 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(options.total));
    const auto filled = static_cast<size_t>(share * bar_width);
    text += fmt::format(" [{}{}]", std::string(filled, '#'), std::string(static_cast<size_t>(bar_width) - filled, '.'));
  }
  text += fmt::format(" {}/{} {}", done, options.total, options.unit);
  if (done <= options.done || seconds <= 0) return text;
  const double rate = static_cast<double>(done - options.done) / seconds;
  text += rate >= 1 ? fmt::format(", {:.2f}/s", rate) : fmt::format(", {:.2f} s each", 1 / rate);
  if (done < options.total) text += fmt::format(", {} left", readable_duration(static_cast<double>(options.total - done) / rate));
  return text;
}

Progress::Progress(ProgressOptions options)
    : options_(std::move(options)),
      on_terminal_(options_.show == ProgressOptions::Show::kYes && stderr_is_terminal()),
      begun_(monotonic_seconds()),
      next_(begun_ + (on_terminal_ ? 0 : kSecondsPerLine)),
      done_(options_.done) {}

Progress::~Progress() {
  if (on_terminal_) set_status_line("");
}

void Progress::update(uint64_t done, std::string_view note) {
  done_ = done;
  const double now = monotonic_seconds();
  if (options_.show == ProgressOptions::Show::kNo || now < next_) return;
  next_ = now + (on_terminal_ ? kSecondsPerDrawing : kSecondsPerLine);
  const std::string text = with_note(progress_text(options_, done, now - begun_, on_terminal_ ? kBarWidth : 0), note);
  if (on_terminal_) {
    set_status_line(text.substr(0, static_cast<size_t>(terminal_columns()) - 1));  // a line that wraps cannot be cleared
  } else {
    log_info("{}", text);
  }
}

void Progress::finish(std::string_view note) {
  if (options_.show == ProgressOptions::Show::kNo) return;
  if (on_terminal_) set_status_line("");
  const double seconds = monotonic_seconds() - begun_;
  log_info("{} in {}", with_note(progress_text(options_, done_, seconds, 0), note), readable_duration(seconds));
}

}  // namespace strata
