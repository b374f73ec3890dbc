#pragma once
// What a pickle of weights says, as plain data: numbers, texts, lists, tuples, dictionaries, and tensors by the storage they lie
// in. Nothing in it is, or was, a program.

#include "models/element_type.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace strata {

// Larger: more memory that a hostile file can make us use. HRNet_Mscale with momenta needs 0.4 MB and 60,000 objects.
struct PickleLimits {
  uint64_t bytes = 64 << 20;
  size_t objects = 2'000'000;
  int depth = 32;          // of objects within objects
  size_t dimensions = 16;  // of a tensor
};

struct PickleStorage {
  std::string key;  // its name in the file
  ElementType type = ElementType::kFloat32;
  uint64_t elements = 0;
};

// Elements `offset` + sum(index * stride) of a storage; all lie inside it, and there are no more of them than it has.
struct PickleTensor {
  size_t storage = 0;  // in Pickle::storages
  uint64_t offset = 0;
  std::vector<int64_t> sizes, strides;
  uint64_t elements = 0;
};

using PickleId = uint32_t;  // of a node
struct PickleClass;         // a row of the table of what may be named (pickle_calls.h)

struct PickleText {
  std::string text;
};
struct PickleBytes {
  std::string bytes;
};
struct PickleList {
  std::vector<PickleId> items;
};
struct PickleTuple {
  std::vector<PickleId> items;
};
struct PickleDict {
  std::vector<std::pair<PickleId, PickleId>> entries;  // in file order
};
struct PickleStorageUse {
  size_t storage = 0;
};
// A numpy type, which only a numpy number is made with.
struct PickleNumberType {
  char kind = 'f';
  int bytes = 8;
};

using PickleNode = std::variant<std::monostate, bool, int64_t, double, PickleText, PickleBytes, PickleList, PickleTuple,
                                PickleDict, const PickleClass*, PickleStorageUse, PickleTensor, PickleNumberType>;

struct Pickle {
  std::vector<PickleNode> nodes;
  std::vector<PickleStorage> storages;
  PickleId root = 0;
};

// FormatError where an object contains itself or lies deeper than the limit, and where a dictionary has a key twice or one that
// is neither text nor whole number: then every walk from the root ends.
void check_structure(const Pickle& pickle, const PickleLimits& limits);

// A node to read from. The pickle must outlive it.
class PickleValue {
 public:
  explicit PickleValue(const Pickle& pickle) : PickleValue(pickle, pickle.root) {}
  PickleValue(const Pickle& pickle, PickleId id) : pickle_(&pickle), id_(id) {}

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&pickle_->nodes[id_]);
  }
  bool is_dict() const { return as<PickleDict>() != nullptr; }
  std::optional<std::string> text() const;
  std::optional<double> number() const;  // whole ones, too

  // Of a dictionary: its entries with the keys as text ("3" for 3); the value of a key. Nothing where this is none.
  std::vector<std::pair<std::string, PickleValue>> entries() const;
  std::optional<PickleValue> entry(std::string_view key) const;
  // Of a list or tuple.
  std::vector<PickleValue> items() const;

 private:
  const Pickle* pickle_;
  PickleId id_;
};

}  // namespace strata
