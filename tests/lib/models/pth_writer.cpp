#include "lib/models/pth_writer.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace strata::testing {

namespace {

template <typename Number>
std::string little(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

// The code of an instruction and its argument.
std::string instruction(char code, const std::string& argument) { return std::string(1, code).append(argument); }

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += item;
  return text;
}

std::string numbers(const std::vector<int64_t>& values) {
  std::vector<std::string> items;
  for (int64_t value : values) items.push_back(p_int(value));
  return p_tuple(items);
}

std::string set_items(const Entries& entries) {
  if (entries.empty()) return "";
  std::string text = "(";
  for (const auto& [key, value] : entries) text.append(p_text(key)).append(value);
  return text.append("u");
}

}  // namespace

std::string p_text(const std::string& text) { return instruction('X', little(static_cast<uint32_t>(text.size())).append(text)); }

std::string p_int(int64_t number) {
  if (number >= 0 && number < 256) return instruction('K', little(static_cast<uint8_t>(number)));
  if (number >= 0 && number < 65536) return instruction('M', little(static_cast<uint16_t>(number)));
  if (number == static_cast<int32_t>(number)) return instruction('J', little(static_cast<int32_t>(number)));
  return instruction('\x8a', instruction(sizeof number, little(number)));
}

std::string p_float(double number) { return instruction('G', little(__builtin_bswap64(std::bit_cast<uint64_t>(number)))); }
std::string p_bool(bool value) { return value ? "\x88" : "\x89"; }
std::string p_none() { return "N"; }
std::string p_tuple(const std::vector<std::string>& items) { return items.empty() ? ")" : fmt::format("({}t", joined(items)); }
std::string p_list(const std::vector<std::string>& items) { return items.empty() ? "]" : fmt::format("]({}e", joined(items)); }
std::string p_global(const std::string& module, const std::string& name) { return fmt::format("c{}\n{}\n", module, name); }
std::string p_call(const std::string& callable, const std::vector<std::string>& arguments) {
  return callable + p_tuple(arguments) + "R";
}
std::string p_dict(const Entries& entries) { return instruction('}', set_items(entries)); }
std::string p_ordered_dict(const Entries& entries) {
  return p_call(p_global("collections", "OrderedDict"), {}) + set_items(entries);
}

std::string p_numpy_double(double number) {
  std::string latin1;
  for (const char c : little(number)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      latin1 += c;
    } else {
      latin1 += static_cast<char>(0xC0 | (byte >> 6));
      latin1 += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  const std::string type = p_call(p_global("numpy", "dtype"), {p_text("f8"), p_bool(false), p_bool(true)}) +
                           p_tuple({p_int(3), p_text("<"), p_none(), p_none(), p_none(), p_int(-1), p_int(-1), p_int(0)}) + "b";
  return p_call(p_global("numpy._core.multiarray", "scalar"),
                {type, p_call(p_global("_codecs", "encode"), {p_text(latin1), p_text("latin1")})});
}

std::string p_whole(const std::string& object) { return instruction('\x80', instruction('\x02', object)).append("."); }

std::string p_tensor(const TensorText& tensor, PthForm form) {
  std::vector<std::string> storage = {p_text("storage"), p_global("torch", tensor.type), p_text(tensor.storage), p_text("cpu"),
                                      p_int(tensor.elements)};
  if (form == PthForm::kLegacy) storage.push_back(p_none());
  return p_call(p_global("torch._utils", "_rebuild_tensor_v2"),
                {p_tuple(storage) + "Q", p_int(tensor.offset), numbers(tensor.sizes), numbers(tensor.strides), p_bool(false),
                 p_ordered_dict({})});
}

std::string zip_of(const std::vector<ZipRecordText>& records) {
  std::string file, directory;
  for (const auto& [name, bytes] : records) {
    const auto offset = static_cast<uint32_t>(file.size()), size = static_cast<uint32_t>(bytes.size());
    const auto crc = static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), size));
    const std::string form = little(uint16_t{0}) + little(uint16_t{0x0808}) + little(uint16_t{0}) + little(uint32_t{0});
    const std::string lengths = little(static_cast<uint16_t>(name.size()));
    const std::string padding = "FB" + little(uint16_t{4}) + "ZZZZ";
    file +=
        "PK\x03\x04" + form + std::string(12, '\0') + lengths + little(static_cast<uint16_t>(padding.size())) + name + padding;
    file += bytes + "PK\x07\x08" + little(crc) + little(size) + little(size);
    directory += std::string("PK\x01\x02") + little(uint16_t{0}) + form + little(crc) + little(size) + little(size) + lengths;
    directory += std::string(12, '\0') + little(offset) + name;
  }
  const auto count = records.size(), start = file.size(), end = start + directory.size();
  file += directory;
  file += "PK\x06\x06" + little(uint64_t{44}) + little(uint32_t{0}) + little(uint64_t{0}) + little(uint64_t{count}) +
          little(uint64_t{count}) + little(uint64_t{directory.size()}) + little(uint64_t{start});
  file += "PK\x06\x07" + little(uint32_t{0}) + little(uint64_t{end}) + little(uint32_t{1});
  file += "PK\x05\x06" + little(uint32_t{0}) + little(static_cast<uint16_t>(count)) + little(static_cast<uint16_t>(count)) +
          little(static_cast<uint32_t>(directory.size())) + little(static_cast<uint32_t>(start)) + little(uint16_t{0});
  return file;
}

