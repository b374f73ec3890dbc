// Crashes of the machine while a checkpoint is committed: what was not synced is lost, torn or out of order. Every state that may
// be found afterwards is built, and the next start must find a whole checkpoint in it and go on.
//
// STRATA_TORN_WRITES, STRATA_UNSURE_NAMES and STRATA_CRASH_SEED make it a campaign (tests/campaigns).

#include "lib/training/crash_states.h"
#include "base/csv_file.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/owner_file.h"
#include "support/environment_number.h"
#include "support/paths.h"
#include "training/checkpoint_store.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <unordered_set>

namespace strata::testing {
namespace {

namespace fs = std::filesystem;

constexpr int kFloats = 1500;  // 12 sectors
constexpr int kNext = 9;       // what the start after the crash commits

Checkpoint checkpoint_of(int number) {
  Checkpoint checkpoint;
  checkpoint.model.tensors = {{"first", torch::arange(kFloats, torch::kFloat) + number}, {"second", torch::full({7}, number)}};
  checkpoint.optimizer.tensors = {{"momentum.first", torch::arange(kFloats, torch::kFloat) - number}};
  checkpoint.state = {{"step", number}};
  return checkpoint;
}

bool same(const NamedTensors& a, const NamedTensors& b) {
  if (a.tensors.size() != b.tensors.size()) return false;
  for (const auto& [name, tensor] : a.tensors) {
    if (b.find(name) == nullptr || !torch::equal(*b.find(name), tensor)) return false;
  }
  return true;
}

// The number of the newest whole checkpoint, 0 where there is none, -1 where it holds anything else than was committed.
int newest_number(CheckpointStore& store) {
  const auto found = store.load_newest();
  if (!found) return 0;
  const int number = found->state.at("step").get<int>();
  const Checkpoint wanted = checkpoint_of(number);
  const bool sound = same(found->model, wanted.model) && same(found->optimizer, wanted.optimizer) && found->state == wanted.state;
  return sound ? number : -1;
}

// What the next start finds in this folder, which must then take another commit and be tidy; -2, and a sentence, where it is not
// so.
int found_by_next_start(const fs::path& directory, std::string& trouble) {
  try {
    CheckpointStore store(directory, {});
    const int number = newest_number(store);
    store.commit(checkpoint_of(kNext));
    if (newest_number(store) != kNext) trouble = "the next commit is not the newest afterwards";
    for (const auto& entry : fs::directory_iterator(directory)) {
      const std::string name = entry.path().filename().string();
      if (name.find(".tmp") != std::string::npos || name == "writing") trouble = name + " is left";
    }
    return trouble.empty() ? number : -2;
  } catch (const Error& e) {
    trouble = e.what();
    return -2;
  }
}

size_t digest_of(const Tree& tree) {
  std::string text;
  for (const auto& [path, bytes] : tree)
    text += fmt::format("{}\n{}\n{}\n", path, bytes ? std::to_string(bytes->size()) : "/", bytes.value_or(""));
  return std::hash<std::string>()(text);
}

std::string listing_of(const Tree& tree) {
  std::string text;
  for (const auto& [path, bytes] : tree) text += fmt::format("  {} {}\n", path, bytes ? std::to_string(bytes->size()) : "/");
  return text;
}

class Crash : public ::testing::Test {
 protected:
  using Found = std::function<int(const fs::path&, std::string& trouble)>;
  // Whether that may be found after a crash within the work, or after it returned.
  using Legal = std::function<bool(int number, bool returned)>;

  Crash() : level_(log_options()) {
    LogOptions quiet = level_;
    quiet.level = LogLevel::kError;  // thousands of damaged checkpoints are skipped here
    configure_log(quiet);
    fs::create_directories(root_);
  }
  ~Crash() override { configure_log(level_); }

  // Records `work` on what is in the root as it stands.
  void record_changes(const std::function<void()>& work) {
    before_ = tree_of(root_);
    record();
    work();
    calls_ = recorded();
    EXPECT_EQ(CrashStates(root_, before_, calls_).seen(calls_.size()), tree_of(root_)) << "the record lacks a call";
  }
  int found_in(const Tree& tree, const Found& found, std::string& trouble) const {
    const fs::path folder = scratch_ / "state";
    write_tree(tree, folder);
    const int number = found(folder, trouble);
    fs::remove_all(folder);
    return number;
  }
  // The number of distinct states, each of which was found as it may be; what was found is in `results`.
  size_t examine(const Found& found, const Legal& legal, std::set<int>& results) {
    const CrashStates states(root_, before_, calls_);
    std::unordered_set<size_t> met;
    for (size_t moment = states.moments(); moment-- > 0 && !HasFailure();) {  // the end, which demands most, first
      const bool returned = moment + 1 == states.moments();
      states.visit(moment, options_, random_, [&](const Tree& tree) {
        if (!met.insert(digest_of(tree)).second) return true;
        std::string trouble;
        const int number = found_in(tree, found, trouble);
        results.insert(number);
        EXPECT_TRUE(legal(number, returned)) << number << " found " << trouble << "\nafter call " << moment << " of "
                                             << calls_.size() << ", seed " << seed_ << ", in\n"
                                             << listing_of(tree);
        return !HasFailure();
      });
    }
    return met.size();
  }
  // Whether a state after the work returned is not legal where one file or folder was never synced.
  bool shows_without_sync_of(const fs::path& path, const Found& found, const Legal& legal) {
    std::vector<FileCall> calls;
    for (FileCall call : calls_) {
      if (call.kind == FileCall::Kind::kSync && call.path == path) call.path = scratch_ / "elsewhere";
      calls.push_back(std::move(call));
    }
    const CrashStates states(root_, before_, calls);
    bool shows = false;
    states.visit(calls.size(), options_, random_, [&](const Tree& tree) {
      std::string trouble;
      shows = !legal(found_in(tree, found, trouble), true);
      return !shows;
    });
    return shows;
  }
  std::set<fs::path> synced() const {
    std::set<fs::path> paths;
    for (const FileCall& call : calls_) {
      if (call.kind == FileCall::Kind::kSync) paths.insert(call.path);
    }
    return paths;
  }

