#pragma once
// Small changes to .pth files that keep most of their structure: what damages and attackers leave.

#include "base/random.h"
#include "lib/models/pth_writer.h"

#include <string>

namespace strata::testing {

// The file of a checkpoint with something changed in instructions, storages or container; the container is right around changed
// instructions and storages. The same stream gives the same file.
std::string mutated_file(const SmallCheckpoint& checkpoint, PthForm form, RandomStream& random);

}  // namespace strata::testing