std::string pth_of(const std::string& pickle, const std::vector<StorageBytes>& storages, PthForm form) {
  if (form == PthForm::kZip) {
    std::vector<ZipRecordText> records = {{"small/data.pkl", pickle}, {"small/byteorder", "little"}};
    for (const StorageBytes& storage : storages) records.push_back({"small/data/" + storage.key, storage.bytes});
    records.push_back({"small/version", "3\n"});
    return zip_of(records);
  }
  std::string file = std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.", 21);
  file +=
      p_whole(p_dict({{"protocol_version", p_int(1001)}, {"little_endian", p_bool(true)}, {"type_sizes", p_dict({})}})) + pickle;
  std::vector<std::string> keys;
  for (const StorageBytes& storage : storages) keys.push_back(p_text(storage.key));
  file += p_whole(p_list(keys));
  for (const StorageBytes& storage : storages) file += little(storage.elements) + storage.bytes;
  return file;
}

SmallCheckpoint small_checkpoint(PthForm form) {
  std::vector<float> weight(12), momentum(12);
  for (size_t i = 0; i < weight.size(); ++i) weight[i] = 0.5f * static_cast<float>(i), momentum[i] = 1.0f - weight[i];
  SmallCheckpoint small;
  small.storages = {{"0", raw_bytes(weight), 12},
                    {"1", raw_bytes<float>({1.5f, -2.5f}), 2},
                    {"2", raw_bytes<int64_t>({7}), 1},
                    {"3", raw_bytes(momentum), 12},
                    {"4", raw_bytes<float>({0.25f, 0.75f}), 2}};
  const auto tensor = [form](const char* key, const char* type, int64_t elements, std::vector<int64_t> sizes,
                             std::vector<int64_t> strides) {
    return p_tensor({key, type, elements, 0, std::move(sizes), std::move(strides)}, form);
  };
  const std::string bias = p_call(p_global("torch._utils", "_rebuild_parameter"),
                                  {tensor("1", "FloatStorage", 2, {2}, {1}), p_bool(true), p_ordered_dict({})});
  const std::string metadata = p_dict({{"_metadata", p_ordered_dict({{"", p_dict({{"version", p_int(1)}})}})}}) + "b";
  const std::string state =
      p_ordered_dict({{"module.backbone.conv1.weight", tensor("0", "FloatStorage", 12, {2, 3, 2, 1}, {6, 1, 3, 1})},
                      {"module.backbone.conv1.bias", bias},
                      {"module.backbone.bn1.num_batches_tracked", tensor("2", "LongStorage", 1, {}, {})}}) +
      metadata;
  const auto buffer = [](const std::string& momentum_of) { return p_dict({{"momentum_buffer", momentum_of}}); };
  const std::string states = std::string("}(") + p_int(0) + buffer(tensor("3", "FloatStorage", 12, {2, 3, 2, 1}, {6, 2, 1, 1})) +
                             p_int(1) + buffer(tensor("4", "FloatStorage", 2, {2}, {1})) + "u";
  const std::string group = p_dict({{"lr", p_float(0.01)},
                                    {"momentum", p_float(0.9)},
                                    {"dampening", p_int(0)},
                                    {"weight_decay", p_float(5e-4)},
                                    {"nesterov", p_bool(false)},
                                    {"params", p_list({p_int(0), p_int(1)})}});
  small.pickle = p_whole(p_dict({{"epoch", p_int(44)},
                                 {"arch", p_text("ocrnet.HRNet_Mscale")},
                                 {"num_classes", p_int(65)},
                                 {"state_dict", state},
                                 {"optimizer", p_dict({{"state", states}, {"param_groups", p_list({group})}})},
                                 {"mean_iu", p_numpy_double(0.46038)},
                                 {"command", p_text("--dataset mapillary")}}));
  return small;
}

}  // namespace strata::testing
