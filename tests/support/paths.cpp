#include "support/paths.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace strata::testing {

namespace fs = std::filesystem;

fs::path source_dir() { return STRATA_SOURCE_DIR; }
fs::path executable(const std::string& name) { return fs::path(STRATA_BIN_DIR) / name; }
fs::path shared_dir() { return STRATA_SHARED_DIR; }
fs::path python() { return STRATA_PYTHON_PATH; }

ScratchDirectory::ScratchDirectory() {
  std::string name = (fs::temp_directory_path() / "strata-test-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot create " + name);
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

namespace {
std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}
}  // namespace

CommandResult run_command(const std::string& command) {
  ScratchDirectory scratch;
  const fs::path script = scratch / "command", out = scratch / "out", err = scratch / "err";
  std::ofstream(script) << command << '\n';
  const std::string call = "bash '" + script.string() + "' </dev/null >'" + out.string() + "' 2>'" + err.string() + "'";
  const int status = std::system(call.c_str());
  CommandResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.output = slurp(out);
  result.errors = slurp(err);
  return result;
}

}  // namespace strata::testing
