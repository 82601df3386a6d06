#include "convscope/models/foreign/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <span>

#include "convscope/base/json.h"

namespace convscope {

namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

// Networks of a thousand layers, with their optimiser's state, stay a hundred times below these.
constexpr size_t kMostValues = 1'000'000;
constexpr size_t kMostOnStack = 1'000'000;
constexpr size_t kMostMarks = 256;     // how deep unfinished lists, dicts and tuples lie in each other
constexpr size_t kLongestName = 256;   // of a module, or of what is in it
constexpr size_t kLongestKey = 64;     // of a storage: a number
constexpr size_t kLongestNumber = 64;  // bytes of a whole number; PyTorch's magic number has 10
constexpr size_t kSlackOfNames = 1 << 16;
constexpr size_t kMostExtents = 64;  // of a tensor, as in PyTorch

/** What a name from the file stands for when it is called. */
enum class Meaning {
  dict,       // of its argument's pairs, or empty
  empty,      // an empty dict, whatever its argument
  argument,   // its one argument, or an empty list
  tensor,     // (storage, offset, extents, strides, …)
  parameter,  // (tensor, …): the tensor
  storage,    // never called: says what numbers a storage holds
  left_out,   // read past: PickleOpaque
};

struct Name {
  std::string_view name;
  Meaning meaning;
  NumberKind kind = NumberKind::f32;  // of a storage
};

constexpr Name kNames[] = {
    {"collections.OrderedDict", Meaning::dict},
    {"collections.defaultdict", Meaning::empty},
    {"torch._utils._rebuild_tensor", Meaning::tensor},
    {"torch._utils._rebuild_tensor_v2", Meaning::tensor},
    {"torch._utils._rebuild_parameter", Meaning::parameter},
    {"torch._utils._rebuild_parameter_with_state", Meaning::parameter},
    {"torch.DoubleStorage", Meaning::storage, NumberKind::f64},
    {"torch.FloatStorage", Meaning::storage, NumberKind::f32},
    {"torch.HalfStorage", Meaning::storage, NumberKind::f16},
    {"torch.BFloat16Storage", Meaning::storage, NumberKind::bf16},
    {"torch.LongStorage", Meaning::storage, NumberKind::i64},
    {"torch.IntStorage", Meaning::storage, NumberKind::i32},
    {"torch.ShortStorage", Meaning::storage, NumberKind::i16},
    {"torch.CharStorage", Meaning::storage, NumberKind::i8},
    {"torch.ByteStorage", Meaning::storage, NumberKind::u8},
    {"torch.BoolStorage", Meaning::storage, NumberKind::boolean},
    {"torch.Size", Meaning::argument},
    {"builtins.set", Meaning::argument},
    {"__builtin__.set", Meaning::argument},
    {"torch.device", Meaning::left_out},
    {"torch.float64", Meaning::left_out},
    {"torch.float32", Meaning::left_out},
    {"torch.float16", Meaning::left_out},
    {"torch.bfloat16", Meaning::left_out},
    {"torch.int64", Meaning::left_out},
    {"torch.int32", Meaning::left_out},
    {"torch.int16", Meaning::left_out},
    {"torch.int8", Meaning::left_out},
    {"torch.uint8", Meaning::left_out},
    {"torch.bool", Meaning::left_out},
    {"collections.Counter", Meaning::left_out},
    {"argparse.Namespace", Meaning::left_out},
    {"_codecs.encode", Meaning::left_out},
    {"numpy.dtype", Meaning::left_out},
    {"numpy.ndarray", Meaning::left_out},
    {"numpy.core.multiarray.scalar", Meaning::left_out},
    {"numpy.core.multiarray._reconstruct", Meaning::left_out},
    {"numpy._core.multiarray.scalar", Meaning::left_out},
    {"numpy._core.multiarray._reconstruct", Meaning::left_out},
};

/**
 * Beginnings of names that no checkpoint needs: Python would run commands, or read and write files, while it opens the file. Nothing of
 * the kind can happen here; a file that has one was made to harm, which its owner wants to know.
 */
constexpr std::string_view kHarmful[] = {
    "os.",
    "posix.",
    "nt.",
    "sys.",
    "subprocess.",
    "shutil.",
    "socket.",
    "pty.",
    "runpy.",
    "importlib.",
    "ctypes.",
    "webbrowser.",
    "asyncio.",
    "multiprocessing.",
    "builtins.eval",
    "builtins.exec",
    "builtins.open",
    "builtins.compile",
    "builtins.__imp",
    "__builtin__.eval",
    "__builtin__.exec",
    "__builtin__.open",
    "__builtin__.compile",
    "__builtin__.__imp",
    "code.Interactive",
    "code.interact",
    "commands.getoutput",
    "commands.getstatus",
    "platform.popen",
    "_pickle.",
};

class Unpickler {
 public:
  Unpickler(std::string_view bytes, std::string_view whose) : bytes_(bytes), whose_(whose) {}