  const LogOptions level_;
  const ScratchDirectory scratch_;
  const fs::path root_ = fs::canonical(scratch_.path()) / "root";
  const int seed_ = number_from("STRATA_CRASH_SEED", static_cast<int>(std::random_device()() % 100000));
  std::mt19937 random_{static_cast<unsigned>(seed_)};
  const CrashStateOptions options_{.torn_at_random = number_from("STRATA_TORN_WRITES", 150),
                                   .most_names = number_from("STRATA_UNSURE_NAMES", 7)};
  Tree before_;
  std::vector<FileCall> calls_;
};

TEST_F(Crash, WithinACommitLeavesTheOldOrTheNewCheckpointAndAfterItTheNewOne) {
  CheckpointStore store(root_, {});
  for (int i = 1; i <= 2; ++i) store.commit(checkpoint_of(i));
  record_changes([&] { store.commit(checkpoint_of(3)); });  // the third: the first is removed
  ASSERT_FALSE(fs::exists(root_ / "gen-000001"));
  const Legal legal = [](int number, bool returned) { return number == 3 || (number == 2 && !returned); };
  std::set<int> results;
  const size_t states = examine(found_by_next_start, legal, results);
  fmt::print("{} crash states of a commit ({} calls, seed {})\n", states, calls_.size(), seed_);
  EXPECT_GE(states, 1000U);
  EXPECT_EQ(results, (std::set<int>{2, 3}));
  const std::set<fs::path> paths = synced();
  EXPECT_EQ(paths.size(), 6U) << "four files, their folder and the one above";
  for (const fs::path& path : paths) EXPECT_TRUE(shows_without_sync_of(path, found_by_next_start, legal)) << path;
}

// A start over what a crash left: it sweeps the half generation away, goes back behind the damaged one, and its commit replaces
// it.
TEST_F(Crash, WithinAStartThatReplacesADamagedCheckpointLeavesTheOldOrTheNewOne) {
  {
    CheckpointStore store(root_, {});
    for (int i = 1; i <= 2; ++i) store.commit(checkpoint_of(i));
  }
  fs::resize_file(root_ / "gen-000002/model.safetensors", 700);
  fs::copy(root_ / "gen-000001", root_ / "gen-000003.tmp-0badcafe");
  fs::remove(root_ / "gen-000003.tmp-0badcafe/MANIFEST.json");
  write_file_atomically(root_ / "writing", "a checkpoint is being written\n");
  record_changes([&] {
    CheckpointStore store(root_, {});
    ASSERT_EQ(newest_number(store), 1);
    store.commit(checkpoint_of(3));
  });
  std::set<int> results;
  const size_t states = examine(
      found_by_next_start, [](int number, bool returned) { return number == 3 || (number == 1 && !returned); }, results);
  fmt::print("{} crash states of a start over a damaged checkpoint ({} calls, seed {})\n", states, calls_.size(), seed_);
  EXPECT_GE(states, 3000U);
  EXPECT_EQ(results, (std::set<int>{1, 3}));
}

// The whole of a new run: its folders, the table of its steps, who owns it, and its first checkpoint, which nothing may lack.
TEST_F(Crash, OfANewRunLosesNothingThatWasCommitted) {
  const std::vector<std::string> columns = {"loss"};
  const fs::path run = root_ / "runs/new";
  record_changes([&] {
    require_writable_directory(run);
    const OwnerFile owner(run, {.heartbeat_seconds = 1000});
    CheckpointStore store(run / "checkpoints", {});
    CsvFile table(run / "metrics.csv", columns, 0);
    for (uint64_t step = 1; step <= 3; ++step) table.add(step, std::vector<CsvValue>{0.5});
    table.sync();
    owner.require_mine();
    store.commit(checkpoint_of(3));
  });
  const Found found = [&](const fs::path& root, std::string& trouble) {
    try {
      const fs::path state = root / "runs/new";
      require_writable_directory(state);
      const OwnerFile owner(state, {.patience_seconds = 0.002});
      const int number = found_by_next_start(state / "checkpoints", trouble);
      CsvFile table(state / "metrics.csv", columns, static_cast<uint64_t>(std::max(0, number)));
      owner.require_mine();
      if (number == 3 && read_csv(state / "metrics.csv").size() != 4) trouble = "rows of the table are lost";
      return trouble.empty() ? number : -2;
    } catch (const Error& e) {
      trouble = e.what();
      return -2;
    }
  };
  std::set<int> results;
  const size_t states = examine(
      found, [](int number, bool returned) { return number == 3 || (number == 0 && !returned); }, results);
  fmt::print("{} crash states of a new run ({} calls, seed {})\n", states, calls_.size(), seed_);
  EXPECT_GE(states, 1000U);
  EXPECT_EQ(results, (std::set<int>{0, 3}));
}

}  // namespace
}  // namespace strata::testing
