#include "evaluation/partial_results.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "base/sha256.h"
#include "evaluation/result_codec.h"

#include <map>
#include <optional>

namespace strata {
namespace {

constexpr std::string_view kMagic = "strata partial evaluation 1\n";
constexpr std::string_view kSuffix = ".results";

// Magic, SHA-256 of the rest, key, line feed, results.
void write_results(const PartialResultsOptions& options, const std::vector<ImageResult>& results, const fs::path& file) {
  const std::string body = options.key + '\n' + encode_results(results);
  write_file_atomically(file, std::string(kMagic) + sha256_of(body) + '\n' + body);
}

std::optional<std::vector<ImageResult>> read_results(const PartialResultsOptions& options, const fs::path& file) {
  const std::string text = read_text_file(file);
  const size_t body_at = kMagic.size() + 64 + 1;
  if (!text.starts_with(kMagic) || text.size() < body_at || text.substr(kMagic.size(), 64) != sha256_of(text.substr(body_at))) {
    log_warning("{} is damaged: its images are evaluated again", file.string());
    return std::nullopt;
  }
  const std::string_view body = std::string_view(text).substr(body_at);
  const std::string key = options.key + '\n';
  if (!body.starts_with(key)) {
    log_warning("{} is of an evaluation with other weights, data or options: not used", file.string());
    return std::nullopt;
  }
  return decode_results(body.substr(key.size()), options.num_classes);
}

std::vector<fs::path> result_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error))
    if (entry.path().extension() == kSuffix) files.push_back(entry.path());
  if (error) throw_read_errno(error.value(), directory);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<ImageResult> collect_partial_results(const PartialResultsOptions& options) {
  require_writable_directory(options.directory);
  std::map<uint32_t, ImageResult> by_sample;
  const std::vector<fs::path> files = result_files(options.directory);
  for (const fs::path& file : files)
    for (ImageResult& result : read_results(options, file).value_or(std::vector<ImageResult>{}))
      by_sample.insert_or_assign(result.sample, std::move(result));

  std::vector<ImageResult> results;
  for (auto& [sample, result] : by_sample) results.push_back(std::move(result));
  const fs::path collected = options.directory / (std::string("collected") + std::string(kSuffix));
  if (!results.empty()) write_results(options, results, collected);
  for (const fs::path& file : files)
    if (results.empty() || file != collected) fs::remove(file);
  return results;
}

PartialResults::PartialResults(PartialResultsOptions options, int rank)
    : options_(std::move(options)),
      file_(options_.directory / fmt::format("rank-{:05}{}", rank, kSuffix)),
      last_save_(monotonic_seconds()) {}

void PartialResults::add(const ImageResult& result) {
  results_.push_back(result);
  saved_ = false;
  if (monotonic_seconds() - last_save_ >= options_.save_every_seconds) save();
}

void PartialResults::save() {
  if (saved_) return;
  write_results(options_, results_, file_);
  saved_ = true;
  last_save_ = monotonic_seconds();
}

}  // namespace strata
