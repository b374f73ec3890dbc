#pragma once
// The network of parity/models.h5 with its weights by rule, and comparison with the numbers there.

#include "models/segmentation_model.h"
#include "support/hdf5_file.h"

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

namespace strata::testing {

class ReferenceModel {
 public:
  explicit ReferenceModel(std::string name);

  std::shared_ptr<SegmentationModel> model() const { return model_; }
  torch::Tensor images() const { return images_; }  // both, double
  torch::Tensor labels() const { return labels_; }
  std::vector<double> numbers(const std::string& dataset) const { return file_.doubles("/" + name_ + "/" + dataset); }
  std::vector<std::string> texts(const std::string& dataset) const { return file_.strings("/" + name_ + "/" + dataset); }
  double attribute(const std::string& name) const { return file_.attribute("/" + name_, name); }

  // Every second row and column of `output` against the dataset, relative to its largest value.
  void expect_output(const torch::Tensor& output_NCHW, const std::string& dataset, double tolerance) const;

  enum class Loss { kCrossEntropy, kRmi };
  // `count` SGD steps as in parity/README.md from the weights by rule. Checks losses and, after the first, gradients, parameters
  // and running variances.
  void expect_training(Loss loss, size_t count);

 private:
  struct StepLoss {
    double total;
    double magnitude;  // of its terms without their signs: RMI is negative and takes digits away
  };
  StepLoss step(Loss loss);
  void expect_gradients(const std::string& group) const;
  void expect_parameters(const std::string& group) const;
  void expect_running_variances(const std::string& group) const;
  void descend();

  std::string name_;
  Hdf5File file_;
  std::shared_ptr<SegmentationModel> model_;
  torch::Tensor images_, labels_;
  std::vector<torch::Tensor> momenta_;
};

}  // namespace strata::testing
