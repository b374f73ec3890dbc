#pragma once
// Whether the disks of this process get on: a slow one is told from one that does not answer.

#include <cstdint>

namespace strata {

// Bytes written and read so far by write_all() and read_some() (base/file_descriptor.h). From any thread.
uint64_t bytes_to_and_from_disk();

}  // namespace strata
