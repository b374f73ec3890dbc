#include "lib/training/crash_states.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;

constexpr size_t kSector = 512;
constexpr int kRoot = 0;

std::string bytes_in(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The sectors of `now` for which `keeps` holds, the others as they were before, in a file of `size` bytes.
template <typename Keeps>
std::string torn(const std::string& before, const std::string& now, size_t size, const Keeps& keeps) {
  std::string bytes = before;
  bytes.resize(size, '\0');
  for (size_t begin = 0; begin < std::min(size, now.size()); begin += kSector) {
    const size_t length = std::min({kSector, now.size() - begin, size - begin});
    if (keeps(begin / kSector)) bytes.replace(begin, length, now, begin, length);
  }
  return bytes;
}

// Selections of `count` things: nothing first, everything last.
std::vector<std::vector<bool>> selections(size_t count, const CrashStateOptions& options, std::mt19937& random) {
  std::vector<std::vector<bool>> result;
  if (count <= static_cast<size_t>(options.most_names)) {
    for (size_t mask = 0; mask < size_t{1} << count; ++mask) {
      std::vector<bool>& kept = result.emplace_back(count);
      for (size_t i = 0; i < count; ++i) kept[i] = (mask >> i & 1) != 0;
    }
    return result;
  }
  for (size_t first = 0; first < count; ++first) {  // what a journal leaves, and each thing alone there or alone missing
    std::vector<bool> in_order(count), alone(count), missing(count, true);
    std::fill_n(in_order.begin(), first, true);
    alone[first] = true;
    missing[first] = false;
    result.insert(result.end(), {in_order, alone, missing});
  }
  for (int i = 0; i < options.names_at_random; ++i) {
    std::vector<bool>& kept = result.emplace_back(count);
    for (size_t k = 0; k < count; ++k) kept[k] = random() % 2 == 0;
  }
  result.emplace_back(count, true);
  return result;
}

}  // namespace

Tree tree_of(const fs::path& root) {
  Tree tree;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    auto& bytes = tree[fs::relative(entry.path(), root).string()];
    if (!entry.is_directory()) bytes = bytes_in(entry.path());
  }
  return tree;
}

void write_tree(const Tree& tree, const fs::path& root) {
  fs::create_directories(root);
  for (const auto& [path, bytes] : tree) {  // a folder sorts before what it holds
    if (!bytes) {
      fs::create_directory(root / path);
    } else if (!(std::ofstream(root / path, std::ios::binary) << *bytes)) {
      throw std::runtime_error("cannot write " + (root / path).string());
    }
  }
}

struct CrashStates::Simulation {
  CrashStates& states;
  fs::path root;
  Names names;
  size_t call = 0;

  bool below_root(const fs::path& path) const {
    const std::string name = path.lexically_relative(root).string();
    return !name.empty() && !name.starts_with("..");
  }
  // The node, or -1.
  int find(const fs::path& path) const {
    int node = kRoot;
    for (const fs::path& part : path.lexically_relative(root)) {
      if (part == ".") continue;
      const auto found = names.find({node, part.string()});
      if (found == names.end()) return -1;
      node = found->second;
    }
    return node;
  }
  int known(const fs::path& path) const {
    const int node = find(path);
    if (node < 0) throw std::runtime_error("the record lacks the call that made " + path.string());
    return node;
  }
  Name name_of(const fs::path& path) const { return {known(path.parent_path()), path.filename().string()}; }

  void change(int node, std::optional<Name> gone, std::optional<Name> made) {
    if (gone) names.erase(*gone);
    if (made) names[*made] = node;
    states.changes_.push_back({call, kNever, node, std::move(gone), std::move(made)});
  }
  int make(const fs::path& path, bool folder) {
    const int node = static_cast<int>(states.nodes_.size());
    states.nodes_.push_back({folder, {}});
    change(node, std::nullopt, name_of(path));
    return node;
  }
  void sync(int node) {
    for (Write& write : states.nodes_[static_cast<size_t>(node)].writes) write.sure = std::min(write.sure, call);
    for (NameChange& c : states.changes_) {
      const bool touches = (c.gone && c.gone->first == node) || (c.made && c.made->first == node);
      const bool two_folders = c.gone && c.made && c.gone->first != c.made->first;
      if (two_folders) throw std::runtime_error("a rename from folder to folder is nothing that this simulation knows");
      if (touches) c.sure = std::min(c.sure, call);
    }
  }
  void take(const FileCall& c) {
    using Kind = FileCall::Kind;
    switch (c.kind) {
      case Kind::kCreate:
      case Kind::kMakeFolder:
        make(c.path, c.kind == Kind::kMakeFolder);
        break;
      case Kind::kEmpty:
        states.nodes_[static_cast<size_t>(known(c.path))].writes.push_back({call, kNever, 0, "", true});
        break;
      case Kind::kWrite: {
        // A stream's file is opened inside the C library, where no call is seen.
        const int node = find(c.path) >= 0 ? find(c.path) : make(c.path, false);
        states.nodes_[static_cast<size_t>(node)].writes.push_back({call, kNever, c.at, c.bytes, false});
        break;
      }
      case Kind::kSync:
        sync(known(c.path));
        break;
      case Kind::kLink:
        change(known(c.path), std::nullopt, name_of(c.to));
        break;
      case Kind::kRename:
        change(known(c.path), name_of(c.path), name_of(c.to));
        break;
      case Kind::kRemove:
        change(known(c.path), name_of(c.path), std::nullopt);
        break;
    }
  }
};

