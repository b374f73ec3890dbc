#pragma once
// What a crash of the machine (not of the process) may leave of a folder, from a record of the calls that changed it.
//
// Of everything done before the crash, only what was synced is sure to be there. A name (created, linked, renamed, removed) is
// sure once its folder was synced, the bytes of a file once the file was. Of the rest any part may have reached the disk: names
// in any selection, each rename as one step, and of a file's bytes any selection of its sectors of 512 bytes, with its old
// length, its new one, or one between. That is more than journals leave, which keep an order.

#include "support/fault_injection.h"

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <utility>

namespace strata::testing {

// Paths below a folder: bytes of files, nothing for folders.
using Tree = std::map<std::string, std::optional<std::string>>;
Tree tree_of(const std::filesystem::path& root);
void write_tree(const Tree& tree, const std::filesystem::path& root);

struct CrashStateOptions {
  int torn_at_random = 4;  // random selections of sectors for each file that was being written, beside those in order
  int most_names = 10;  // up to so many unsure names all selections of them are taken, else kept and dropped one by one, and ...
  int names_at_random = 64;  // ... so many selections at random
};

class CrashStates {
 public:
  // `before`: what stood below `root` when the record began, all of it synced. Calls elsewhere are left out.
  CrashStates(const std::filesystem::path& root, const Tree& before, const std::vector<FileCall>& calls);

  // A crash at `moment` comes after so many calls.
  size_t moments() const { return calls_ + 1; }
  // What the process saw then.
  Tree seen(size_t moment) const;
  // Calls `visit` with each state that may be found after a crash at that moment, those that lose most first, some more than
  // once; until it returns false.
  void visit(size_t moment, const CrashStateOptions& options, std::mt19937& random,
             const std::function<bool(const Tree&)>& visit) const;

 private:
  static constexpr size_t kNever = static_cast<size_t>(-1);
  using Name = std::pair<int, std::string>;  // a node's folder, and what it is called there
  using Names = std::map<Name, int>;
  struct NameChange {
    size_t call = 0, sure = kNever;  // sure: the call that synced it
    int node = 0;
    std::optional<Name> gone, made;
  };
  struct Write {
    size_t call = 0, sure = kNever;
    uint64_t at = 0;
    std::string bytes;
    bool empties = false;
  };
  struct Node {
    bool folder = false;
    std::vector<Write> writes;
  };
  struct Simulation;  // of the calls, as the process saw them

  std::string bytes_of(int node, size_t moment, bool only_sure) const;
  std::vector<std::string> versions_of(int node, size_t moment, const CrashStateOptions& options, std::mt19937& random) const;
  Names names_at(size_t moment, const std::function<bool(const NameChange&)>& kept) const;
  bool visit_versions(const Names& names, std::map<int, std::string> bytes,
                      const std::map<int, std::vector<std::string>>& versions,
                      const std::function<bool(const Tree&)>& visit) const;
  Tree tree_at(const Names& names, const std::map<int, std::string>& bytes) const;

  size_t calls_ = 0;
  std::vector<Node> nodes_;
  std::vector<NameChange> changes_;
};

}  // namespace strata::testing
