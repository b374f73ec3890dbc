#include "training/metrics_table.h"

#include "base/files.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <limits>

namespace strata {
namespace {

using ::testing::HasSubstr;
using testing::ScratchDirectory;

StepOutcome outcome_of(double main, double aux) {
  StepOutcome outcome;
  outcome.loss = main + aux;
  outcome.parts = {{"main", main}, {"aux", aux}};
  outcome.gradient_norm = 2;
  return outcome;
}

ValidationResult validation_of(double mean_iu) {
  ValidationResult result;
  result.metrics.mean_iu = mean_iu;
  result.metrics.acc = 0.75;
  result.loss = 1.5;
  return result;
}

std::vector<std::string> cells(int step) { return MetricsTable::step_cells(outcome_of(step, 0.5), 0, 0.1); }

TEST(MetricsTable, HasOneRowAStepWithTheValidationThatFollowedIt) {
  ScratchDirectory scratch;
  MetricsTable table(scratch / "m.csv", 0);
  table.add(1, cells(1), std::nullopt);
  table.add(2, cells(2), validation_of(0.25));
  EXPECT_EQ(read_text_file(scratch / "m.csv"),
            "step,epoch,lr,loss,loss_main,loss_aux,loss_lo,loss_hi,loss_main_bce,loss_main_rmi,loss_aux_bce,loss_aux_rmi,"
            "gradient_norm,skipped,val_loss,mean_iu,acc,acc_cls,fwavacc\n"
            "1,0,0.1,1.5,1,0.5,,,,,,,2,0,,,,,\n"
            "2,0,0.1,2.5,2,0.5,,,,,,,2,0,1.5,0.25,0.75,,\n");
}

TEST(MetricsTable, CutBackAndContinuedHoldsTheSameBytes) {
  ScratchDirectory scratch;
  for (int step = 1; step <= 3; ++step) MetricsTable(scratch / "straight.csv", 3).add(step, cells(step), std::nullopt);
  for (int step = 1; step <= 2; ++step) MetricsTable(scratch / "continued.csv", 2).add(step, cells(step), std::nullopt);
  MetricsTable continued(scratch / "continued.csv", 1);  // the checkpoint was of step 1
  for (int step = 2; step <= 3; ++step) continued.add(step, cells(step), std::nullopt);
  EXPECT_EQ(read_text_file(scratch / "continued.csv"), read_text_file(scratch / "straight.csv"));
}

TEST(MetricsTable, ShowsALossOfTermsAsItsSumAndEachTerm) {
  StepOutcome outcome;
  outcome.loss = 0.25;
  outcome.parts = {{"main_bce", 1}, {"main_rmi", -1.25}, {"aux", 0.5}};
  const auto row = MetricsTable::step_cells(outcome, 0, 0.1);
  EXPECT_THAT(row, ::testing::ElementsAre("0", "0.1", "0.25", "-0.25", "0.5", "", "", "1", "-1.25", "", "", "0", "0"));
}

TEST(MetricsTable, TellsOfASkippedStepWhatWasNotFinite) {
  StepOutcome outcome = outcome_of(std::numeric_limits<double>::quiet_NaN(), 0);
  outcome.skipped = true;
  const auto row = MetricsTable::step_cells(outcome, 3, 0.1);
  EXPECT_EQ(row[2], "nan");
  EXPECT_EQ(row.back(), "1");
}

}  // namespace
}  // namespace strata
