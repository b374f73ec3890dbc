#include "base/error.h"
#include "preprocess/encoded_sample.h"

#include <nlohmann/json.hpp>

#include <cstring>

namespace strata {

namespace {

using Json = nlohmann::json;

Json to_json(const Tile& t) {
  return {static_cast<int>(t.kind), static_cast<int>(t.codec), t.y, t.x, t.height, t.width, t.margin_y, t.margin_x, t.bytes};
}

Tile tile_from_json(const Json& j) {
  Tile tile;
  tile.kind = static_cast<TileKind>(j[0].get<int>());
  tile.codec = static_cast<TileCodec>(j[1].get<int>());
  uint32_t* const fields[] = {&tile.y, &tile.x, &tile.height, &tile.width, &tile.margin_y, &tile.margin_x, &tile.bytes};
  for (size_t i = 0; i < std::size(fields); ++i) *fields[i] = j[i + 2].get<uint32_t>();
  return tile;
}

Json to_json(const Sample& s) {
  Json tiles = Json::array(), centroids = Json::array();
  for (const Tile& tile : s.tiles) tiles.push_back(to_json(tile));
  for (const Centroid& c : s.centroids) centroids.push_back({c.class_id, c.x, c.y});
  return {{"name", s.name},
          {"height", s.height},
          {"width", s.width},
          {"tiles", tiles},
          {"centroids", centroids},
          {"class_pixels", s.class_pixels},
          {"ignored", s.ignored_pixels}};
}

Sample sample_from_json(const Json& json) {
  Sample s;
  s.name = json.at("name").get<std::string>();
  s.height = json.at("height").get<uint32_t>();
  s.width = json.at("width").get<uint32_t>();
  for (const Json& tile : json.at("tiles")) s.tiles.push_back(tile_from_json(tile));
  for (const Json& c : json.at("centroids"))
    s.centroids.push_back({c[0].get<uint16_t>(), c[1].get<uint32_t>(), c[2].get<uint32_t>()});
  s.class_pixels = json.at("class_pixels").get<std::vector<uint64_t>>();
  s.ignored_pixels = json.at("ignored").get<uint64_t>();
  return s;
}

}  // namespace

// Length of the description (8 bytes), description (JSON), coded bytes.
std::string to_packet(const EncodedSample& encoded) {
  Json json{{"sample", to_json(encoded.sample)}};
  if (encoded.bad) json["bad"] = {static_cast<int>(encoded.bad->kind), encoded.bad->message};
  const std::string description = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  const uint64_t length = description.size();
  std::string packet(sizeof length, '\0');
  std::memcpy(packet.data(), &length, sizeof length);
  packet += description;
  packet.append(reinterpret_cast<const char*>(encoded.coded.data()), encoded.coded.size());
  return packet;
}

EncodedSample sample_from_packet(std::string_view packet) {
  uint64_t length = 0;
  if (packet.size() < sizeof length) throw InternalError("a packet between ranks is cut short");
  std::memcpy(&length, packet.data(), sizeof length);
  packet.remove_prefix(sizeof length);
  if (packet.size() < length) throw InternalError("a packet between ranks is cut short");
  const Json json = Json::parse(packet.substr(0, length));
  EncodedSample encoded;
  encoded.sample = sample_from_json(json.at("sample"));
  if (json.contains("bad"))
    encoded.bad = BadFile{static_cast<BadFile::Kind>(json["bad"][0].get<int>()), json["bad"][1].get<std::string>()};
  const std::string_view coded = packet.substr(length);
  encoded.coded.resize(coded.size());
  std::memcpy(encoded.coded.data(), coded.data(), coded.size());
  return encoded;
}

}  // namespace strata
