// strata-dataset: what dataset directories hold; checks, files, subsets and pages of them. Neither MPI nor a device is touched.

#include "base/files.h"
#include "base/main.h"
#include "config/dataset_command.h"
#include "curation/dataset_report.h"
#include "curation/verification.h"

#include <fmt/format.h>

#include <cstdio>
#include <optional>

namespace {

using namespace strata;

void say(const std::string& text) { std::fputs(text.c_str(), stdout); }

ExitCode verify(const DatasetCommand& command) {
  const Verification found = verify_dataset(command.data, command.threads);
  for (const std::string& problem : found.problems) say(problem + "\n");
  say(fmt::format("{} shards, {} samples, {} problems\n", found.shards, found.samples, found.problems.size()));
  return found.problems.empty() ? ExitCode::kDone : ExitCode::kData;
}

ExitCode run(const DatasetCommand& command) {
  switch (command.verb) {
    case DatasetCommand::Verb::kInfo:
      say(dataset_report(command.data));
      return ExitCode::kDone;
    case DatasetCommand::Verb::kVerify:
      return verify(command);
    case DatasetCommand::Verb::kExtract: {
      const Extraction made = extract(command.extraction);
      say(fmt::format("{}: {} samples, {}\n", command.extraction.output.string(), made.samples,
                      made.original ? "files as they were" : "as PNG files of the same pixels"));
      return ExitCode::kDone;
    }
    case DatasetCommand::Verb::kSubset:
      say(balance_text(make_subset(command.subset)));
      return ExitCode::kDone;
    case DatasetCommand::Verb::kSheet:
      write_file_atomically(command.page, contact_sheet(command.sheet));
      return ExitCode::kDone;
  }
  throw InternalError("a verb without an action");
}

}  // namespace

int main(int argc, char** argv) {
  return run_main([&] {
    const std::optional<DatasetCommand> command = parse_dataset_command(argc, argv);
    return command ? run(*command) : ExitCode::kDone;
  });
}
