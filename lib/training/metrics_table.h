#pragma once
// metrics.csv: one row a step, with the validation that followed it. Its bytes are a pure function of the run.
//
//   step,epoch,lr,loss,loss_main,loss_aux,loss_lo,loss_hi,loss_main_bce,loss_main_rmi,loss_aux_bce,loss_aux_rmi,
//   gradient_norm,skipped,val_loss,mean_iu,acc,acc_cls,fwavacc
//
// `step` counts from 1, `epoch` from 0. Losses are of the global batch, the parts weighted: loss is the
// sum of main, aux, lo and hi, and with RMI main is that of main_bce and main_rmi. gradient_norm is before clipping; skipped is 1
// for a step that was not applied. Fractions, not percent. Cells of what a network has not, or of validations where none was, are
// empty.

#include "base/csv_file.h"
#include "training/train_step.h"
#include "training/validation.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace strata {

class MetricsTable {
 public:
  // Opens the table with its rows up to `last_step`.
  MetricsTable(const std::filesystem::path& file, uint64_t last_step);

  // The part of a row that the step itself fills. Text, because a checkpoint may have to carry it until the validation is done.
  static std::vector<std::string> step_cells(const StepOutcome& outcome, uint64_t epoch, double lr);

  // IoError.
  void add(uint64_t step, const std::vector<std::string>& step_cells, const std::optional<ValidationResult>& validation);
  void sync() { file_.sync(); }

 private:
  CsvFile file_;
};

}  // namespace strata
