#include "evaluation/inference.h"

#include "base/error.h"
#include "evaluation/network.h"
#include "evaluation/pictures.h"
#include "image/crop.h"
#include "image/normalise.h"
#include "image/resize.h"
#include "lib/evaluation/tiny.h"
#include "loader/frame_reader.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <fstream>

namespace strata {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Image stripes(int height, int width) {
  Image image(height, width, 3);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(7 * i);
  return image;
}

std::shared_ptr<SegmentationModel> model() {
  auto model = testing::tiny_model();
  model->eval();
  return model;
}

TEST(InferImage, logits_have_the_frames_size_and_attention_one_map_for_each_scale_but_the_top) {
  const auto network = model();
  const ImageOutputs outputs = infer_image(*network, stripes(16, 24), {.scales = {0.5, 1.0, 2.0}}, torch::kCPU);
  EXPECT_EQ(outputs.logits_CHW.sizes(), torch::IntArrayRef({3, 16, 24}));
  ASSERT_EQ(outputs.attention_HW.size(), 2u);
  EXPECT_EQ(outputs.attention_HW[0].second.sizes(), torch::IntArrayRef({16, 24}));
  EXPECT_FALSE(outputs.logits_CHW.requires_grad());
}

TEST(InferImage, flipping_averages_the_logits_of_the_frame_and_of_its_mirror_image) {
  const auto network = model();
  Image frame = stripes(12, 20), mirrored(12, 20, 3);
  for (int y = 0; y < 12; ++y)
    for (int x = 0; x < 20; ++x)
      for (int c = 0; c < 3; ++c) mirrored.at(y, x, c) = frame.at(y, 19 - x, c);
  const torch::Tensor straight = infer_image(*network, frame, {}, torch::kCPU).logits_CHW;
  const torch::Tensor mirror = infer_image(*network, mirrored, {}, torch::kCPU).logits_CHW.flip({2});
  const torch::Tensor both = infer_image(*network, frame, {.flip = InferenceOptions::Flip::kYes}, torch::kCPU).logits_CHW;
  EXPECT_TRUE(torch::allclose(both, (straight + mirror) / 2, 1e-6, 1e-6));
  EXPECT_FALSE(torch::allclose(both, straight, 1e-3, 1e-3));
}

TEST(LongEdge, scales_frame_and_labels_to_the_same_size_and_truncates_the_shorter_edge) {
  const LabelledImage image{stripes(33, 50), Image(33, 50, 1, 2)};
  const LabelledImage wide = resized_to_long_edge(image, 40);
  EXPECT_EQ(wide.frame.width, 40);
  EXPECT_EQ(wide.frame.height, 26);  // 33 * 40 / 50 = 26.4
  EXPECT_EQ(wide.labels.height, 26);
  EXPECT_EQ(wide.frame, resize(image.frame, 26, 40, Filter::kBilinear));
  EXPECT_EQ(resized_to_long_edge({stripes(50, 33), Image(50, 33, 1)}, 40).frame.width, 26);
  EXPECT_EQ(resized_to_long_edge(image, 50).frame, image.frame);
  EXPECT_EQ(resized_to_long_edge(image, 0).frame, image.frame);
}

TEST(LongEdge, has_the_sizes_of_the_reference_with_the_rounding_of_its_factor) {
  EXPECT_EQ(size_at_long_edge(3024, 4032, 2177), (ImageSize{1632, 2177}));
  EXPECT_EQ(size_at_long_edge(4160, 2340, 2177), (ImageSize{2177, 1224}));
  EXPECT_EQ(size_at_long_edge(480, 640, 2177), (ImageSize{1632, 2177}));
  EXPECT_EQ(size_at_long_edge(3000, 4187, 2177), (ImageSize{1559, 2176})) << "4187 * (2177 / 4187) is 2176.9999999999995";
  EXPECT_EQ(size_at_long_edge(2177, 2177, 2177), (ImageSize{2177, 2177}));
  EXPECT_EQ(size_at_long_edge(1, 5000, 100), (ImageSize{1, 100})) << "no image vanishes";
  EXPECT_EQ(size_at_long_edge(70, 90, 0), (ImageSize{70, 90}));
}

TEST(CentreCrop, is_the_middle_square_of_the_image_resized_to_that_height) {
  Image labels(33, 50, 1);
  for (size_t i = 0; i < labels.pixels.size(); ++i) labels.pixels[i] = static_cast<uint8_t>(i % 19);
  const LabelledImage image{stripes(33, 50), labels};
  const LabelledImage square = centre_cropped(image, 40, 255);  // 60x40 px: 10 px less on each side
  EXPECT_EQ(square.frame, crop(resize(image.frame, 40, 60, Filter::kBicubic), {0, 10, 40, 40}));
  EXPECT_EQ(square.labels, crop(resize(image.labels, 40, 60, Filter::kNearest), {0, 10, 40, 40}));
}

TEST(CentreCrop, leaves_the_odd_pixel_on_the_side_that_the_reference_leaves_it_on) {
  const LabelledImage image{stripes(10, 15), Image(10, 15, 1)};
  EXPECT_EQ(centre_cropped(image, 10, 255).frame, crop(image.frame, {0, 2, 10, 10}));  // 2.5 goes to 2
  const LabelledImage wider{stripes(10, 17), Image(10, 17, 1)};
  EXPECT_EQ(centre_cropped(wider, 10, 255).frame, crop(wider.frame, {0, 4, 10, 10}));  // 3.5 goes to 4
}

TEST(CentreCrop, of_an_image_higher_than_wide_has_a_black_border_that_is_not_counted) {
  const LabelledImage image{stripes(40, 20), Image(40, 20, 1, 2)};
  const LabelledImage square = centre_cropped(image, 40, 65);
  EXPECT_EQ(square.frame, crop(image.frame, {0, -10, 40, 40}));
  EXPECT_EQ(square.labels, crop(image.labels, {0, -10, 40, 40}, 65));
}

TEST(ReadLabelled, gives_train_ids_at_the_size_asked_for) {
  const testing::ScratchDirectory scratch;
  testing::write_tiny_dataset(scratch / "data", {.images = 1});
  const Dataset dataset(scratch / "data", "val");
  const LabelledImage image = read_labelled(dataset, 0, {.long_edge = 15});
  EXPECT_EQ(image.frame.width, 15);
  EXPECT_EQ(image.labels, resize(read_labels(dataset, 0, whole(dataset.sample(0))), 10, 15, Filter::kNearest));
  const LabelledImage square = read_labelled(dataset, 0, {.centre_crop = 12});
  EXPECT_EQ(square.frame.height, 12);
  EXPECT_EQ(square.labels.width, 12);
  EXPECT_THROW(read_labelled(dataset, 0, {.long_edge = 15, .centre_crop = 12}), InternalError);
}

TEST(Pictures, errors_are_red_and_uncounted_pixels_black) {
  const LabelledImage image{Image(1, 3, 3, 160), [] {
                              Image labels(1, 3, 1);
                              labels.pixels = {0, 1, 255};
                              return labels;
                            }()};
  ImageOutputs outputs;
  outputs.logits_CHW = torch::zeros({2, 1, 3});
  outputs.logits_CHW[0] = 1;  // class 0 everywhere
  outputs.attention_HW.emplace_back(0.5, torch::tensor({{0.0f, 1.0f, NAN}}));
  const EvaluatedPictures pictures = draw_pictures(image, outputs);
  EXPECT_THAT(pictures.prediction.pixels, ElementsAre(0, 0, 0));
  EXPECT_THAT(pictures.errors.pixels, ElementsAre(110, 110, 110, 207, 58, 53, 0, 0, 0));
  ASSERT_EQ(pictures.attention.size(), 1u);
  EXPECT_LT(pictures.attention[0].second.at(0, 0, 1), 40);
  EXPECT_GT(pictures.attention[0].second.at(0, 1, 1), 200);
  const EvaluatedPictures small = shrunk(pictures, 2);
  EXPECT_EQ(small.errors.width, 2);
  EXPECT_EQ(coded(pictures, testing::tiny_label_set(), Coding::kSmall).size(), 5u);
}

TEST(SpreadByIou, goes_from_the_lowest_to_the_highest) {
  std::vector<ImageResult> images;
  for (int64_t right : {50, 90, 10, 70, 30})
    images.push_back({.sample = static_cast<uint32_t>(images.size()),
                      .confusion = {right, 100 - right, 0, 0},
                      .loss = 0,
                      .pixels = 100,
                      .valid_pixels = 100});
  images.push_back({.sample = 5, .confusion = {0, 0, 0, 0}});  // nothing counted
  EXPECT_THAT(spread_by_iou(images, 2, 3), ElementsAre(2, 0, 1));
  EXPECT_THAT(spread_by_iou(images, 2, 99), ElementsAre(2, 4, 0, 3, 1));
  EXPECT_THAT(spread_by_iou(images, 2, 1), ElementsAre(0));
  EXPECT_THAT(spread_by_iou(images, 2, 0), IsEmpty());
  for (ImageResult& image : images) image.confusion.assign(4, 0);  // a folder of frames without labels
  EXPECT_THAT(spread_by_iou(images, 2, 2), ElementsAre(0, images.size() - 1));
}

TEST(WeightFile, of_a_run_directory_is_its_best) {
  const testing::ScratchDirectory scratch;
  EXPECT_EQ(weight_file_of(scratch / "some.safetensors"), scratch / "some.safetensors");
  EXPECT_THROW(weight_file_of(scratch.path()), MissingInput);
  std::filesystem::create_directories(scratch / "weights");
  std::ofstream(scratch / "weights" / "last.safetensors") << "x";
  try {
    weight_file_of(scratch.path());
    FAIL();
  } catch (const MissingInput& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("best.safetensors"), HasSubstr("evaluate"), HasSubstr("last.safetensors")));
  }
  std::ofstream(scratch / "weights" / "best.safetensors") << "x";
  EXPECT_EQ(weight_file_of(scratch.path()), scratch / "weights" / "best.safetensors");
}

TEST(RequireSameClasses, says_which_class_differs) {
  const LabelSet labels = testing::tiny_label_set();
  ImportedWeights weights;
  weights.model = ModelOptions{.num_classes = 3};
  weights.description.class_names = {"sky", "road", "car"};
  EXPECT_NO_THROW(require_same_classes(weights, labels, "w.safetensors"));
  weights.description.class_names[1] = "river";
  try {
    require_same_classes(weights, labels, "w.safetensors");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("w.safetensors"), HasSubstr("class 1"), HasSubstr("river"), HasSubstr("road")));
  }
  weights.description.class_names = {"sky"};
  EXPECT_THROW(require_same_classes(weights, labels, "w.safetensors"), ConfigError);
}

TEST(RequireSameClasses, counts_those_of_weights_that_do_not_name_them) {
  ImportedWeights weights;
  weights.model = ModelOptions{.num_classes = 3};
  EXPECT_NO_THROW(require_same_classes(weights, testing::tiny_label_set(), "w.pth"));
  weights.model->num_classes = 4;
  EXPECT_THROW(require_same_classes(weights, testing::tiny_label_set(), "w.pth"), ConfigError);
}

}  // namespace
}  // namespace strata
