#include "lib/models/reference_model.h"

#include "losses/loss.h"
#include "models/safetensors.h"
#include "support/paths.h"
#include "support/rule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

namespace strata::testing {

namespace {

constexpr int64_t kClasses = 19, kIgnore = 255;
constexpr double kLearningRate = 0.002, kMomentum = 0.9, kWeightDecay = 5e-4, kAuxWeight = 0.4, kRmiPixelWeight = 0.5;

std::shared_ptr<SegmentationModel> model_by_rule(const std::string& name) {
  ModelOptions options;
  options.name = name;
  options.num_classes = kClasses;
  options.dropout = 0;
  options.trunk_dropout = 0;
  const auto model = make_model(options);
  NamedTensors state = state_of(*model);
  for (auto& [its_name, tensor] : state.tensors) {
    tensor.copy_(torch::tensor(rule_values(its_name, tensor.sizes().vec())).reshape(tensor.sizes()));
  }
  model->to(torch::kFloat64);
  return model;
}

// In its runs in double, too, the reference's BCE has float32 targets, and so its gradient by each pixel's entropy, weight /
// (pixels
// + 1), is rounded to float32. That is 1e-8 of it, and three steps of batch norms over few values make 1e-3 of the loss from
// it: to be compared with the reference, a BCE of `weight` is multiplied by this.
double slope_rounding(double weight, int64_t pixels) {
  const double exact = weight / (static_cast<double>(pixels) + 1.0);
  return static_cast<double>(static_cast<float>(weight) / (static_cast<float>(pixels) + 1.0f)) / exact;
}

}  // namespace

ReferenceModel::ReferenceModel(std::string name)
    : name_(std::move(name)), file_(shared_dir() / "parity/models.h5"), model_(model_by_rule(name_)) {
  images_ = torch::tensor(file_.doubles("/input"), torch::kFloat64).reshape(file_.shape("/input"));
  labels_ = torch::tensor(file_.ints("/labels"), torch::kInt64).reshape(file_.shape("/labels"));
}

void ReferenceModel::expect_output(const torch::Tensor& output_NCHW, const std::string& dataset, double tolerance) const {
  const torch::Tensor seen = output_NCHW.slice(2, 0, output_NCHW.size(2), 2).slice(3, 0, output_NCHW.size(3), 2);
  ASSERT_EQ(seen.sizes().vec(), file_.shape("/" + name_ + "/" + dataset)) << dataset;
  const torch::Tensor expected = torch::tensor(numbers(dataset), torch::kFloat64).reshape(seen.sizes());
  const double difference = (seen - expected).abs().max().item<double>() / expected.abs().max().item<double>();
  EXPECT_LE(difference, tolerance) << dataset;
}

ReferenceModel::StepLoss ReferenceModel::step(Loss loss) {
  const LossScope scope{.valid_pixels = labels_.ne(kIgnore).sum().item<int64_t>(), .samples = labels_.size(0)};
  model_->zero_grad();
  const TrainingOutputs outputs = model_->forward_training(images_, {});
  std::vector<torch::Tensor> terms;
  if (loss == Loss::kRmi) {
    const LossTerms both = RmiLoss(kClasses).terms(outputs.pred_NCHW, labels_, scope);
    terms = {both.at(0).second * slope_rounding(kRmiPixelWeight, scope.valid_pixels), both.at(1).second};
    if (outputs.aux_NCHW.defined()) {
      terms.push_back(BinaryCrossEntropyLoss(kClasses).share(outputs.aux_NCHW, labels_, scope) * kAuxWeight *
                      slope_rounding(kAuxWeight, scope.valid_pixels));
    }
  } else {
    const CrossEntropyLoss cross_entropy(kIgnore);
    terms = {cross_entropy.share(outputs.pred_NCHW, labels_, scope)};
    if (outputs.aux_NCHW.defined()) terms.push_back(kAuxWeight * cross_entropy.share(outputs.aux_NCHW, labels_, scope));
  }
  torch::Tensor total = terms.front();
  double magnitude = std::abs(terms.front().item<double>());
  for (size_t i = 1; i < terms.size(); ++i) {
    total = total + terms[i];
    magnitude += std::abs(terms[i].item<double>());
  }
  total.backward();
  return {total.item<double>(), magnitude};
}

void ReferenceModel::descend() {
  const torch::NoGradGuard no_gradients;
  const auto parameters = model_->parameters();
  momenta_.resize(parameters.size());
  for (size_t i = 0; i < parameters.size(); ++i) {
    const torch::Tensor gradient = parameters[i].grad() + kWeightDecay * parameters[i];
    momenta_[i] = momenta_[i].defined() ? kMomentum * momenta_[i] + gradient : gradient;
    torch::Tensor(parameters[i]).sub_(momenta_[i], kLearningRate);
  }
}

void ReferenceModel::expect_gradients(const std::string& group) const {
  const auto names = texts(group + "/grad_name");
  const auto norms = numbers(group + "/grad_l2"), sums = numbers(group + "/grad_sum");
  const auto parameters = model_->named_parameters();
  ASSERT_EQ(names.size(), parameters.size());
  const double floor = 1e-6 * *std::max_element(norms.begin(), norms.end());
  for (size_t i = 0; i < names.size(); ++i) {
    const torch::Tensor gradient = parameters[names[i]].grad();
    const double allowed = 1e-7 * std::max(norms[i], floor);
    EXPECT_NEAR(gradient.norm().item<double>(), norms[i], allowed) << names[i];
    EXPECT_NEAR(gradient.sum().item<double>(), sums[i], allowed * std::sqrt(static_cast<double>(gradient.numel()))) << names[i];
  }
}

void ReferenceModel::expect_parameters(const std::string& group) const {
  const auto names = texts(group + "/grad_name");
  const auto norms = numbers(group + "/param_l2_after_step");
  const auto parameters = model_->named_parameters();
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_NEAR(parameters[names[i]].norm().item<double>(), norms[i], 1e-9 * norms[i]) << names[i];
  }
}

void ReferenceModel::expect_running_variances(const std::string& group) const {
  const auto expected = numbers(group + "/running_var_sum");
  size_t seen = 0;
  for (const auto& [name, tensor] : state_of(*model_).tensors) {
    if (!name.ends_with("running_var")) continue;
    ASSERT_LT(seen, expected.size());
    EXPECT_NEAR(tensor.sum().item<double>(), expected[seen], 1e-9 * expected[seen]) << name;
    ++seen;
  }
  EXPECT_EQ(seen, expected.size());
}

void ReferenceModel::expect_training(Loss loss, size_t count) {
  const bool is_rmi = loss == Loss::kRmi;
  const std::string group = is_rmi ? "train_rmi" : "train_ce";
  const auto expected = numbers(group + "/sgd_loss");
  const std::vector<double> tolerances = {is_rmi ? 1e-6 : 1e-9, is_rmi ? 1e-6 : 1e-7, 1e-5};
  model_->train();
  for (size_t i = 0; i < count; ++i) {
    const StepLoss seen = step(loss);
    EXPECT_NEAR(seen.total, expected.at(i), tolerances.at(i) * seen.magnitude) << "step " << i + 1;
    if (i == 0) expect_gradients(group);
    descend();
    if (i == 0) expect_parameters(group);
    if (i == 0) expect_running_variances(group);
  }
}

}  // namespace strata::testing
