#include "models/pickle_machine.h"

#include "base/error.h"
#include "models/byte_reader.h"
#include "models/foreign_text.h"
#include "models/pickle_calls.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace strata {

namespace {

// Protocol 2, which PyTorch writes, and the byte strings of protocol 3.
enum class Op : uint8_t {
  kMark = '(',
  kStop = '.',
  kProtocol = 0x80,
  kNone = 'N',
  kTrue = 0x88,
  kFalse = 0x89,
  kInt4 = 'J',
  kInt1 = 'K',
  kInt2 = 'M',
  kLong1 = 0x8a,
  kFloat = 'G',
  kUnicode = 'X',
  kString4 = 'T',
  kString1 = 'U',
  kBytes4 = 'B',
  kBytes1 = 'C',
  kEmptyList = ']',
  kEmptyTuple = ')',
  kEmptyDict = '}',
  kAppend = 'a',
  kAppends = 'e',
  kTuple = 't',
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kSetItem = 's',
  kSetItems = 'u',
  kPut1 = 'q',
  kPut4 = 'r',
  kGet1 = 'h',
  kGet4 = 'j',
  kGlobal = 'c',
  kReduce = 'R',
  kBuild = 'b',
  kPersistent = 'Q',
};

class Machine {
 public:
  Machine(std::span<const std::byte> bytes, const PickleLimits& limits)
      : input_(bytes.first(static_cast<size_t>(std::min<uint64_t>(bytes.size(), limits.bytes))), "its pickle"),
        builder_(limits) {}

  PickleRun run() {
    if (op() != Op::kProtocol) refuse("does not begin with its protocol");
    const auto protocol = input_.number<uint8_t>();
    if (protocol != 2 && protocol != 3)
      refuse(fmt::format("is of protocol {}; save it anew with torch.save, which writes protocol 2", protocol));
    for (Op next = op(); next != Op::kStop; next = op()) step(next);
    if (stack_.size() != 1 || !marks_.empty()) refuse("leaves more or less than one object");
    return {builder_.finish(stack_.front()), input_.position()};
  }

 private:
  [[noreturn]] static void refuse(const std::string& what) { throw FormatError("its pickle " + what); }

  Op op() { return static_cast<Op>(input_.number<uint8_t>()); }
  void push(PickleNode node) { stack_.push_back(builder_.add(std::move(node))); }

  // Above the innermost mark.
  size_t free_objects() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }

  PickleId pop() {
    if (free_objects() == 0) refuse(fmt::format("takes an object that is not there (at byte {})", input_.position() - 1));
    const PickleId top = stack_.back();
    stack_.pop_back();
    return top;
  }

  PickleId top() {
    if (free_objects() == 0) refuse(fmt::format("uses an object that is not there (at byte {})", input_.position() - 1));
    return stack_.back();
  }

  std::vector<PickleId> pop_to_mark() {
    if (marks_.empty()) refuse(fmt::format("goes back to a mark that is not there (at byte {})", input_.position() - 1));
    std::vector<PickleId> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }

  void push_tuple(size_t size) {
    PickleTuple tuple;
    for (size_t i = 0; i < size; ++i) tuple.items.insert(tuple.items.begin(), pop());
    push(std::move(tuple));
  }

  void append(const std::vector<PickleId>& items) {
    auto& list = builder_.get<PickleList>(top(), "the list that is appended to").items;
    builder_.charge(items.size());
    list.insert(list.end(), items.begin(), items.end());
  }

  void set_items(const std::vector<PickleId>& items) {
    auto& entries = builder_.get<PickleDict>(top(), "the dictionary that is added to").entries;
    if (items.size() % 2 != 0) refuse("sets a key without a value");
    builder_.charge(items.size());
    for (size_t i = 0; i < items.size(); i += 2) entries.emplace_back(items[i], items[i + 1]);
  }

  void push_long(uint8_t bytes) {
    if (bytes > sizeof(int64_t)) refuse(fmt::format("has a whole number of {} bytes", bytes));
    const std::string_view text = input_.text(bytes);
    uint64_t bits = !text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0 ? ~uint64_t{0} : 0;
    std::memcpy(&bits, text.data(), text.size());
    push(static_cast<int64_t>(bits));
  }

  void push_text(std::string_view text) {
    if (!is_utf8(text)) refuse("has the text " + printable(text) + ", which is not UTF-8");
    push(PickleText{std::string(text)});
  }

