#include "distributed/torch_warnings.h"

#include "base/log.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace strata {
namespace {

// The Reducer copies such a gradient instead of sharing its memory: a kernel of 1x1 whose strides of extent 1 are named
// otherwise.
constexpr std::array<std::string_view, 1> kHarmless = {"Grad strides do not match bucket view strides"};

class LogHandler : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override {
    const std::string& text = warning.msg();
    const auto within = [&](std::string_view known) { return text.find(known) != std::string::npos; };
    if (std::any_of(kHarmless.begin(), kHarmless.end(), within)) {
      log_debug("LibTorch: {}", text);
    } else {
      log_warning("LibTorch: {}", text);
    }
  }
};

}  // namespace

void log_torch_warnings() {
  static LogHandler handler;
  c10::WarningUtils::set_warning_handler(&handler);
}

}  // namespace strata
