#include "models/pickle_calls.h"

#include "base/error.h"
#include "models/foreign_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace strata {

namespace {

using Arguments = std::vector<PickleId>;

[[noreturn]] void refuse(const std::string& what) { throw FormatError("its pickle " + what); }

void require_count(const Arguments& arguments, size_t least, size_t most, const char* function) {
  if (arguments.size() >= least && arguments.size() <= most) return;
  refuse(fmt::format("calls {} with {} arguments", function, arguments.size()));
}

bool is_empty_dict(const PickleNode& node) {
  const auto* dict = std::get_if<PickleDict>(&node);
  return dict && dict->entries.empty();
}

// collections.OrderedDict(), or of a list of pairs as Python 2 wrote it.
PickleId ordered_dict(PickleBuilder& builder, const Arguments& arguments) {
  require_count(arguments, 0, 1, "OrderedDict");
  PickleDict dict;
  if (!arguments.empty()) {
    builder.charge(builder.get<PickleList>(arguments[0], "OrderedDict's argument").items.size());
    for (PickleId pair : builder.get<PickleList>(arguments[0], "OrderedDict's argument").items) {
      const auto* list = std::get_if<PickleList>(&builder[pair]);
      const Arguments& items = list ? list->items : builder.get<PickleTuple>(pair, "an entry of OrderedDict").items;
      if (items.size() != 2) refuse("has an entry of OrderedDict that is no pair");
      dict.entries.emplace_back(items[0], items[1]);
    }
  }
  return builder.add(std::move(dict));
}

std::vector<int64_t> extents(PickleBuilder& builder, PickleId id, const char* what) {
  const PickleNode& node = builder[id];
  const auto* list = std::get_if<PickleList>(&node);
  const Arguments& items = list ? list->items : builder.get<PickleTuple>(id, what).items;
  if (items.size() > builder.limits().dimensions) refuse(fmt::format("has a tensor of {} dimensions", items.size()));
  std::vector<int64_t> numbers;
  for (PickleId item : items) numbers.push_back(static_cast<int64_t>(builder.size_number(item, what)));
  return numbers;
}

// Everything a tensor reads lies inside its storage, and it repeats no element often enough to be larger than that.
void check_geometry(PickleTensor& tensor, const PickleStorage& storage) {
  if (tensor.sizes.size() != tensor.strides.size()) refuse("has a tensor with another number of sizes than strides");
  uint64_t elements = 1, last = tensor.offset, extent = 0;
  bool overflow = false, empty = false;
  for (size_t i = 0; i < tensor.sizes.size(); ++i) {
    const auto size = static_cast<uint64_t>(tensor.sizes[i]);
    empty = empty || size == 0;
    // Also where another extent is 0: the strides of its copy would overflow.
    overflow |= __builtin_mul_overflow(elements, std::max<uint64_t>(size, 1), &elements) || elements > INT64_MAX / 8;
    if (size == 0) continue;
    overflow |= __builtin_mul_overflow(size - 1, static_cast<uint64_t>(tensor.strides[i]), &extent);
    overflow |= __builtin_add_overflow(last, extent, &last);
  }
  if (overflow) refuse("has a tensor whose size overflows");
  if (empty) elements = 0;
  const bool inside = empty ? tensor.offset <= storage.elements : last < storage.elements;
  if (!inside) refuse(fmt::format("has a tensor that reaches beyond the {} elements of its storage", storage.elements));
  if (elements > storage.elements)
    refuse(fmt::format("has a tensor of {} elements in a storage of {}", elements, storage.elements));
  tensor.elements = elements;
}

// torch._utils._rebuild_tensor(storage, offset, size, stride), and
// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]).
PickleId rebuild_tensor(PickleBuilder& builder, const Arguments& arguments) {
  PickleTensor tensor;
  tensor.storage = builder.get<PickleStorageUse>(arguments[0], "a tensor's storage").storage;
  tensor.offset = builder.size_number(arguments[1], "a tensor's offset");
  tensor.sizes = extents(builder, arguments[2], "a tensor's size");
  tensor.strides = extents(builder, arguments[3], "a tensor's stride");
  check_geometry(tensor, builder.pickle().storages[tensor.storage]);
  return builder.add(std::move(tensor));
}

PickleId rebuild_tensor_v1(PickleBuilder& builder, const Arguments& arguments) {
  require_count(arguments, 4, 4, "_rebuild_tensor");
  return rebuild_tensor(builder, arguments);
}

PickleId rebuild_tensor_v2(PickleBuilder& builder, const Arguments& arguments) {
  require_count(arguments, 6, 7, "_rebuild_tensor_v2");
  builder.get<bool>(arguments[4], "requires_grad of a tensor");
  if (!is_empty_dict(builder[arguments[5]])) refuse("has a tensor with hooks, which are programs");
  if (arguments.size() == 7 && !is_empty_dict(builder[arguments[6]]) &&
      !std::holds_alternative<std::monostate>(builder[arguments[6]]))
    refuse("has a tensor with a conjugate or negative bit");
  return rebuild_tensor(builder, arguments);
}

// torch._utils._rebuild_parameter(tensor, requires_grad, hooks): the tensor.
PickleId rebuild_parameter(PickleBuilder& builder, const Arguments& arguments) {
  require_count(arguments, 3, 3, "_rebuild_parameter");
  builder.get<PickleTensor>(arguments[0], "a parameter's tensor");
  builder.get<bool>(arguments[1], "requires_grad of a parameter");
  if (!is_empty_dict(builder[arguments[2]])) refuse("has a parameter with hooks, which are programs");
  return arguments[0];
}

PickleId torch_size(PickleBuilder& builder, const Arguments& arguments) {
  require_count(arguments, 1, 1, "torch.Size");
  builder.get<PickleTuple>(arguments[0], "torch.Size's argument");
  return arguments[0];
}

// numpy.dtype("f8", False, True).
PickleId numpy_type(PickleBuilder& builder, const Arguments& arguments) {
  require_count(arguments, 1, 3, "numpy.dtype");
  const std::string& text = builder.get<PickleText>(arguments[0], "numpy.dtype's argument").text;
  constexpr std::string_view kKnown[] = {"f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "b1"};
  if (std::find(std::begin(kKnown), std::end(kKnown), text) == std::end(kKnown))
    refuse("has a numpy number of type " + printable(text) + ", which is not known here");
  return builder.add(PickleNumberType{text[0], text[1] - '0'});
}

template <typename Number>
Number number_of(const std::string& bytes) {
  Number number;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

PickleNode numpy_number(const PickleNumberType& type, const std::string& bytes) {
  if (type.kind == 'f') return type.bytes == 8 ? number_of<double>(bytes) : static_cast<double>(number_of<float>(bytes));
  if (type.kind == 'b') return bytes[0] != 0;
  uint64_t bits = 0;
  std::memcpy(&bits, bytes.data(), bytes.size());
  if (type.kind == 'i' && bytes.size() < sizeof bits && (static_cast<unsigned char>(bytes.back()) & 0x80) != 0)
    bits |= ~uint64_t{0} << (8 * bytes.size());
  return static_cast<int64_t>(bits);
}

// numpy.core.multiarray.scalar(dtype, bytes): what the reference's mean IoU is.
PickleId numpy_scalar(PickleBuilder& builder, const Arguments& arguments) {
  require_count(arguments, 2, 2, "numpy's scalar");
  const PickleNumberType type = builder.get<PickleNumberType>(arguments[0], "a numpy number's type");
  const auto* text = std::get_if<PickleText>(&builder[arguments[1]]);
  const std::string& bytes = text ? text->text : builder.get<PickleBytes>(arguments[1], "a numpy number's bytes").bytes;
  if (bytes.size() != static_cast<size_t>(type.bytes))
    refuse(fmt::format("has a numpy number of {} bytes instead of {}", bytes.size(), type.bytes));
  PickleNode number = numpy_number(type, bytes);
  return builder.add(std::move(number));
}

// _codecs.encode(text, "latin1"): how protocol 2 carries bytes. Each code point below 256 is one byte.
PickleId encode_latin1(PickleBuilder& builder, const Arguments& arguments) {
  require_count(arguments, 2, 2, "_codecs.encode");
  const std::string& encoding = builder.get<PickleText>(arguments[1], "_codecs.encode's encoding").text;
  if (encoding != "latin1" && encoding != "latin-1") refuse("has bytes in the encoding " + printable(encoding));
  const std::string& text = builder.get<PickleText>(arguments[0], "_codecs.encode's text").text;
  constexpr size_t kMostBytes = 64;  // they are numpy numbers
  if (text.size() > kMostBytes) refuse(fmt::format("has {} bytes written as text", text.size()));
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < text.size()) {
      bytes += static_cast<char>((lead << 6) | (static_cast<unsigned char>(text[++i]) & 0x3F));
    } else {
      refuse("has a text that is not latin1 where bytes were expected");
    }
  }
  return builder.add(PickleBytes{std::move(bytes)});
}

// torch.device("cpu"): its text.
PickleId device(PickleBuilder& builder, const Arguments& arguments) {
  require_count(arguments, 1, 2, "torch.device");
  builder.get<PickleText>(arguments[0], "torch.device's argument");
  return arguments[0];
}

constexpr PickleClass kClasses[] = {
    {"collections", "OrderedDict", ordered_dict},
    {"torch._utils", "_rebuild_tensor", rebuild_tensor_v1},
    {"torch._utils", "_rebuild_tensor_v2", rebuild_tensor_v2},
    {"torch._utils", "_rebuild_parameter", rebuild_parameter},
    {"torch", "Size", torch_size},
    {"torch", "device", device},
    {"numpy", "dtype", numpy_type},
    {"numpy.core.multiarray", "scalar", numpy_scalar},
    {"numpy._core.multiarray", "scalar", numpy_scalar},
    {"_codecs", "encode", encode_latin1},
    {"torch", "DoubleStorage", nullptr, ElementType::kFloat64},
    {"torch", "FloatStorage", nullptr, ElementType::kFloat32},
    {"torch", "HalfStorage", nullptr, ElementType::kFloat16},
    {"torch", "BFloat16Storage", nullptr, ElementType::kBFloat16},
    {"torch", "LongStorage", nullptr, ElementType::kInt64},
    {"torch", "IntStorage", nullptr, ElementType::kInt32},
    {"torch", "ShortStorage", nullptr, ElementType::kInt16},
    {"torch", "CharStorage", nullptr, ElementType::kInt8},
    {"torch", "ByteStorage", nullptr, ElementType::kUInt8},
    {"torch", "BoolStorage", nullptr, ElementType::kBool},
    {"torch", "float64"},
    {"torch", "float32"},
    {"torch", "float16"},
    {"torch", "bfloat16"},
    {"torch", "int64"},
};

}  // namespace

