// Runs a fuzz target without libFuzzer: NAME_fuzzer CORPUS... [--seconds N] [--seed N]. Every file of the corpus once, then
// mutated ones for N seconds. An input that ends the process, takes longer than 5 s, or makes it larger than 1 GiB fails; it is
// left in ./fuzz-failure.

#include "base/clock.h"
#include "base/random.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;

constexpr double kMostSeconds = 5;
constexpr long kMostResidentKiB = 1 << 20;
constexpr size_t kMostBytes = 1 << 20;

Bytes current;  // where a signal handler finds it

void save_current() {
  const int file = ::open("fuzz-failure", O_CREAT | O_WRONLY | O_TRUNC, 0666);
  if (file < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(file, current.data(), current.size());
  ::close(file);
}

void on_crash(int signal) {
  save_current();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

[[noreturn]] void fail(const std::string& what) {
  save_current();
  std::fprintf(stderr, "%s; the input is in ./fuzz-failure\n", what.c_str());
  std::exit(1);
}

void run(Bytes input) {
  current = std::move(input);
  const double begin = strata::monotonic_seconds();
  LLVMFuzzerTestOneInput(current.data(), current.size());
  if (strata::monotonic_seconds() - begin > kMostSeconds) fail("an input took longer than 5 s");
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  if (used.ru_maxrss > kMostResidentKiB) fail("an input took more than 1 GiB");
}

std::vector<Bytes> load(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Bytes> corpus;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

// One to eight small changes: bits, telling numbers, digits, cuts, repeats, pieces of another file.
Bytes mutated(const std::vector<Bytes>& corpus, strata::RandomStream& random) {
  Bytes bytes = corpus[random.below(corpus.size())];
  const auto anywhere = [&](size_t size) { return static_cast<size_t>(random.below(size + 1)); };
  for (uint64_t changes = 1 + random.below(8); changes > 0; --changes) {
    if (bytes.empty()) bytes.push_back(0);
    const size_t at = random.below(bytes.size());
    const size_t length = std::min<size_t>(1 + random.below(32), bytes.size() - at);
    const auto begin = bytes.begin() + static_cast<ptrdiff_t>(at), end = begin + static_cast<ptrdiff_t>(length);
    constexpr uint8_t kTelling[] = {0, 1, 0x7f, 0x80, 0xff, '0', '9', '-', '"', '\n', '/', '{'};
    switch (random.below(7)) {
      case 0:
        bytes[at] ^= static_cast<uint8_t>(1u << random.below(8));
        break;
      case 1:
        std::fill(begin, end, kTelling[random.below(std::size(kTelling))]);
        break;
      case 2:
        bytes[at] = static_cast<uint8_t>(random());
        break;
      case 3:
        bytes.erase(begin, end);
        break;
      case 4: {
        const Bytes piece(begin, end);
        bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(anywhere(bytes.size())), piece.begin(), piece.end());
        break;
      }
      case 5: {
        const Bytes& other = corpus[random.below(corpus.size())];
        if (other.empty()) break;
        const size_t from = random.below(other.size()), count = std::min<size_t>(1 + random.below(64), other.size() - from);
        bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(at), other.begin() + static_cast<ptrdiff_t>(from),
                     other.begin() + static_cast<ptrdiff_t>(from + count));
        break;
      }
      default:
        if (random.below(8) == 0) bytes.resize(at);
    }
  }
  if (bytes.size() > kMostBytes) bytes.resize(kMostBytes);
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Bytes> corpus;
  double seconds = 0;
  uint64_t seed = 1;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--seconds" && i + 1 < argc) {
      seconds = std::atof(argv[++i]);
    } else if (word == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else {
      const std::vector<Bytes> files = load(word);
      corpus.insert(corpus.end(), files.begin(), files.end());
    }
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "usage: %s CORPUS... [--seconds N] [--seed N]\n", argv[0]);
    return 64;
  }
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, on_crash);
  std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(seed));
  size_t runs = 0;
  for (const Bytes& input : corpus) run(input), ++runs;
  strata::RandomStream random(seed);
  const double end = strata::monotonic_seconds() + seconds;
  while (strata::monotonic_seconds() < end) run(mutated(corpus, random)), ++runs;
  std::printf("%zu inputs, %zu of them the corpus\n", runs, corpus.size());
  return 0;
}