  Pickle run();

  struct Opcode {
    uint8_t code;
    std::string_view name;
    void (Unpickler::*run)();
  };
  static std::span<const Opcode> opcodes();

 private:
  // Bytes.
  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) const {
    fail("{}: byte {} of its pickle: {}", whose_, opcode_at_, fmt::format(text, std::forward<Args>(args)...));
  }
  std::string_view take(uint64_t count) {
    if (count > bytes_.size() - at_) refuse("{} bytes are said to follow, {} are left: it is cut or damaged", count, bytes_.size() - at_);
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }
  template <typename T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::string_view line() {
    const size_t end = bytes_.substr(at_, kLongestName + 1).find('\n');
    if (end == std::string_view::npos) refuse("a name has no end within {} bytes", kLongestName);
    const std::string_view text = take(end);
    take(1);
    return text;
  }

  // Values.
  PickleId make(PickleValue value) {
    if (pickle_.values.size() >= kMostValues) refuse("more than {} values", kMostValues);
    pickle_.values.push_back(std::move(value));
    return static_cast<PickleId>(pickle_.values.size() - 1);
  }
  void push(PickleId id) {
    if (stack_.size() >= kMostOnStack) refuse("more than {} unfinished values", kMostOnStack);
    stack_.push_back(id);
  }
  void push_new(PickleValue value) { push(make(std::move(value))); }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleId pop() {
    if (stack_.size() <= floor()) refuse("it takes a value where there is none");
    const PickleId id = stack_.back();
    stack_.pop_back();
    return id;
  }
  PickleId top() const {
    if (stack_.size() <= floor()) refuse("it takes a value where there is none");
    return stack_.back();
  }
  std::vector<PickleId> pop_to_mark() {
    if (marks_.empty()) refuse("it takes values back to a mark where there is none");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleId> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }
  PickleValue& value(PickleId id) { return pickle_.values[id]; }
  template <typename T>
  T& as(PickleId id, std::string_view what) {
    T* is = std::get_if<T>(&value(id));
    if (!is) refuse("{} was wanted, something else stands there", what);
    return *is;
  }
  const Name* name_of(PickleId id) {
    const auto* name = std::get_if<PickleName>(&value(id));
    return name ? &kNames[name->row] : nullptr;
  }

