#pragma once
// The curves of a training run, read from its metrics.csv.

#include "evaluation/line_chart.h"

#include <filesystem>
#include <string>
#include <vector>

namespace strata {

// Charts over the steps: losses (columns loss, loss_main, loss_aux, val_loss), validation (mean_iu, acc), learning rate (lr).
// Empty cells and "nan" are gaps. None where there is no such file or no such column: curves are an addition to an evaluation.
std::vector<LineChart> read_run_curves(const std::filesystem::path& metrics_csv);

// The same from rows of cells, the header first.
using CsvRows = std::vector<std::vector<std::string>>;
std::vector<LineChart> run_curves_of(const CsvRows& rows);

}  // namespace strata
