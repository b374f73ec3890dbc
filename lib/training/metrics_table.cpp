#include "training/metrics_table.h"

#include <fmt/format.h>

#include <array>

namespace strata {
namespace {

constexpr std::array kHeads = {"main", "aux", "lo", "hi"};
constexpr std::array kTerms = {"main_bce", "main_rmi", "aux_bce", "aux_rmi"};

std::vector<std::string> columns() {
  std::vector<std::string> names = {"epoch", "lr", "loss"};
  for (const char* head : kHeads) names.push_back(fmt::format("loss_{}", head));
  for (const char* term : kTerms) names.push_back(fmt::format("loss_{}", term));
  for (const char* name : {"gradient_norm", "skipped", "val_loss", "mean_iu", "acc", "acc_cls", "fwavacc"})
    names.emplace_back(name);
  return names;
}

// As base/csv_file.h writes a double.
std::string text_of(double value) { return fmt::format("{}", value); }

std::string text_of(const std::optional<double>& value) { return value ? text_of(*value) : ""; }

// Of "main", or of "main_bce" and "main_rmi".
std::optional<double> sum_of_head(const StepOutcome& outcome, const std::string& head) {
  std::optional<double> sum;
  for (const auto& [name, part] : outcome.parts) {
    if (name == head || name.starts_with(head + "_")) sum = sum.value_or(0) + part;
  }
  return sum;
}

CsvValue cell_of(const std::optional<double>& value) { return value ? CsvValue(*value) : CsvValue(std::monostate()); }

}  // namespace

MetricsTable::MetricsTable(const std::filesystem::path& file, uint64_t last_step) : file_(file, columns(), last_step) {}

std::vector<std::string> MetricsTable::step_cells(const StepOutcome& outcome, uint64_t epoch, double lr) {
  std::vector<std::string> cells = {std::to_string(epoch), text_of(lr), text_of(outcome.loss)};
  for (const char* head : kHeads) cells.push_back(text_of(sum_of_head(outcome, head)));
  for (const char* term : kTerms) {
    const auto found = outcome.parts.find(term);
    cells.push_back(found == outcome.parts.end() ? "" : text_of(found->second));
  }
  cells.push_back(text_of(outcome.gradient_norm));
  cells.push_back(outcome.skipped ? "1" : "0");
  return cells;
}

void MetricsTable::add(uint64_t step, const std::vector<std::string>& step_cells,
                       const std::optional<ValidationResult>& validation) {
  std::vector<CsvValue> cells(step_cells.begin(), step_cells.end());
  if (validation) {
    const Metrics& m = validation->metrics;
    cells.insert(cells.end(),
                 {CsvValue(validation->loss), cell_of(m.mean_iu), cell_of(m.acc), cell_of(m.acc_cls), cell_of(m.fwavacc)});
  } else {
    cells.resize(columns().size());
  }
  file_.add(step, cells);
}

}  // namespace strata