CrashStates::CrashStates(const fs::path& root, const Tree& before, const std::vector<FileCall>& calls) : calls_(calls.size()) {
  nodes_.push_back({true, {}});
  Simulation simulation{*this, root, {}};
  for (const auto& [path, bytes] : before) {
    const int node = simulation.make(root / path, !bytes);
    if (bytes) nodes_[static_cast<size_t>(node)].writes.push_back({0, 0, 0, *bytes, false});
  }
  for (NameChange& change : changes_) change.sure = 0;
  for (const FileCall& call : calls) {
    ++simulation.call;  // counted from 1, so that 0 is before all
    if (simulation.below_root(call.path)) simulation.take(call);
  }
}

std::string CrashStates::bytes_of(int node, size_t moment, bool only_sure) const {
  std::string bytes;
  for (const Write& write : nodes_[static_cast<size_t>(node)].writes) {
    if (write.call > moment || (only_sure && write.sure > moment)) break;
    if (write.empties) bytes.clear();
    if (bytes.size() < write.at + write.bytes.size()) bytes.resize(write.at + write.bytes.size(), '\0');
    bytes.replace(write.at, write.bytes.size(), write.bytes);
  }
  return bytes;
}

std::vector<std::string> CrashStates::versions_of(int node, size_t moment, const CrashStateOptions& options,
                                                  std::mt19937& random) const {
  const std::string before = bytes_of(node, moment, true), now = bytes_of(node, moment, false);
  if (before == now) return {now};
  std::vector<std::string> versions = {before};
  const size_t sectors = (now.size() + kSector - 1) / kSector, longest = std::max(before.size(), now.size());
  for (size_t cut = 0; cut < sectors; ++cut) {
    const auto up_to_cut = [&](size_t sector) { return sector < cut; };
    versions.push_back(torn(before, now, std::max(before.size(), cut * kSector), up_to_cut));
    versions.push_back(torn(before, now, longest, up_to_cut));  // the length arrived before the bytes
    versions.push_back(torn(before, now, longest, [&](size_t sector) { return sector != cut; }));
  }
  for (int i = 0; i < options.torn_at_random; ++i) {
    versions.push_back(torn(before, now, longest, [&](size_t) { return random() % 2 == 0; }));
  }
  versions.push_back(now);
  return versions;
}

CrashStates::Names CrashStates::names_at(size_t moment, const std::function<bool(const NameChange&)>& kept) const {
  Names names;
  for (const NameChange& change : changes_) {
    if (change.call > moment) break;
    if (change.sure > moment && !kept(change)) continue;
    if (change.gone) {
      const auto found = names.find(*change.gone);
      if (found != names.end() && found->second == change.node) names.erase(found);
    }
    if (change.made) names[*change.made] = change.node;
  }
  return names;
}

Tree CrashStates::tree_at(const Names& names, const std::map<int, std::string>& bytes) const {
  Tree tree;
  const std::function<void(int, const std::string&)> add = [&](int folder, const std::string& path) {
    for (auto entry = names.lower_bound({folder, ""}); entry != names.end() && entry->first.first == folder; ++entry) {
      const std::string name = path + entry->first.second;
      if (nodes_[static_cast<size_t>(entry->second)].folder) {
        tree[name] = std::nullopt;
        add(entry->second, name + "/");
      } else {
        tree[name] = bytes.at(entry->second);
      }
    }
  };
  add(kRoot, "");
  return tree;
}

Tree CrashStates::seen(size_t moment) const {
  std::map<int, std::string> bytes;
  for (int node = 0; node < static_cast<int>(nodes_.size()); ++node) bytes[node] = bytes_of(node, moment, false);
  return tree_at(names_at(moment, [](const NameChange&) { return true; }), bytes);
}

void CrashStates::visit(size_t moment, const CrashStateOptions& options, std::mt19937& random,
                        const std::function<bool(const Tree&)>& visit) const {
  std::map<int, std::string> bytes;
  std::map<int, std::vector<std::string>> versions;  // of files that may have more than one
  for (int node = 0; node < static_cast<int>(nodes_.size()); ++node) {
    std::vector<std::string> found = versions_of(node, moment, options, random);
    bytes[node] = found.front();
    if (found.size() > 1) versions[node] = std::move(found);
  }
  std::vector<const NameChange*> unsure;
  for (const NameChange& change : changes_) {
    if (change.call <= moment && change.sure > moment) unsure.push_back(&change);
  }
  std::set<Names> met;
  for (const std::vector<bool>& selection : selections(unsure.size(), options, random)) {
    const Names names = names_at(moment, [&](const NameChange& change) {
      return selection[static_cast<size_t>(std::find(unsure.begin(), unsure.end(), &change) - unsure.begin())];
    });
    if (met.insert(names).second && !visit_versions(names, bytes, versions, visit)) return;
  }
}

// Each version of each file that has a name, the other files as little and then as much there as may be.
bool CrashStates::visit_versions(const Names& names, std::map<int, std::string> bytes,
                                 const std::map<int, std::vector<std::string>>& versions,
                                 const std::function<bool(const Tree&)>& visit) const {
  if (!visit(tree_at(names, bytes))) return false;
  std::set<int> named;
  for (const auto& [name, node] : names) named.insert(node);
  for (const bool others_whole : {false, true}) {
    for (const auto& [node, of_node] : versions) bytes[node] = others_whole ? of_node.back() : of_node.front();
    for (const auto& [node, of_node] : versions) {
      if (!named.contains(node)) continue;
      const std::string usual = bytes[node];
      for (const std::string& version : of_node) {
        bytes[node] = version;
        if (!visit(tree_at(names, bytes))) return false;
      }
      bytes[node] = usual;
    }
  }
  return true;
}

}  // namespace strata::testing
