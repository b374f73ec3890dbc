#pragma once
// A checkpoint that rank 0 has read, on every rank.

#include "comm/communicator.h"
#include "training/checkpoint_store.h"

#include <optional>

namespace strata {

// Collective. Root's value everywhere, bit for bit; tensors on the CPU. What other ranks pass is ignored.
std::optional<Checkpoint> broadcast_checkpoint(std::optional<Checkpoint> checkpoint, const Communicator& world);

}  // namespace strata
