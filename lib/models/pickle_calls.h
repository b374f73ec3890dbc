#pragma once
// The classes and functions that a pickle of weights may name, and what becomes of them here. Each is replaced by a few lines
// that make plain data of plain data.

#include "models/pickle.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace strata {

class PickleBuilder;

// How a name may be used.
struct PickleClass {
  std::string_view module, name;
  // What calling it gives; nullptr where it may be named but not called.
  PickleId (*call)(PickleBuilder& builder, const std::vector<PickleId>& arguments) = nullptr;
  std::optional<ElementType> storage = std::nullopt;  // it is the class of storages of this type
};

// FormatError names what is not in the table.
const PickleClass& find_class(std::string_view module, std::string_view name);

// A pickle in the making.
class PickleBuilder {
 public:
  explicit PickleBuilder(const PickleLimits& limits) : limits_(limits) {}

  PickleId add(PickleNode node);  // FormatError beyond the limit of objects
  // Counts objects put into containers; FormatError beyond the limit of objects, so that copying stays proportional to reading.
  void charge(size_t objects);
  PickleNode& operator[](PickleId id) { return pickle_.nodes[id]; }

  // Calls what `callable` names. FormatError where it names nothing, or the arguments are not those that PyTorch writes.
  PickleId call(PickleId callable, PickleId arguments);
  // Gives an object its state: numpy types and ordered dictionaries have one, which changes nothing here. FormatError otherwise.
  void set_state(PickleId object, PickleId state);
  // The storage that a persistent id means.
  PickleId storage_of(PickleId persistent_id);

  // FormatError where the node is of another kind: "has something of another kind as WHAT".
  template <typename T>
  T& get(PickleId id, const char* what) {
    T* found = std::get_if<T>(&pickle_.nodes[id]);
    if (!found) refuse_kind(what);
    return *found;
  }
  uint64_t size_number(PickleId id, const char* what);  // a whole number from 0 on
  const Pickle& pickle() const { return pickle_; }
  const PickleLimits& limits() const { return limits_; }
  Pickle finish(PickleId root);

 private:
  [[noreturn]] static void refuse_kind(const char* what);

  PickleLimits limits_;
  Pickle pickle_;
  size_t charged_ = 0;
  std::unordered_map<std::string, size_t> storage_index_;  // by key
};

}  // namespace strata
