#include "models/pth_file.h"

#include "base/error.h"
#include "lib/models/memory_file.h"
#include "lib/models/pth_writer.h"
#include "models/pth_tensors.h"

#include <gmock/gmock.h>

namespace strata::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string refusal(const std::string& bytes) {
  const MemoryFile memory(bytes);
  try {
    const PthFile file(memory.path());
    PthTensors tensors(file);
    for (const auto& [name, value] : PickleValue(file.content()).entries()) tensors.read(value);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "(it was read)";
}

const std::vector<float> kNumbers = {0, 1, 2, 3, 4, 5};
const std::vector<StorageBytes> kStorages = {{"0", raw_bytes(kNumbers), 6}};

std::string with_tensor(const TensorText& tensor) {
  return pth_of(p_whole(p_dict({{"a", p_tensor(tensor, PthForm::kZip)}})), kStorages, PthForm::kZip);
}
std::string with_object(const std::string& object) { return pth_of(p_whole(p_dict({{"a", object}})), {}, PthForm::kZip); }

class EachForm : public ::testing::TestWithParam<PthForm> {};

TEST_P(EachForm, gives_tensors_in_whatever_order_their_numbers_lie) {
  const std::string pickle = p_whole(p_dict({{"transposed", p_tensor({"0", "FloatStorage", 6, 0, {2, 3}, {1, 2}}, GetParam())},
                                             {"tail", p_tensor({"0", "FloatStorage", 6, 4, {2}, {1}}, GetParam())},
                                             {"scalar", p_tensor({"0", "FloatStorage", 6, 5, {}, {}}, GetParam())},
                                             {"empty", p_tensor({"0", "FloatStorage", 6, 0, {3, 0}, {1, 1}}, GetParam())},
                                             {"number", p_int(3)}}));
  const MemoryFile memory(pth_of(pickle, kStorages, GetParam()));
  const PthFile file(memory.path());
  PthTensors tensors(file);
  const PickleValue root(file.content());
  EXPECT_TRUE(torch::equal(*tensors.read(*root.entry("transposed")), torch::tensor({{0.f, 2.f, 4.f}, {1.f, 3.f, 5.f}})));
  EXPECT_TRUE(torch::equal(*tensors.read(*root.entry("tail")), torch::tensor({4.f, 5.f})));
  EXPECT_EQ(tensors.read(*root.entry("scalar"))->item<float>(), 5);
  EXPECT_EQ(tensors.read(*root.entry("empty"))->sizes(), torch::IntArrayRef({3, 0}));
  EXPECT_FALSE(tensors.read(*root.entry("number")).has_value());
}

TEST_P(EachForm, is_refused_at_every_length) {
  const SmallCheckpoint small = small_checkpoint(GetParam());
  const std::string whole = pth_of(small.pickle, small.storages, GetParam());
  for (size_t length = 0; length < whole.size(); length += length < 200 ? 1 : 17)
    EXPECT_THAT(refusal(whole.substr(0, length)), HasSubstr("is not a .pth file of weights")) << length;
  EXPECT_THAT(refusal(whole + "x"), HasSubstr("is not a .pth file of weights"));
}

TEST_P(EachForm, is_refused_where_pickle_and_storages_disagree) {
  const auto file = [](const std::vector<StorageBytes>& storages) {
    return pth_of(p_whole(p_dict({{"a", p_tensor({"0", "FloatStorage", 6, 0, {6}, {1}}, GetParam())}})), storages, GetParam());
  };
  EXPECT_EQ(refusal(file(kStorages)), "(it was read)");
  EXPECT_THAT(refusal(file({})), HasSubstr("storage 0"));
  EXPECT_THAT(refusal(file({{"1", raw_bytes(kNumbers), 6}})), HasSubstr("storage"));
  EXPECT_THAT(refusal(file({{"0", raw_bytes<float>({1, 2}), 2}})), HasSubstr("storage 0"));
  EXPECT_THAT(refusal(file({{"0", raw_bytes(kNumbers), 6}, {"1", "abcd", 1}})), HasSubstr("storage"));
}

INSTANTIATE_TEST_SUITE_P(Form, EachForm, ::testing::Values(PthForm::kZip, PthForm::kLegacy),
                         [](const auto& test) { return test.param == PthForm::kZip ? "zip" : "legacy"; });

TEST(PthFile, that_is_something_else_is_refused_with_what_to_do) {
  EXPECT_THAT(refusal("{\"a\":1}"),
              AllOf(HasSubstr("/proc/self/fd/"), HasSubstr("does not begin as torch.save"), HasSubstr("state dictionary")));
  EXPECT_THAT(refusal(zip_of({{"a/code/net.py", "x"}, {"a/data.pkl", p_whole(p_dict({}))}})), HasSubstr("TorchScript program"));
  EXPECT_THAT(refusal(zip_of({{"a/b", "x"}})), HasSubstr("no NAME/data.pkl"));
  EXPECT_THAT(refusal(zip_of({{"a/data.pkl", p_whole(p_dict({}))}, {"a/byteorder", "big"}})), HasSubstr("byte order is 'big'"));
  EXPECT_THAT(refusal(zip_of({{"a/data.pkl", p_whole(p_dict({}))}, {"a/extra", "1"}})), HasSubstr("'extra'"));
  EXPECT_THROW(PthFile("/dev/zero"), MissingInput);
  EXPECT_THROW(PthFile("/nowhere/x.pth"), MissingInput);
}

TEST(PthTensor, outside_of_its_storage_is_refused) {
  EXPECT_EQ(refusal(with_tensor({"0", "FloatStorage", 6, 0, {2, 3}, {3, 1}})), "(it was read)");
  EXPECT_THAT(refusal(with_tensor({"0", "FloatStorage", 6, 1, {2, 3}, {3, 1}})), HasSubstr("reaches beyond the 6 elements"));
  EXPECT_THAT(refusal(with_tensor({"0", "FloatStorage", 6, 7, {}, {}})), HasSubstr("reaches beyond"));
  EXPECT_THAT(refusal(with_tensor({"0", "FloatStorage", 6, 0, {2}, {INT64_MAX}})), HasSubstr("reaches beyond"));
  EXPECT_THAT(refusal(with_tensor({"0", "FloatStorage", 6, 0, {3, 3}, {INT64_MAX, INT64_MAX}})), HasSubstr("overflows"));
  EXPECT_THAT(refusal(with_tensor({"0", "FloatStorage", 6, 0, {INT64_MAX, 0}, {1, 1}})), HasSubstr("overflows"));
  EXPECT_THAT(refusal(with_tensor({"0", "FloatStorage", 6, 0, {2}, {-1}})), HasSubstr("has -1 as a tensor's stride"));
  EXPECT_THAT(refusal(with_tensor({"0", "FloatStorage", 6, -1, {2}, {1}})), HasSubstr("a tensor's offset"));
  EXPECT_THAT(refusal(with_tensor({"0", "FloatStorage", 6, 0, {2, 2}, {1}})), HasSubstr("another number of sizes"));
  EXPECT_THAT(refusal(with_tensor({"0", "FloatStorage", 6, 0, std::vector<int64_t>(17, 1), std::vector<int64_t>(17, 1)})),
              HasSubstr("17 dimensions"));
}

TEST(PthTensor, larger_than_its_storage_is_refused) {
  EXPECT_THAT(refusal(with_tensor({"0", "FloatStorage", 6, 0, {1000000000}, {0}})),
              HasSubstr("1000000000 elements in a storage of 6"));
  Entries many;
  for (int i = 0; i < 3000; ++i)
    many.emplace_back(std::to_string(i), p_tensor({"0", "FloatStorage", 6000, 0, {6000}, {1}}, PthForm::kZip));
  const std::string file = pth_of(p_whole(p_dict(many)), {{"0", std::string(24000, '\0'), 6000}}, PthForm::kZip);
  EXPECT_THAT(refusal(file), HasSubstr("more than 4 times the memory"));
}

TEST(PthTensor, of_truth_values_that_are_none_is_refused) {
  const auto file = [](const std::string& bytes) {
    return pth_of(p_whole(p_dict({{"a", p_tensor({"0", "BoolStorage", 3, 0, {3}, {1}}, PthForm::kZip)}})), {{"0", bytes, 3}},
                  PthForm::kZip);
  };
  EXPECT_EQ(refusal(file(std::string("\1\0\1", 3))), "(it was read)");
  EXPECT_THAT(refusal(file(std::string("\1\0\2", 3))), HasSubstr("neither 0 nor 1"));
}

TEST(Pickle, that_names_anything_else_is_refused_by_that_name) {
  for (const auto& [module, name] : {std::pair{"posix", "system"},
                                     {"builtins", "eval"},
                                     {"os", "popen"},
                                     {"torch.storage", "_load_from_bytes"},
                                     {"torch._utils", "_rebuild_qtensor"},
                                     {"numpy.core.multiarray", "_reconstruct"},
                                     {"torch", "ComplexFloatStorage"}})
    EXPECT_THAT(refusal(with_object(p_global(module, name))),
                AllOf(HasSubstr(module), HasSubstr(name), HasSubstr("Nothing in it was run")));
}

TEST(Pickle, with_instructions_that_weights_never_need_is_refused) {
  for (const char code :
       {'i', 'o', 'P', 'I', 'F', 'S', 'V', 'd', 'l', '0', '1', '2', '\x81', '\x82', '\x8b', '\x8c', '\x93', '\x94', '\x95'})
    EXPECT_THAT(refusal(with_object(std::string(1, code) + "ab\ncd\n")), HasSubstr("which weights never need")) << code;
  EXPECT_THAT(refusal(pth_of("\x80\x04N.", {}, PthForm::kZip)), HasSubstr("protocol 4"));
}

TEST(Pickle, that_calls_with_other_things_than_pytorch_writes_is_refused) {
  const std::string rebuild = p_global("torch._utils", "_rebuild_tensor_v2");
  EXPECT_THAT(refusal(with_object(p_call(rebuild, {}))), HasSubstr("with 0 arguments"));
  EXPECT_THAT(refusal(with_object(p_call(rebuild, {p_int(1), p_int(1), p_int(1), p_int(1), p_bool(true), p_dict({})}))),
              HasSubstr("another kind as a tensor's storage"));
  EXPECT_THAT(refusal(with_object(p_call(p_global("torch", "FloatStorage"), {}))), HasSubstr("calls torch.FloatStorage"));
  EXPECT_THAT(refusal(with_object(p_call(p_int(1), {}))), HasSubstr("the function of a call"));
  EXPECT_THAT(refusal(with_object(p_int(1) + p_dict({}) + "b")), HasSubstr("an object that is given a state"));
  EXPECT_THAT(refusal(with_object(p_tuple({p_text("module"), p_none()}) + "Q")), HasSubstr("storage described by 2 items"));
}

TEST(Pickle, that_misuses_its_stack_is_refused) {
  for (const char* code : {"R", "a", "s", "u", "t", "e", "\x87", "b", "Q", "qa", "ha", "(", "NN"})
    EXPECT_THAT(refusal(pth_of(std::string("\x80\x02") + code + ".", {}, PthForm::kZip)), HasSubstr("its pickle")) << code;
}

TEST(Pickle, that_contains_itself_or_nests_deeply_is_refused) {
  EXPECT_THAT(refusal(with_object("]q\x01h\x01"
                                  "a")),
              HasSubstr("contains itself"));
  std::string deep = p_int(1);
  for (int i = 0; i < 40; ++i) deep = p_list({deep});
  EXPECT_THAT(refusal(with_object(deep)), HasSubstr("deeper than 32"));
}

TEST(Pickle, that_repeats_what_repeats_something_is_read_in_time_that_its_bytes_take) {
  std::string doubled = "(]q\x02";
  for (int i = 0; i < 28; ++i) doubled += "(h\x02h\x02tq\x02";  // 2^28 mentions
  EXPECT_EQ(refusal(pth_of(p_whole(doubled + "t"), {}, PthForm::kZip)), "(it was read)");
  std::string copied = "](" + p_text("a") + p_int(1) + "\x86";
  for (int i = 0; i < 999; ++i) copied += p_text(std::to_string(i)) + p_int(1) + "\x86";
  copied += "eq\x03";
  for (int i = 0; i < 5000; ++i) copied += p_call(p_global("collections", "OrderedDict"), {"h\x03"});
  EXPECT_THAT(refusal(pth_of(p_whole("(" + copied + "t"), {}, PthForm::kZip)),
              HasSubstr("puts more than 2000000 objects into others"));
}

TEST(Pickle, with_a_key_twice_or_of_another_kind_is_refused) {
  EXPECT_THAT(refusal(with_object(p_dict({{"b", p_int(1)}, {"b", p_int(2)}}))), HasSubstr("names one key twice"));
  EXPECT_THAT(refusal(with_object("}" + p_none() + p_none() + "s")), HasSubstr("neither text nor whole number"));
  EXPECT_THAT(refusal(with_object(p_dict({{"b\x1b[31m", p_int(1)}}))), HasSubstr("'b\\x1b[31m'"));
  EXPECT_THAT(refusal(with_object(p_text("\xff"))), HasSubstr("not UTF-8"));
}

TEST(Pickle, beyond_a_limit_is_refused) {
  const MemoryFile memory(with_object(p_list({p_int(1), p_int(2), p_int(3)})));
  EXPECT_NO_THROW(PthFile(memory.path()));
  EXPECT_THROW(PthFile(memory.path(), {.bytes = 10}), FormatError);
  EXPECT_THROW(PthFile(memory.path(), {.objects = 3}), FormatError);
  EXPECT_THROW(PthFile(memory.path(), {.depth = 1}), FormatError);
}

TEST(Pickle, of_python_2_is_read) {
  // OrderedDict of a list of pairs, byte strings as text.
  const std::string pairs =
      "]U\x01"
      "a" +
      p_int(5) +
      "\x86"
      "a";
  const MemoryFile memory(with_object(p_call(p_global("collections", "OrderedDict"), {pairs})));
  const PthFile file(memory.path());
  EXPECT_EQ(PickleValue(file.content()).entry("a")->entry("a")->number(), 5);
}

TEST(Pickle, gives_numbers_of_numpy) {
  const MemoryFile memory(with_object(p_numpy_double(-0.46038)));
  EXPECT_EQ(PickleValue(PthFile(memory.path()).content()).entry("a")->number(), -0.46038);
}

}  // namespace
}  // namespace strata::testing
