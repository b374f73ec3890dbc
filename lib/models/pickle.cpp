#include "models/pickle.h"

#include "base/error.h"
#include "models/foreign_text.h"

#include <algorithm>

namespace strata {

namespace {

constexpr size_t kMostKeyBytes = 500;

// Of a checked dictionary.
std::string key_text(const PickleNode& key) {
  if (const auto* number = std::get_if<int64_t>(&key)) return std::to_string(*number);
  return std::get<PickleText>(key).text;
}

// Depth-first, each node once.
class Structure {
 public:
  Structure(const Pickle& pickle, const PickleLimits& limits)
      : pickle_(pickle), limits_(limits), height_(pickle.nodes.size(), kNew) {}

  // Height of the tree below a node.
  int visit(PickleId id, int depth) {
    if (depth > limits_.depth) refuse_depth();
    if (height_[id] == kOpen) throw FormatError("its pickle has an object that contains itself");
    if (height_[id] == kNew) {
      height_[id] = kOpen;
      height_[id] = visit_children(id, depth);
    }
    if (depth + height_[id] > limits_.depth) refuse_depth();
    return height_[id];
  }

 private:
  static constexpr int kNew = -1, kOpen = -2;

  [[noreturn]] void refuse_depth() const {
    throw FormatError("its pickle nests objects deeper than " + std::to_string(limits_.depth) + " levels");
  }

  int visit_children(PickleId id, int depth) {
    int height = 0;
    const auto child = [&](PickleId item) { height = std::max(height, 1 + visit(item, depth + 1)); };
    const PickleNode& node = pickle_.nodes[id];
    if (const auto* list = std::get_if<PickleList>(&node)) {
      for (PickleId item : list->items) child(item);
    } else if (const auto* tuple = std::get_if<PickleTuple>(&node)) {
      for (PickleId item : tuple->items) child(item);
    } else if (const auto* dict = std::get_if<PickleDict>(&node)) {
      require_distinct_keys(*dict);
      for (const auto& [key, value] : dict->entries) child(value);
    }
    return height;
  }

  void require_distinct_keys(const PickleDict& dict) const {
    std::vector<std::string_view> texts;
    std::vector<int64_t> numbers;
    for (const auto& [id, value] : dict.entries) {
      const PickleNode& key = pickle_.nodes[id];
      if (const auto* number = std::get_if<int64_t>(&key)) {
        numbers.push_back(*number);
      } else if (const auto* text = std::get_if<PickleText>(&key)) {
        if (text->text.size() > kMostKeyBytes || !is_plain_text(text->text))
          throw FormatError("its pickle has a dictionary with the unusable key " + printable(text->text));
        texts.push_back(text->text);
      } else {
        throw FormatError("its pickle has a dictionary with a key that is neither text nor whole number");
      }
    }
    const auto repeats = [](auto& keys) {
      std::sort(keys.begin(), keys.end());
      return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
    };
    if (repeats(texts) || repeats(numbers)) throw FormatError("its pickle has a dictionary that names one key twice");
  }

  const Pickle& pickle_;
  const PickleLimits& limits_;
  std::vector<int> height_;
};

}  // namespace

void check_structure(const Pickle& pickle, const PickleLimits& limits) { Structure(pickle, limits).visit(pickle.root, 0); }

std::optional<std::string> PickleValue::text() const {
  const auto* text = as<PickleText>();
  return text ? std::optional(text->text) : std::nullopt;
}

std::optional<double> PickleValue::number() const {
  if (const auto* whole = as<int64_t>()) return static_cast<double>(*whole);
  const auto* number = as<double>();
  return number ? std::optional(*number) : std::nullopt;
}

std::vector<std::pair<std::string, PickleValue>> PickleValue::entries() const {
  std::vector<std::pair<std::string, PickleValue>> entries;
  const auto* dict = as<PickleDict>();
  if (!dict) return entries;
  for (const auto& [key, value] : dict->entries)
    entries.emplace_back(key_text(pickle_->nodes[key]), PickleValue(*pickle_, value));
  return entries;
}

std::optional<PickleValue> PickleValue::entry(std::string_view key) const {
  const auto* dict = as<PickleDict>();
  if (!dict) return std::nullopt;
  for (const auto& [its_key, value] : dict->entries) {
    if (key_text(pickle_->nodes[its_key]) == key) return PickleValue(*pickle_, value);
  }
  return std::nullopt;
}

std::vector<PickleValue> PickleValue::items() const {
  std::vector<PickleValue> items;
  const auto* list = as<PickleList>();
  const auto* tuple = as<PickleTuple>();
  if (!list && !tuple) return items;
  for (PickleId item : list ? list->items : tuple->items) items.emplace_back(*pickle_, item);
  return items;
}

}  // namespace strata