  // Opcodes.
  void protocol() {
    const int version = number<uint8_t>();
    if (version < 2 || version > 5) refuse("protocol {}; 2 to 5 are known", version);
  }
  void frame() {
    const uint64_t length = number<uint64_t>();
    if (length > bytes_.size() - at_) refuse("a frame of {} bytes, {} are left: it is cut or damaged", length, bytes_.size() - at_);
  }
  void stop() { stopped_ = true; }
  void mark() {
    if (marks_.size() >= kMostMarks) refuse("lists lie more than {} deep in each other", kMostMarks);
    marks_.push_back(stack_.size());
  }
  void drop() {
    if (!marks_.empty() && marks_.back() == stack_.size())
      marks_.pop_back();
    else
      pop();
  }
  void drop_to_mark() { pop_to_mark(); }
  void none() { push_new(PickleNone{}); }
  void yes() { push_new(true); }
  void no() { push_new(false); }
  template <typename T>
  void integer() {
    push_new(int64_t{number<T>()});
  }
  void long_integer(uint64_t length) {
    if (length > kLongestNumber) refuse("a whole number of {} bytes; at most {} are read", length, kLongestNumber);
    const std::string_view digits = take(length);
    if (length > sizeof(int64_t)) return push_new(PickleBigInt{std::string(digits)});
    uint64_t number = !digits.empty() && (digits.back() & 0x80) ? ~uint64_t{0} : 0;  // the sign's bits above
    std::memcpy(&number, digits.data(), digits.size());
    push_new(static_cast<int64_t>(number));
  }
  template <typename Length>
  void long_integer() {
    long_integer(number<Length>());
  }
  void real() { push_new(std::bit_cast<double>(__builtin_bswap64(number<uint64_t>()))); }
  template <typename Length>
  void text() {
    push_new(std::string(take(number<Length>())));
  }
  template <typename Length>
  void bytes() {
    push_new(PickleBytes{std::string(take(number<Length>()))});
  }
  void empty_list() { push_new(PickleList{}); }
  void frozen_set() { push_new(PickleList{pop_to_mark()}); }
  void empty_dict() { push_new(PickleDict{}); }
  void empty_tuple() { push_new(PickleTuple{}); }
  void tuple() { push_new(PickleTuple{pop_to_mark()}); }
  template <size_t count>
  void tuple_of() {
    PickleTuple t{std::vector<PickleId>(count)};
    for (size_t i = count; i-- > 0;) t.items[i] = pop();
    push_new(std::move(t));
  }
  void append() {
    const PickleId item = pop();
    add_items({item});
  }
  void appends() { add_items(pop_to_mark()); }
  void add_items(const std::vector<PickleId>& items) {
    if (std::holds_alternative<PickleOpaque>(value(top()))) return;
    auto& list = as<PickleList>(top(), "a list").items;
    list.insert(list.end(), items.begin(), items.end());
  }
  void set_item() {
    const PickleId item = pop(), key = pop();
    set_items({key, item});
  }
  void set_items() { set_items(pop_to_mark()); }
  void set_items(const std::vector<PickleId>& flat) {
    if (std::holds_alternative<PickleOpaque>(value(top()))) return;
    auto& dict = as<PickleDict>(top(), "a dict").items;
    if (flat.size() % 2 != 0) refuse("a dict's key without a value");
    for (size_t i = 0; i < flat.size(); i += 2) dict.emplace_back(flat[i], flat[i + 1]);
  }
  void put(uint64_t place) {
    if (place >= kMostValues) refuse("it remembers a value at place {}; places below {} are read", place, kMostValues);
    if (place >= memo_.size()) memo_.resize(place + 1);
    memo_[place] = top();
    remembered_ = std::max(remembered_, place + 1);
  }
  template <typename T>
  void put() {
    put(number<T>());
  }
  void memoize() { put(remembered_); }
  template <typename T>
  void get() {
    const uint64_t place = number<T>();
    if (place >= memo_.size() || !memo_[place]) refuse("it wants what it remembers at place {}, where nothing is", place);
    push(*memo_[place]);
  }
  void name() {
    const std::string module(line());
    push_name(module, line());
  }
  void name_from_stack() {
    const PickleId name = pop(), module = pop();
    const auto text = [&](PickleId id) -> const std::string& { return as<std::string>(id, "text for a name"); };
    push_name(text(module), text(name));
  }
  void push_name(std::string_view module, std::string_view name) {
    if (module.size() > kLongestName || name.size() > kLongestName) refuse("a name of more than {} bytes", kLongestName);
    const std::string full = fmt::format("{}.{}", module, name);
    const auto* row = std::find_if(std::begin(kNames), std::end(kNames), [&](const Name& known) { return known.name == full; });
    if (row != std::end(kNames)) return push_new(PickleName{static_cast<size_t>(row - kNames)});
    for (const std::string_view harm : kHarmful)
      if (full.starts_with(harm))
        refuse("it asks for {}, which runs commands or opens files when Python reads it, and which no checkpoint needs; nothing was run",
               shown(Json(full)));
    const auto known = foreign_.find(full);
    if (known != foreign_.end()) return push(known->second);
    // Two short texts can be put together to names again and again.
    foreign_bytes_ += full.size();
    if (foreign_bytes_ > bytes_.size() + kSlackOfNames) refuse("its names are longer than the pickle");
    const PickleId id = make(PickleForeign{full});
    foreign_.emplace(full, id);
    push(id);
  }
  void call();
  void new_object() {
    const PickleId arguments = pop(), name = pop();
    as<PickleTuple>(arguments, "a tuple of arguments");
    const Name* known = name_of(name);
    const bool left_out = known ? known->meaning == Meaning::left_out : std::holds_alternative<PickleForeign>(value(name));
    if (!left_out) refuse("it makes an object of what is no class");
    push_new(PickleOpaque{name});
  }
  /** The same with arguments by name. */
  void new_object_by_name() {
    pop();
    new_object();
  }
  /** The attributes of an object: none of them is wanted (an OrderedDict's `_metadata`). */
  void build() {
    pop();
    const PickleValue& target = value(top());
    if (!std::holds_alternative<PickleDict>(target) && !std::holds_alternative<PickleOpaque>(target))
      refuse("it gives attributes to what has none");
  }
  void storage();

