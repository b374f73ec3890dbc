// kill -9 at random moments of a process that does nothing but what a run does with its directory: own it, load the newest
// checkpoint, cut its table back, count, commit. Thousands of kills in the time that training needs for a few.
//
// STRATA_COMMIT_KILLS and STRATA_KILL_SEED make it a campaign (tests/campaigns).

#include "base/csv_file.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/owner_file.h"
#include "base/task_queue.h"
#include "support/environment_number.h"
#include "support/paths.h"
#include "training/checkpoint_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>

namespace strata {
namespace {

using testing::ScratchDirectory;

constexpr int kSteps = 15, kBlocks = 12, kFloats = 4000;

// A state that depends on every step before.
torch::Tensor next(const torch::Tensor& state, int step) { return (state * 1.37 + step).frac(); }

Checkpoint checkpoint_of(const torch::Tensor& state, int step) {
  Checkpoint checkpoint;
  for (int i = 0; i < kBlocks; ++i) checkpoint.model.tensors.emplace_back(fmt::format("block.{:02}", i), (state + i).clone());
  checkpoint.optimizer.tensors.emplace_back("momentum", (state * 2).clone());
  checkpoint.state = {{"step", step}};
  return checkpoint;
}

// From the newest checkpoint to the end; a thread commits each step beside the counting, as training does.
void count_to_the_end(const fs::path& run) {
  const OwnerFile owner(run);
  CheckpointStore store(run / "checkpoints", {});
  torch::Tensor state = torch::linspace(0, 1, kFloats);
  int step = 0;
  if (const auto newest = store.load_newest()) {
    step = newest->state.at("step").get<int>();
    state = *newest->model.find("block.00");
    const torch::Tensor twice = *newest->optimizer.find("momentum");
    if (!torch::equal(twice, state * 2)) throw InternalError("parts of two checkpoints");
  }
  CsvFile table(run / "metrics.csv", {"sum"}, static_cast<uint64_t>(step));
  TaskQueue writer;
  while (step < kSteps) {
    ++step;
    state = next(state, step);
    table.add(static_cast<uint64_t>(step), std::vector<CsvValue>{state.sum().item<double>()});
    while (!writer.finish_within(0.01)) {
    }
    writer.rethrow();
    writer.submit([&, checkpoint = checkpoint_of(state, step)] {
      table.sync();
      owner.require_mine();
      store.commit(checkpoint);
    });
  }
  while (!writer.finish_within(0.01)) {
  }
  writer.rethrow();
}

class CommitKills : public ::testing::Test {
 protected:
  pid_t start() const {
    const pid_t child = fork();
    if (child != 0) return child;
    dup2(open((scratch_ / "log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDERR_FILENO);
    try {
      count_to_the_end(run_);
    } catch (const Error& e) {
      _exit(static_cast<int>(e.code()));
    } catch (...) {
      _exit(1);
    }
    _exit(0);
  }
  static int code_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  // Of all that the newest checkpoint and the table hold.
  std::string result() const {
    std::string text = read_text_file(run_ / "metrics.csv");
    const auto newest = CheckpointStore(run_ / "checkpoints", {}).load_newest();
    EXPECT_TRUE(newest);
    for (const auto& [name, tensor] : newest->model.tensors) {
      const torch::Tensor bytes = tensor.contiguous();
      text += name + std::string(static_cast<const char*>(bytes.const_data_ptr()), bytes.nbytes());
    }
    return text;
  }
  void begin_anew() const {
    fs::remove_all(run_);
    fs::create_directories(run_);
  }

  const ScratchDirectory scratch_;
  const fs::path run_ = scratch_ / "run";
};

TEST_F(CommitKills, AtAnyMomentTheSameStartReachesTheSameState) {
  const int wanted = testing::number_from("STRATA_COMMIT_KILLS", 20);
  const int seed = testing::number_from("STRATA_KILL_SEED", static_cast<int>(std::random_device()() % 100000));
  std::mt19937 random(static_cast<unsigned>(seed));
  torch::set_num_threads(1);
  begin_anew();
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_EQ(code_of(start()), 0);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const std::string straight = result();
  begin_anew();
  int kills = 0, runs = 0, within_write = 0;
  while (kills < wanted) {
    const pid_t child = start();
    std::this_thread::sleep_for(std::chrono::duration<double>(std::uniform_real_distribution(0.0, seconds)(random)));
    kill(child, SIGKILL);
    const int code = code_of(child);
    if (code == 128 + SIGKILL) {
      ++kills;
      within_write += fs::exists(run_ / "checkpoints/writing");
      continue;
    }
    ASSERT_EQ(code, 0);
    ASSERT_EQ(result(), straight) << "run " << runs << " of the campaign with seed " << seed;
    begin_anew();
    ++runs;
  }
  ASSERT_EQ(code_of(start()), 0);
  ASSERT_EQ(result(), straight) << "the last run of the campaign with seed " << seed;
  fmt::print("{} kills (seed {}): {} within the write of a checkpoint; {} runs, all with the straight run's state\n", kills, seed,
             within_write, runs + 1);
}

}  // namespace
}  // namespace strata
