// Hundreds of files that would leave something in the working directory if anything in them were run. That they would is shown by
// Python, which runs them.

#include "base/error.h"
#include "base/files.h"
#include "lib/models/memory_file.h"
#include "lib/models/pth_writer.h"
#include "models/foreign_weights.h"
#include "support/paths.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdio>

namespace strata::testing {
namespace {

using ::testing::HasSubstr;

// A function of Python and arguments with which it makes a file or folder.
struct Weapon {
  std::string module, name;
  std::vector<std::string> arguments;

  std::string function() const { return p_global(module, name); }
};

std::string p_bytes(const std::string& bytes) { return std::string("C") + static_cast<char>(bytes.size()) + bytes; }

std::vector<Weapon> weapons() {
  const std::string canary = p_text("canary"), command = p_text("touch canary"), code = p_text("open('canary','w')");
  const std::string touch = p_text("touch"), words = p_list({touch, canary}), here = p_text(".");
  const std::string nested = p_bytes(p_whole(p_call(p_global("os", "mkdir"), {canary})));
  std::vector<Weapon> all;
  const auto with = [&](const std::vector<std::string>& arguments,
                        const std::vector<std::pair<const char*, const char*>>& names) {
    for (const auto& [module, name] : names) all.push_back({module, name, arguments});
  };
  with({command}, {{"posix", "system"},
                   {"os", "system"},
                   {"os", "popen"},
                   {"commands", "getoutput"},
                   {"subprocess", "getoutput"},
                   {"subprocess", "getstatusoutput"}});
  with({words}, {{"subprocess", "Popen"},
                 {"subprocess", "call"},
                 {"subprocess", "check_call"},
                 {"subprocess", "check_output"},
                 {"subprocess", "run"}});
  with({code}, {{"builtins", "eval"}, {"builtins", "exec"}, {"__builtin__", "eval"}, {"cProfile", "run"}, {"profile", "run"}});
  with({canary}, {{"os", "mkdir"},
                  {"posix", "mkdir"},
                  {"os", "makedirs"},
                  {"os", "mknod"},
                  {"os", "mkfifo"},
                  {"sqlite3", "connect"},
                  {"shelve", "open"},
                  {"logging", "FileHandler"},
                  {"logging.handlers", "RotatingFileHandler"},
                  {"mailbox", "Maildir"},
                  {"mailbox", "mbox"}});
  with({canary, p_text("w")}, {{"builtins", "open"},
                               {"__builtin__", "open"},
                               {"io", "open"},
                               {"_io", "open"},
                               {"io", "FileIO"},
                               {"_io", "FileIO"},
                               {"codecs", "open"},
                               {"gzip", "open"},
                               {"bz2", "open"},
                               {"lzma", "open"},
                               {"wave", "open"},
                               {"zipfile", "ZipFile"},
                               {"tarfile", "open"}});
  with({canary, p_text("n")}, {{"dbm.dumb", "open"}});
  with({canary, p_int(65)}, {{"os", "open"}, {"posix", "open"}});  // O_CREAT | O_WRONLY
  with({p_text("/etc/passwd"), canary},
       {{"os", "symlink"}, {"posix", "symlink"}, {"shutil", "copy"}, {"shutil", "copy2"}, {"shutil", "copyfile"}});
  with({p_text(""), canary, here}, {{"tempfile", "mkstemp"}, {"tempfile", "mkdtemp"}});
  with({p_int(0), touch, touch, canary}, {{"os", "spawnlp"}});
  with({p_int(0), touch, words}, {{"os", "spawnvp"}});
  with({touch, touch, canary}, {{"os", "execlp"}});
  with({touch, words}, {{"os", "execvp"}});
  with({touch, words, p_dict({})}, {{"os", "posix_spawnp"}});
  with({p_text("pass"), code}, {{"timeit", "timeit"}});
  with({p_text("x"), p_text("cat > canary")}, {{"pydoc", "pipepager"}});
  with({nested}, {{"pickle", "loads"}, {"_pickle", "loads"}, {"pickle", "_loads"}});
  with({p_global("os", "symlink"), p_list({p_text("x"), canary})}, {{"functools", "reduce"}});
  with({p_global("os", "mkdir"), canary}, {{"operator", "call"}});
  return all;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += part;
  return text;
}

// An object of a plain class, one of whose methods is the function.
std::string disguised(const Weapon& weapon, const char* method) {
  return p_call(p_global("argparse", "Namespace"), {}) + p_dict({{method, weapon.function()}}) + "b";
}

struct Canary {
  std::string name, object;
};

// Every way in which a pickle makes Python call: REDUCE, INST, OBJ, REDUCE of a name made on the stack, and of functions of one
// argument BUILD (__setstate__) and APPEND.
std::vector<Canary> canaries() {
  std::vector<Canary> all;
  for (const Weapon& weapon : weapons()) {
    const auto add = [&](const char* way, const std::string& object) {
      all.push_back({fmt::format("{}.{}.{}-{}", weapon.module, weapon.name, way, all.size()), object});
    };
    const std::string arguments = joined(weapon.arguments);
    add("reduce", p_call(weapon.function(), weapon.arguments));
    add("inst", "(" + arguments + fmt::format("i{}\n{}\n", weapon.module, weapon.name));
    add("obj", "(" + weapon.function() + arguments + "o");
    add("stack", p_call(p_text(weapon.module) + p_text(weapon.name) + "\x93", weapon.arguments));
    if (weapon.arguments.size() != 1) continue;
    add("build", disguised(weapon, "__setstate__") + arguments + "b");
    add("append", disguised(weapon, "append") + arguments + "a");
  }
  return all;
}

TEST(PthCanaries, WouldLeaveSomethingWherePythonReadsThem) {
  const ScratchDirectory scratch;
  for (const char* folder : {"pickles", "scratch"}) fs::create_directory(scratch / folder);
  for (const Canary& canary : canaries()) write_file_atomically(scratch / "pickles" / canary.name, p_whole(canary.object));
  const CommandResult result =
      run_command(fmt::format("{} {} {} {}", python().string(), (source_dir() / "tests/lib/models/canary_check.py").string(),
                              (scratch / "pickles").string(), (scratch / "scratch").string()));
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  int armed = 0;
  EXPECT_EQ(std::sscanf(result.output.c_str(), "%d of", &armed), 1) << result.output;
  std::printf("%s", result.output.c_str());
  EXPECT_GE(armed, 200);  // another Python may lack a module
}

// In both forms of torch.save, and as a file that is nothing but the pickle.
TEST(PthCanaries, AreAllRefusedAndLeaveNothing) {
  const ScratchDirectory scratch;
  const fs::path before = fs::current_path();
  fs::current_path(scratch.path());
  MemoryFile file;
  size_t refused = 0;
  const auto expect_refusal = [&](const Canary& canary, const std::string& bytes, const char* reason) {
    file.put(bytes);
    try {
      read_foreign_weights(file.path());
      ADD_FAILURE() << canary.name << " was read";
    } catch (const FormatError& error) {
      EXPECT_THAT(error.what(), HasSubstr(reason)) << canary.name;
      ++refused;
    }
    EXPECT_TRUE(fs::is_empty(scratch.path())) << canary.name;
  };
  for (const Canary& canary : canaries()) {
    const std::string whole = p_whole(p_dict({{"state_dict", canary.object}}));
    for (const PthForm form : {PthForm::kZip, PthForm::kLegacy})
      expect_refusal(canary, pth_of(whole, {}, form), "Nothing in it was run");
    expect_refusal(canary, p_whole(canary.object), "is not a sound .safetensors file");
  }
  fs::current_path(before);
  std::printf("%zu files refused\n", refused);
  EXPECT_GE(refused, 600u);
}

}  // namespace
}  // namespace strata::testing