  // What is called.
  PickleId dict_of(const std::vector<PickleId>& arguments);
  PickleId tensor_of(const std::vector<PickleId>& arguments);
  std::vector<int64_t> whole_numbers(PickleId id, std::string_view what);
  /** One list can be named again and again. */
  void count_copies(size_t count) {
    copied_ += count;
    if (copied_ > kMostValues) refuse("dicts and tensors copy more than {} values", kMostValues);
  }
  int64_t whole_number(PickleId id, std::string_view what) { return as<int64_t>(id, what); }

  std::string_view bytes_;
  std::string_view whose_;
  size_t at_ = 0, opcode_at_ = 0;
  bool stopped_ = false;
  Pickle pickle_;
  std::vector<PickleId> stack_;
  std::vector<size_t> marks_;  // heights of the stack
  std::vector<std::optional<PickleId>> memo_;
  uint64_t remembered_ = 0;
  std::map<std::string, PickleId> foreign_;  // names that are not in the table, each once
  size_t foreign_bytes_ = 0;
  size_t copied_ = 0;  // pairs that dicts took from lists, extents that tensors took from tuples
};

std::span<const Unpickler::Opcode> Unpickler::opcodes() {
  using U = Unpickler;
  static constexpr Opcode kOpcodes[] = {
      {0x80, "PROTO", &U::protocol},
      {0x95, "FRAME", &U::frame},
      {'.', "STOP", &U::stop},
      {'(', "MARK", &U::mark},
      {'0', "POP", &U::drop},
      {'1', "POP_MARK", &U::drop_to_mark},
      {'N', "NONE", &U::none},
      {0x88, "NEWTRUE", &U::yes},
      {0x89, "NEWFALSE", &U::no},
      {'K', "BININT1", &U::integer<uint8_t>},
      {'M', "BININT2", &U::integer<uint16_t>},
      {'J', "BININT", &U::integer<int32_t>},
      {0x8a, "LONG1", &U::long_integer<uint8_t>},
      {0x8b, "LONG4", &U::long_integer<uint32_t>},
      {'G', "BINFLOAT", &U::real},
      {0x8c, "SHORT_BINUNICODE", &U::text<uint8_t>},
      {'X', "BINUNICODE", &U::text<uint32_t>},
      {0x8d, "BINUNICODE8", &U::text<uint64_t>},
      {'U', "SHORT_BINSTRING", &U::text<uint8_t>},
      {'T', "BINSTRING", &U::text<uint32_t>},
      {'C', "SHORT_BINBYTES", &U::bytes<uint8_t>},
      {'B', "BINBYTES", &U::bytes<uint32_t>},
      {0x8e, "BINBYTES8", &U::bytes<uint64_t>},
      {']', "EMPTY_LIST", &U::empty_list},
      {'a', "APPEND", &U::append},
      {'e', "APPENDS", &U::appends},
      {0x8f, "EMPTY_SET", &U::empty_list},
      {0x90, "ADDITEMS", &U::appends},
      {0x91, "FROZENSET", &U::frozen_set},
      {')', "EMPTY_TUPLE", &U::empty_tuple},
      {0x85, "TUPLE1", &U::tuple_of<1>},
      {0x86, "TUPLE2", &U::tuple_of<2>},
      {0x87, "TUPLE3", &U::tuple_of<3>},
      {'t', "TUPLE", &U::tuple},
      {'}', "EMPTY_DICT", &U::empty_dict},
      {'s', "SETITEM", &U::set_item},
      {'u', "SETITEMS", &U::set_items},
      {'q', "BINPUT", &U::put<uint8_t>},
      {'r', "LONG_BINPUT", &U::put<uint32_t>},
      {0x94, "MEMOIZE", &U::memoize},
      {'h', "BINGET", &U::get<uint8_t>},
      {'j', "LONG_BINGET", &U::get<uint32_t>},
      {'c', "GLOBAL", &U::name},
      {0x93, "STACK_GLOBAL", &U::name_from_stack},
      {'R', "REDUCE", &U::call},
      {0x81, "NEWOBJ", &U::new_object},
      {0x92, "NEWOBJ_EX", &U::new_object_by_name},
      {'b', "BUILD", &U::build},
      {'Q', "BINPERSID", &U::storage},
  };
  return kOpcodes;
}