  // A text of Python 2, or its bytes.
  void push_string(std::string_view text) {
    if (is_utf8(text)) return push(PickleText{std::string(text)});
    push(PickleBytes{std::string(text)});
  }

  std::string_view line() {
    // A name that Python knows is far below this.
    constexpr size_t kMostBytes = 200;
    ByteReader ahead = input_;
    for (size_t length = 0; length <= kMostBytes; ++length) {
      if (ahead.number<char>() != '\n') continue;
      const std::string_view text = input_.text(length + 1);
      return text.substr(0, length);
    }
    refuse("names something by more than 200 characters");
  }

  void put(uint32_t index) {
    if (memo_.size() >= builder_.limits().objects) refuse("remembers too many objects");
    memo_[index] = top();
  }

  void get(uint32_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) refuse(fmt::format("recalls an object that it did not remember (at byte {})", input_.position()));
    stack_.push_back(found->second);
    if (stack_.size() > builder_.limits().objects) refuse("recalls too many objects");
  }

  void step(Op op) {
    switch (op) {
      case Op::kMark:
        if (marks_.size() >= builder_.limits().objects) refuse("sets too many marks");
        return marks_.push_back(stack_.size());
      case Op::kNone:
        return push(std::monostate());
      case Op::kTrue:
        return push(true);
      case Op::kFalse:
        return push(false);
      case Op::kInt4:
        return push(int64_t{input_.number<int32_t>()});
      case Op::kInt1:
        return push(int64_t{input_.number<uint8_t>()});
      case Op::kInt2:
        return push(int64_t{input_.number<uint16_t>()});
      case Op::kLong1:
        return push_long(input_.number<uint8_t>());
      case Op::kFloat:
        return push(std::bit_cast<double>(__builtin_bswap64(input_.number<uint64_t>())));
      case Op::kUnicode:
        return push_text(input_.text(input_.number<uint32_t>()));
      case Op::kString4:
        return push_string(input_.text(input_.number<uint32_t>()));
      case Op::kString1:
        return push_string(input_.text(input_.number<uint8_t>()));
      case Op::kBytes4:
        return push(PickleBytes{std::string(input_.text(input_.number<uint32_t>()))});
      case Op::kBytes1:
        return push(PickleBytes{std::string(input_.text(input_.number<uint8_t>()))});
      case Op::kEmptyList:
        return push(PickleList());
      case Op::kEmptyTuple:
        return push(PickleTuple());
      case Op::kEmptyDict:
        return push(PickleDict());
      case Op::kAppend:
        return append({pop()});
      case Op::kAppends:
        return append(pop_to_mark());
      case Op::kTuple:
        return push(PickleTuple{pop_to_mark()});
      case Op::kTuple1:
        return push_tuple(1);
      case Op::kTuple2:
        return push_tuple(2);
      case Op::kTuple3:
        return push_tuple(3);
      case Op::kSetItem: {
        const PickleId value = pop(), key = pop();
        return set_items({key, value});
      }
      case Op::kSetItems:
        return set_items(pop_to_mark());
      case Op::kPut1:
        return put(input_.number<uint8_t>());
      case Op::kPut4:
        return put(input_.number<uint32_t>());
      case Op::kGet1:
        return get(input_.number<uint8_t>());
      case Op::kGet4:
        return get(input_.number<uint32_t>());
      case Op::kGlobal: {
        const std::string_view module = line(), name = line();
        return push(&find_class(module, name));
      }
      case Op::kReduce: {
        const PickleId arguments = pop(), callable = pop();
        return stack_.push_back(builder_.call(callable, arguments));
      }
      case Op::kBuild: {
        const PickleId state = pop();
        return builder_.set_state(top(), state);
      }
      case Op::kPersistent:
        return stack_.push_back(builder_.storage_of(pop()));
      case Op::kStop:
      case Op::kProtocol:
        break;
    }
    refuse(fmt::format("has the instruction {:#04x} at byte {}, which weights never need", static_cast<unsigned>(op),
                       input_.position() - 1));
  }

  ByteReader input_;
  PickleBuilder builder_;
  std::vector<PickleId> stack_;
  std::vector<size_t> marks_;  // heights of the stack
  std::unordered_map<uint32_t, PickleId> memo_;
};

}  // namespace

PickleRun read_pickle(std::span<const std::byte> bytes, const PickleLimits& limits) { return Machine(bytes, limits).run(); }

}  // namespace strata
