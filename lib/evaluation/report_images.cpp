#include "evaluation/report_images.h"

#include "base/files.h"
#include "comm/agreement.h"
#include "evaluation/html.h"
#include "evaluation/pictures.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace strata {
namespace {

using Json = nlohmann::json;

// Letters, digits, dot, dash and underscore; the rest, '/' above all, becomes an underscore.
std::string file_name_part(const std::string& name) {
  std::string part = name.substr(name.size() > 80 ? name.size() - 80 : 0);
  for (char& c : part)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '_';
  return part;
}

std::string place_of(size_t position, size_t count) {
  if (count < 2) return "";
  if (position == 0) return "lowest";
  if (position + 1 == count) return "highest";
  return 2 * position + 1 == count || 2 * position == count ? "median" : "";
}

// Writes the full-size pictures and returns the small ones as data: URIs, [[kind, uri], ...].
Json drawn(SegmentationModel& model, const Dataset& dataset, uint32_t sample, size_t position, const ReportImageOptions& options,
           torch::Device device) {
  const LabelledImage image = read_labelled(dataset, sample, options.inference);
  const EvaluatedPictures pictures = draw_pictures(image, infer_image(model, image.frame, options.inference, device));
  const std::string stem = fmt::format("{:02}-{}", position + 1, file_name_part(dataset.sample(sample).name));
  for (const CodedPicture& picture : coded(pictures, dataset.labels(), Coding::kLossless))
    write_file_atomically(options.directory / fmt::format("{}-{}.png", stem, picture.kind), picture.bytes);
  Json figures = Json::array();
  for (const CodedPicture& picture : coded(shrunk(pictures, options.page_edge), dataset.labels(), Coding::kSmall))
    figures.push_back({picture.kind, data_uri(picture.media_type, picture.bytes)});
  return figures;
}

ReportImage described(const ImageResult& result, const Dataset& dataset, const std::string& place) {
  const Metrics metrics = metrics_of(ConfusionMatrix(dataset.labels().num_classes(), result.confusion));
  return {.name = dataset.sample(result.sample).name,
          .place = place,
          .mean_iu = metrics.mean_iu,
          .acc = metrics.acc,
          .loss = result.loss,
          .figures = {}};
}

// The samples to draw, the same on every rank.
std::vector<uint32_t> chosen_samples(const std::vector<ImageResult>& images, const Dataset& dataset, int count,
                                     const Communicator& comm) {
  Json samples = Json::array();
  if (comm.is_root())
    for (size_t index : spread_by_iou(images, dataset.labels().num_classes(), count)) samples.push_back(images[index].sample);
  return Json::parse(comm.broadcast(samples.dump())).get<std::vector<uint32_t>>();
}

}  // namespace

std::optional<std::vector<ReportImage>> make_report_images(SegmentationModel& model, const Dataset& dataset,
                                                           const std::vector<ImageResult>& images,
                                                           const ReportImageOptions& options, const Communicator& comm,
                                                           torch::Device device, const std::function<bool()>& stop) {
  on_root(comm, [&] { require_writable_directory(options.directory); });
  const std::vector<uint32_t> chosen = chosen_samples(images, dataset, options.count, comm);
  Json own = Json::object();  // position -> figures
  for (size_t first = 0; first < chosen.size(); first += static_cast<size_t>(comm.size())) {
    if (stop && stop()) return std::nullopt;
    agree(comm, [&] {
      const size_t position = first + static_cast<size_t>(comm.rank());
      if (position < chosen.size())
        own[std::to_string(position)] = drawn(model, dataset, chosen[position], position, options, device);
    });
  }

  std::vector<ReportImage> shown;
  const std::vector<std::string> gathered = comm.gather(own.dump());
  if (!comm.is_root()) return shown;
  for (size_t position = 0; position < chosen.size(); ++position) {
    const auto result =
        std::find_if(images.begin(), images.end(), [&](const ImageResult& image) { return image.sample == chosen[position]; });
    shown.push_back(described(*result, dataset, place_of(position, chosen.size())));
  }
  for (const std::string& text : gathered) {
    const Json drawn_there = Json::parse(text);
    for (const auto& [position, figures] : drawn_there.items())
      for (const Json& figure : figures) shown[std::stoul(position)].figures.push_back({figure.at(0), figure.at(1)});
  }
  return shown;
}

}  // namespace strata