Pickle Unpickler::run() {
  std::array<const Opcode*, 256> by_code{};
  for (const Opcode& o : opcodes()) by_code[o.code] = &o;
  while (!stopped_) {
    opcode_at_ = at_;
    if (at_ == bytes_.size()) refuse("it ends without a STOP: it is cut or damaged");
    const uint8_t code = number<uint8_t>();
    if (!by_code[code])
      refuse("the opcode 0x{:02x}{} is not one that convscope reads; docs/foreign-networks.md lists them", code,
             code >= 32 && code < 127 ? fmt::format(" ('{}')", static_cast<char>(code)) : "");
    (this->*by_code[code]->run)();
  }
  pickle_.root = pop();
  if (!stack_.empty() || !marks_.empty()) refuse("it stops with {} values left over", stack_.size());
  pickle_.length = at_;
  return std::move(pickle_);
}

void Unpickler::call() {
  const PickleId arguments_id = pop(), callee = pop();
  const std::vector<PickleId>& arguments = as<PickleTuple>(arguments_id, "a tuple of arguments").items;
  const Name* known = name_of(callee);
  const PickleValue& called = value(callee);
  // A method that was looked up (`getattr`) and a class that is not known here: what they make is left out.
  if (std::holds_alternative<PickleForeign>(called) || std::holds_alternative<PickleOpaque>(called)) return push_new(PickleOpaque{callee});
  if (!known) refuse("it calls what is no name");
  switch (known->meaning) {
    case Meaning::dict:
      return push(dict_of(arguments));
    case Meaning::empty:
      return push_new(PickleDict{});
    case Meaning::argument:
      if (arguments.size() > 1) refuse("{} takes one argument, got {}", known->name, arguments.size());
      return push(arguments.empty() ? make(PickleList{}) : arguments[0]);
    case Meaning::tensor:
      return push(tensor_of(arguments));
    case Meaning::parameter:
      if (arguments.empty()) refuse("a parameter without a tensor");
      as<PickleTensor>(arguments[0], "a tensor");
      return push(arguments[0]);
    case Meaning::left_out:
      return push_new(PickleOpaque{callee});
    case Meaning::storage:
      break;
  }
  refuse("it calls {}, which is a kind of storage", known->name);
}

/** OrderedDict(), and OrderedDict([[key, value], …]) of Python 2. */
PickleId Unpickler::dict_of(const std::vector<PickleId>& arguments) {
  PickleDict dict;
  if (arguments.size() > 1) refuse("a dict takes one argument, got {}", arguments.size());
  if (!arguments.empty()) {
    const std::vector<PickleId>& pairs = as<PickleList>(arguments[0], "a list of pairs").items;
    count_copies(pairs.size());
    for (const PickleId id : pairs) {
      const auto* list = std::get_if<PickleList>(&value(id));
      const auto& pair = list ? list->items : as<PickleTuple>(id, "a pair").items;
      if (pair.size() != 2) refuse("a pair of {}", pair.size());
      dict.items.emplace_back(pair[0], pair[1]);
    }
  }
  return make(std::move(dict));
}

