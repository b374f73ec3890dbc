#include "lib/models/pth_mutation.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace strata::testing {

namespace {

using Instructions = std::vector<std::string>;

uint32_t length_at(const std::string& pickle, size_t at) {
  uint32_t length = 0;
  std::memcpy(&length, pickle.data() + at, sizeof length);
  return length;
}

// Bytes of the instruction at `at`, of those that the writer uses.
size_t instruction_length(const std::string& pickle, size_t at) {
  switch (static_cast<unsigned char>(pickle[at])) {
    case 0x80:
    case 'K':
      return 2;
    case 'M':
      return 3;
    case 'J':
      return 5;
    case 'G':
      return 9;
    case 0x8a:
      return 2 + static_cast<unsigned char>(pickle[at + 1]);
    case 'X':
      return 5 + length_at(pickle, at + 1);
    case 'c':
      return pickle.find('\n', pickle.find('\n', at) + 1) + 1 - at;
    default:
      return 1;
  }
}

Instructions instructions_of(const std::string& pickle) {
  Instructions instructions;
  for (size_t at = 0; at < pickle.size();) {
    const size_t length = instruction_length(pickle, at);
    instructions.push_back(pickle.substr(at, length));
    at += length;
  }
  return instructions;
}

template <typename Items>
const auto& any_of(const Items& items, RandomStream& random) {
  return items[random.below(items.size())];
}

std::string other_number(RandomStream& random) {
  constexpr std::array<int64_t, 14> kNumbers = {0, 1, -1, 2, 3, 7, 11, 12, 13, 255, 65536, INT32_MAX, INT64_MAX, INT64_MIN};
  return p_int(any_of(kNumbers, random));
}

std::string other_name(RandomStream& random) {
  static const std::vector<std::string> names = {p_global("posix", "system"),
                                                 p_global("builtins", "eval"),
                                                 p_global("torch", "DoubleStorage"),
                                                 p_global("torch", "BoolStorage"),
                                                 p_global("torch", "HalfStorage"),
                                                 p_global("torch._utils", "_rebuild_tensor"),
                                                 p_global("torch._utils", "_rebuild_tensor_v2"),
                                                 p_global("torch._utils", "_rebuild_parameter"),
                                                 p_global("torch", "Size"),
                                                 p_global("numpy", "dtype"),
                                                 p_global("collections", "OrderedDict")};
  return any_of(names, random);
}

std::string other_instruction(RandomStream& random) {
  static const std::string plain = "().NabetuQR]}s";
  switch (random.below(5)) {
    case 0:
      return other_number(random);
    case 1:
      return other_name(random);
    case 2:
      return std::string(1, "qhrj"[random.below(4)]) + std::string(1, static_cast<char>(random.below(16))) +
             (random.below(2) == 0 ? "" : std::string(3, '\0'));
    case 3:
      return std::string(1, static_cast<char>(0x85 + random.below(6)));
    default:
      return std::string(1, any_of(plain, random));
  }
}

void flip_byte(std::string& bytes, RandomStream& random) {
  if (!bytes.empty()) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
}

// A new argument for an instruction that has one.
void change_argument(std::string& instruction, RandomStream& random) {
  switch (instruction[0]) {
    case 'K':
    case 'M':
    case 'J':
      instruction = other_number(random);
      return;
    case 'c':
      instruction = other_name(random);
      return;
    case 'X':
      if (random.below(2) == 0) {
        std::string text = instruction.substr(5);
        flip_byte(text, random);
        instruction = p_text(text);
        return;
      }
      break;
    default:
      break;
  }
  flip_byte(instruction, random);
}

std::string mutated_pickle(const std::string& pickle, RandomStream& random) {
  Instructions instructions = instructions_of(pickle);
  const uint64_t changes = 1 + random.below(3);
  for (uint64_t i = 0; i < changes; ++i) {
    const size_t at = 1 + random.below(instructions.size() - 1), other = 1 + random.below(instructions.size() - 1);
    const auto position = instructions.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.below(7)) {
      case 0:
        if (instructions.size() > 2) instructions.erase(position);
        break;
      case 1:
        instructions.insert(position, instructions[other]);
        break;
      case 2:
        std::swap(instructions[at], instructions[other]);
        break;
      case 3:
        instructions.insert(position, other_instruction(random));
        break;
      case 4:
        *position = other_instruction(random);
        break;
      default:
        change_argument(*position, random);
        break;
    }
  }
  std::string result;
  for (const std::string& one : instructions) result += one;
  if (random.below(8) == 0) result.resize(random.below(result.size() + 1));
  return result;
}

void mutate_storages(std::vector<StorageBytes>& storages, RandomStream& random) {
  StorageBytes& storage = storages[random.below(storages.size())];
  switch (random.below(5)) {
    case 0:
      storage.bytes.resize(random.below(storage.bytes.size() + 9));
      break;
    case 1:
      storage.elements = static_cast<int64_t>(random.below(20)) - 2;
      break;
    case 2:
      storage.key = std::to_string(random.below(7));
      break;
    case 3:
      std::swap(storage, storages[random.below(storages.size())]);
      break;
    default:
      flip_byte(storage.bytes, random);
      break;
  }
}

void mutate_bytes(std::string& file, RandomStream& random) {
  const uint64_t changes = 1 + random.below(4);
  for (uint64_t i = 0; i < changes && !file.empty(); ++i) {
    const size_t at =
        random.below(2) == 0 ? random.below(file.size()) : file.size() - 1 - random.below(std::min<size_t>(file.size(), 600));
    switch (random.below(6)) {
      case 0:
        file.resize(at);
        break;
      case 1:
        file.erase(at, 1 + random.below(8));
        break;
      case 2:
        file.insert(at, std::string(1 + random.below(8), static_cast<char>(random.below(256))));
        break;
      case 3:
        file[at] = static_cast<char>(0xFF);
        break;
      default:
        file[at] = static_cast<char>(file[at] ^ (1 << random.below(8)));
        break;
    }
  }
}

}  // namespace

std::string mutated_file(const SmallCheckpoint& checkpoint, PthForm form, RandomStream& random) {
  SmallCheckpoint changed = checkpoint;
  const uint64_t where = random.below(10);
  if (where < 6) changed.pickle = mutated_pickle(changed.pickle, random);
  if (where == 5 || where == 6 || where == 7) mutate_storages(changed.storages, random);
  std::string file = pth_of(changed.pickle, changed.storages, form);
  if (where > 7) mutate_bytes(file, random);
  return file;
}

}  // namespace strata::testing