const PickleClass& find_class(std::string_view module, std::string_view name) {
  for (const PickleClass& known : kClasses) {
    if (known.module == module && known.name == name) return known;
  }
  refuse(
      fmt::format("names {}.{}, which is none of the things that weights are made of. Unpickled by Python it could run "
                  "a program",
                  printable(module), printable(name)));
}

PickleId PickleBuilder::add(PickleNode node) {
  if (pickle_.nodes.size() >= limits_.objects) refuse(fmt::format("makes more than {} objects", limits_.objects));
  pickle_.nodes.push_back(std::move(node));
  return static_cast<PickleId>(pickle_.nodes.size() - 1);
}

void PickleBuilder::refuse_kind(const char* what) { refuse(fmt::format("has something of another kind as {}", what)); }

void PickleBuilder::charge(size_t objects) {
  charged_ += objects;
  if (charged_ > limits_.objects) refuse(fmt::format("puts more than {} objects into others", limits_.objects));
}

uint64_t PickleBuilder::size_number(PickleId id, const char* what) {
  const int64_t number = get<int64_t>(id, what);
  if (number < 0) refuse(fmt::format("has {} as {}", number, what));
  return static_cast<uint64_t>(number);
}

PickleId PickleBuilder::call(PickleId callable, PickleId arguments) {
  const PickleClass& known = *get<const PickleClass*>(callable, "the function of a call");
  if (!known.call) refuse(fmt::format("calls {}.{}, which PyTorch's own files never do", known.module, known.name));
  constexpr size_t kMostArguments = 8;
  const Arguments& given = get<PickleTuple>(arguments, "the arguments of a call").items;
  if (given.size() > kMostArguments) refuse(fmt::format("calls {}.{} with {} arguments", known.module, known.name, given.size()));
  const Arguments items = given;  // a copy: nodes move as they are added
  return known.call(*this, items);
}

