// Metrics and table against the numbers of the reference implementation.

#include "evaluation/confusion.h"
#include "evaluation/iou_table.h"
#include "support/hdf5_file.h"
#include "support/paths.h"

#include <gmock/gmock.h>
#include <torch/types.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace strata {
namespace {

const testing::Hdf5File& numbers() {
  static const testing::Hdf5File file(testing::shared_dir() / "parity" / "metrics.h5");
  return file;
}

ConfusionMatrix counted() {
  const std::vector<int64_t> predictions = numbers().ints("prediction"), labels = numbers().ints("label");
  ConfusionMatrix confusion(static_cast<int>(numbers().shape("confusion")[0]));
  confusion.add(torch::tensor(predictions, torch::kInt64), torch::tensor(labels, torch::kInt64));
  return confusion;
}

TEST(MetricsParity, the_confusion_matrix_is_that_of_the_reference) { EXPECT_EQ(counted().counts(), numbers().ints("confusion")); }

TEST(MetricsParity, iou_and_means_are_those_of_the_reference) {
  const Metrics metrics = metrics_of(counted());
  const std::vector<double> iou = numbers().doubles("iou");
  ASSERT_EQ(metrics.classes.size(), iou.size());
  for (size_t id = 0; id < iou.size(); ++id) {
    ASSERT_EQ(metrics.classes[id].iou.has_value(), !std::isnan(iou[id])) << "class " << id;
    if (metrics.classes[id].iou) {
      EXPECT_DOUBLE_EQ(*metrics.classes[id].iou, iou[id]) << "class " << id;
    }
  }
  EXPECT_DOUBLE_EQ(metrics.mean_iu.value(), numbers().doubles("mean_iu")[0]);
  EXPECT_DOUBLE_EQ(metrics.acc.value(), numbers().doubles("acc")[0]);
  EXPECT_DOUBLE_EQ(metrics.acc_cls.value(), numbers().doubles("acc_cls")[0]);
  EXPECT_DOUBLE_EQ(metrics.fwavacc.value(), numbers().doubles("fwavacc")[0]);
}

TEST(MetricsParity, the_table_in_the_manner_of_the_reference_is_its_text) {
  const std::vector<std::string> names = {
      "road", "sidewalk", "building", "wall", "fence", "pole", "traffic_light", "traffic_sign", "vegetation", "terrain",
      "sky",  "person",   "rider",    "car",  "truck", "bus",  "train",         "motorcycle",   "bicycle"};
  std::ostringstream expected;
  expected << std::ifstream(testing::shared_dir() / "parity" / "iou_table.txt").rdbuf();
  EXPECT_EQ(iou_table(metrics_of(counted()), names, TableStyle::kReference), expected.str());
}

}  // namespace
}  // namespace strata
