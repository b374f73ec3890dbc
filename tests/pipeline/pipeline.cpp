#include "pipeline/pipeline.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace strata::testing {

std::string program(const std::string& name, int ranks) {
  const std::string path = "'" + executable(name).string() + "' ";
  if (ranks == 0) return path;
  return fmt::format(
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1 OMP_NUM_THREADS=1 "
      "mpirun -n {} --oversubscribe --bind-to none {}",
      ranks, path);
}

namespace {
void must_run(const std::string& command) {
  const CommandResult result = run_command(command);
  if (result.exit_code != 0) {
    throw std::runtime_error(fmt::format("{}\nended with code {}:\n{}", command, result.exit_code, result.errors));
  }
}
}  // namespace

const TinyDataset& tiny_dataset() {
  static ScratchDirectory scratch;
  static const TinyDataset dataset = [] {
    TinyDataset made{scratch / "raw", scratch / "data"};
    must_run(program("strata-scenes") +
             fmt::format("--output '{}' --count 13 --val-count 5 --size 96x64 --seed 3", made.raw.string()));
    must_run(program("strata-preprocess", 2) + fmt::format("--dataset cityscapes --input '{}' --output '{}' --splits train,val",
                                                           made.raw.string(), made.data.string()));
    return made;
  }();
  return dataset;
}

std::filesystem::path tiny_config() { return source_dir() / "tests/pipeline/tiny.ini"; }

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace strata::testing