void PickleBuilder::set_state(PickleId object, PickleId state) {
  if (std::holds_alternative<PickleNumberType>(pickle_.nodes[object])) {
    const Arguments& items = get<PickleTuple>(state, "the state of a numpy type").items;
    if (items.size() < 2) refuse("has a numpy type without a byte order");
    const std::string& order = get<PickleText>(items[1], "a numpy type's byte order").text;
    if (order != "<" && order != "|") refuse("has a numpy number in the byte order " + printable(order));
    return;
  }
  // What a state dictionary knows beside its tensors (_metadata: the versions of its modules).
  get<PickleDict>(object, "an object that is given a state");
  get<PickleDict>(state, "the state of a dictionary");
}

PickleId PickleBuilder::storage_of(PickleId persistent_id) {
  const Arguments& items = get<PickleTuple>(persistent_id, "a persistent id").items;
  if (items.size() != 5 && items.size() != 6) refuse(fmt::format("has a storage described by {} items", items.size()));
  if (get<PickleText>(items[0], "the first item of a storage").text != "storage")
    refuse("has a persistent id that is no storage");
  const PickleClass& known = *get<const PickleClass*>(items[1], "the class of a storage");
  if (!known.storage) refuse(fmt::format("has a storage of class {}.{}", known.module, known.name));
  const std::string& key = get<PickleText>(items[2], "the key of a storage").text;
  constexpr size_t kMostDigits = 20;
  const bool digits = std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (key.empty() || key.size() > kMostDigits || !digits) refuse("has a storage called " + printable(key));
  PickleStorage storage{key, *known.storage, size_number(items[4], "the size of a storage")};
  get<PickleText>(items[3], "the place of a storage");
  if (items.size() == 6) get<std::monostate>(items[5], "the view of a storage (which only PyTorch before 0.4 wrote)");
  if (storage.elements > static_cast<uint64_t>(INT64_MAX) / element_bytes(storage.type))
    refuse("has a storage whose size overflows");

  const auto [found, added] = storage_index_.emplace(storage.key, pickle_.storages.size());
  if (added) {
    pickle_.storages.push_back(std::move(storage));
  } else {
    const PickleStorage& known_one = pickle_.storages[found->second];
    if (known_one.type != storage.type || known_one.elements != storage.elements)
      refuse("describes the storage " + printable(storage.key) + " in two ways");
  }
  return add(PickleStorageUse{found->second});
}

Pickle PickleBuilder::finish(PickleId root) {
  pickle_.root = root;
  check_structure(pickle_, limits_);
  return std::move(pickle_);
}

}  // namespace strata