PickleId Unpickler::tensor_of(const std::vector<PickleId>& arguments) {
  if (arguments.size() < 4 || arguments.size() > 7) refuse("a tensor of {} parts; 4 to 7 were wanted", arguments.size());
  as<PickleStorage>(arguments[0], "a storage");
  PickleTensor t{arguments[0], whole_number(arguments[1], "a tensor's offset"), whole_numbers(arguments[2], "a tensor's extents"),
                 whole_numbers(arguments[3], "a tensor's strides")};
  if (t.extents.size() != t.strides.size()) refuse("a tensor of {} extents and {} strides", t.extents.size(), t.strides.size());
  return make(std::move(t));
}

std::vector<int64_t> Unpickler::whole_numbers(PickleId id, std::string_view what) {
  const auto* list = std::get_if<PickleList>(&value(id));
  const std::vector<PickleId>& items = list ? list->items : as<PickleTuple>(id, what).items;
  if (items.size() > kMostExtents) refuse("{}: {} numbers; at most {} are read", what, items.size(), kMostExtents);
  count_copies(items.size());
  std::vector<int64_t> numbers;
  for (const PickleId item : items) numbers.push_back(whole_number(item, what));
  return numbers;
}

/** ('storage', kind, key, device, count), and in older files a view, which is none. */
void Unpickler::storage() {
  const std::vector<PickleId>& parts = as<PickleTuple>(pop(), "a storage's tuple").items;
  if (parts.size() != 5 && parts.size() != 6) refuse("a storage of {} parts; 5 or 6 were wanted", parts.size());
  if (as<std::string>(parts[0], "'storage'") != "storage") refuse("it points to something outside that is no storage");
  const Name* kind = name_of(parts[1]);
  if (!kind || kind->meaning != Meaning::storage) refuse("a storage of no known kind");
  if (parts.size() == 6 && !std::holds_alternative<PickleNone>(value(parts[5])))
    refuse("a storage that is a view onto another one; save the file again with a newer PyTorch");
  const std::string& key = as<std::string>(parts[2], "a storage's key");  // each storage copies it
  if (key.size() > kLongestKey) refuse("a storage's key of {} bytes; at most {} are read", key.size(), kLongestKey);
  const int64_t count = whole_number(parts[4], "a storage's count");
  if (count < 0) refuse("a storage of {} numbers", count);
  push_new(PickleStorage{std::string(key), kind->kind, count});
}

}  // namespace

int64_t bytes_of(NumberKind kind) {
  switch (kind) {
    case NumberKind::f64:
    case NumberKind::i64:
      return 8;
    case NumberKind::f32:
    case NumberKind::i32:
      return 4;
    case NumberKind::f16:
    case NumberKind::bf16:
    case NumberKind::i16:
      return 2;
    case NumberKind::i8:
    case NumberKind::u8:
    case NumberKind::boolean:
      break;
  }
  return 1;
}

const PickleValue* Pickle::find(const PickleDict& dict, std::string_view key) const {
  for (auto it = dict.items.rbegin(); it != dict.items.rend(); ++it) {
    const auto* text = std::get_if<std::string>(&at(it->first));
    if (text && *text == key) return &at(it->second);
  }
  return nullptr;
}

std::string Pickle::class_of(const PickleOpaque& object) const {
  PickleId id = object.of;
  // What made it was made before it, so this ends.
  while (const auto* made = std::get_if<PickleOpaque>(&at(id))) id = made->of;
  if (const auto* foreign = std::get_if<PickleForeign>(&at(id))) return foreign->name;
  const auto* name = std::get_if<PickleName>(&at(id));
  return name ? std::string(kNames[name->row].name) : "";
}

Pickle parse_pickle(std::string_view bytes, std::string_view whose) { return Unpickler(bytes, whose).run(); }

std::vector<std::string> pickle_opcodes() {
  std::vector<std::string> names;
  for (const auto& opcode : Unpickler::opcodes()) names.emplace_back(opcode.name);
  return names;
}

std::vector<std::string> pickle_names() {
  std::vector<std::string> names;
  for (const Name& known : kNames) names.emplace_back(known.name);
  return names;
}

}  // namespace convscope
