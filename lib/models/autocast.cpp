#include "models/autocast.h"

#include <ATen/autocast_mode.h>

namespace strata {

std::string precision_name(Precision precision) {
  return precision == Precision::kFp32 ? "fp32" : precision == Precision::kBf16 ? "bf16" : "fp16";
}

Autocast::Autocast(Precision precision, torch::Device device)
    : device_(device.type()),
      was_enabled_(at::autocast::is_autocast_enabled(device_)),
      was_cached_(at::autocast::is_autocast_cache_enabled()),
      was_type_(at::autocast::get_autocast_dtype(device_)) {
  at::autocast::set_autocast_enabled(device_, precision != Precision::kFp32);
  at::autocast::set_autocast_cache_enabled(false);
  if (precision != Precision::kFp32) {
    at::autocast::set_autocast_dtype(device_, precision == Precision::kBf16 ? torch::kBFloat16 : torch::kHalf);
  }
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, was_enabled_);
  at::autocast::set_autocast_cache_enabled(was_cached_);
  at::autocast::set_autocast_dtype(device_, was_type_);
}

Precision Autocast::current(torch::Device device) {
  if (!at::autocast::is_autocast_enabled(device.type())) return Precision::kFp32;
  return at::autocast::get_autocast_dtype(device.type()) == torch::kHalf ? Precision::kFp16 : Precision::kBf16;
}

}  // namespace strata
