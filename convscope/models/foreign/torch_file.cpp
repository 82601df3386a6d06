#include "convscope/models/foreign/torch_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <vector>

#include "convscope/base/archive.h"
#include "convscope/base/join.h"
#include "convscope/base/json.h"
#include "convscope/models/foreign/pickle.h"
#include "convscope/tensor/half.h"

namespace convscope {

namespace {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian");

constexpr std::string_view kZip = "PK\3\4", kPickle = "\x80";
constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";  // 0x1950a86a20f9469cfc6c
constexpr int64_t kStreamVersion = 1001;
constexpr int64_t kMostPickle = int64_t{1} << 28;  // bytes of a zip's data.pkl
constexpr size_t kLongestName = 1024;              // bytes of a tensor's

/** Keys under which programs that train keep the network's tensors, likeliest first. */
constexpr std::string_view kWrappers[] = {"state_dict", "model_state_dict", "model", "net", "network"};

/** The saved object, and the bytes of the storages it points to. */
struct TorchFile {
  Pickle pickle;
  std::map<std::string, std::string_view, std::less<>> storages;
};

std::string in_quotes(std::string_view text) { return shown(Json(std::string(text))); }

// ---- since 1.6 ----

using Entries = std::map<std::string, std::string, std::less<>>;

/** The archive's files, without the folder that holds them all. */
Entries entries_of(std::string_view bytes, std::string_view whose) {
  // PyTorch compresses nothing, so the files together are no longer than the archive; others may have packed it anew.
  constexpr int64_t kMostPacked = 16;
  const int64_t most = kMostPacked * static_cast<int64_t>(bytes.size());
  Entries entries;
  read_archive(bytes, whose, {.entry_bytes = most, .total_bytes = most}, [&](ArchiveFile& file) {
    const std::string& path = file.entry().name;
    const std::string name = path.substr(std::min(path.find('/'), path.size() - 1) + 1);
    require(name != "data.pkl" || file.entry().size <= kMostPickle, "{}: its data.pkl has {} bytes; at most {} are read", whose,
            file.entry().size, kMostPickle);
    require(entries.emplace(name, file.bytes()).second, "{}: two files '{}' in the archive", whose, name);
    return true;
  });
  return entries;
}

TorchFile from_zip(const Entries& entries, std::string_view whose) {
  require(!entries.contains("constants.pkl"), "{}: a TorchScript module holds code; save its state_dict() with torch.save instead", whose);
  const auto pickle = entries.find("data.pkl");
  require(pickle != entries.end(), "{}: a zip without data.pkl is no file of PyTorch", whose);
  const auto order = entries.find("byteorder");
  require(order == entries.end() || order->second == "little", "{}: written on a machine with byte order {}; only 'little' is read", whose,
          order == entries.end() ? "" : in_quotes(order->second));
  TorchFile file{parse_pickle(pickle->second, whose), {}};
  constexpr std::string_view kData = "data/";
  for (const auto& [name, bytes] : entries)
    if (name.starts_with(kData)) file.storages.emplace(name.substr(kData.size()), bytes);
  return file;
}

// ---- before ----

/** The pickle that comes next in the stream. */
Pickle next_pickle(std::string_view& rest, std::string_view whose) {
  Pickle pickle = parse_pickle(rest, whose);
  rest.remove_prefix(pickle.length);
  return pickle;
}

void check_machine(const Pickle& facts, std::string_view whose) {
  const auto* dict = std::get_if<PickleDict>(&facts.at(facts.root));
  const PickleValue* little = dict ? facts.find(*dict, "little_endian") : nullptr;
  require(little && std::holds_alternative<bool>(*little), "{}: does not say on what kind of machine it was written", whose);
  require(std::get<bool>(*little), "{}: written on a big-endian machine; only little-endian files are read", whose);
}

TorchFile from_stream(std::string_view bytes, std::string_view whose) {
  std::string_view rest = bytes;
  const Pickle magic = next_pickle(rest, whose);
  const auto* number = std::get_if<PickleBigInt>(&magic.at(magic.root));
  require(number && number->bytes == kMagic, "{}: a pickle, but not one of torch.save; save the network's state_dict() with it", whose);
  const Pickle version = next_pickle(rest, whose);
  const auto* is = std::get_if<int64_t>(&version.at(version.root));
  require(is && *is == kStreamVersion, "{}: its stream is not of version {}", whose, kStreamVersion);
  check_machine(next_pickle(rest, whose), whose);

  TorchFile file{next_pickle(rest, whose), {}};
  std::map<std::string_view, const PickleStorage*> known;
  for (const PickleValue& value : file.pickle.values)
    if (const auto* s = std::get_if<PickleStorage>(&value)) known.emplace(s->key, s);

  const Pickle keys = next_pickle(rest, whose);
  const auto* list = std::get_if<PickleList>(&keys.at(keys.root));
  require(list, "{}: no list of storages", whose);
  for (const PickleId id : list->items) {
    const auto* key = std::get_if<std::string>(&keys.at(id));
    require(key && known.contains(*key), "{}: its list of storages names one that nothing points to", whose);
    uint64_t count = 0;
    require(rest.size() >= sizeof(count), "{}: it ends before storage {}: it is cut", whose, in_quotes(*key));
    std::memcpy(&count, rest.data(), sizeof(count));
    rest.remove_prefix(sizeof(count));
    const uint64_t each = static_cast<uint64_t>(bytes_of(known[*key]->kind));
    require(count <= rest.size() / each, "{}: storage {} is said to have {} numbers of {} bytes, {} bytes are left: it is cut or damaged",
            whose, in_quotes(*key), count, each, rest.size());
    require(file.storages.emplace(*key, rest.substr(0, count * each)).second, "{}: storage {} comes twice", whose, in_quotes(*key));
    rest.remove_prefix(count * each);
  }
  return file;
}

// ---- tensors ----

template <typename T, typename Convert>
void gather(std::string_view bytes, const PickleTensor& view, Tensor& to, Convert convert) {
  const size_t rank = view.extents.size();
  std::vector<int64_t> index(rank, 0);
  int64_t at = view.offset;
  for (int64_t i = 0; i < to.size(); ++i) {
    T number;
    std::memcpy(&number, bytes.data() + static_cast<size_t>(at) * sizeof(T), sizeof(T));
    to[i] = convert(number);
    for (size_t axis = rank; axis-- > 0;) {  // the next index, the last axis first
      at += view.strides[axis];
      if (++index[axis] < view.extents[axis]) break;
      at -= view.strides[axis] * view.extents[axis];
      index[axis] = 0;
    }
  }
}

template <typename T>
void gather(std::string_view bytes, const PickleTensor& view, Tensor& to) {
  gather<T>(bytes, view, to, [](T number) { return static_cast<float>(number); });
}

void gather(NumberKind kind, std::string_view bytes, const PickleTensor& view, Tensor& to) {
  switch (kind) {
    case NumberKind::f64:
      return gather<double>(bytes, view, to);
    case NumberKind::f32:
      return gather<float>(bytes, view, to);
    case NumberKind::f16:
      return gather<uint16_t>(bytes, view, to, float_of_half);
    case NumberKind::bf16:
      return gather<uint16_t>(bytes, view, to, float_of_bfloat);
    case NumberKind::i64:
      return gather<int64_t>(bytes, view, to);
    case NumberKind::i32:
      return gather<int32_t>(bytes, view, to);
    case NumberKind::i16:
      return gather<int16_t>(bytes, view, to);
    case NumberKind::i8:
      return gather<int8_t>(bytes, view, to);
    case NumberKind::u8:
      return gather<uint8_t>(bytes, view, to);
    case NumberKind::boolean:
      return gather<uint8_t>(bytes, view, to, [](uint8_t v) { return v != 0 ? 1.0f : 0.0f; });
  }
}

/** Its highest place in the storage must be there. `budget` is what all tensors together may still have. */
Tensor tensor_of(const TorchFile& file, const PickleTensor& view, int64_t& budget, std::string_view whose, const std::string& name) {
  const auto& storage = std::get<PickleStorage>(file.pickle.at(view.storage));
  const auto found = file.storages.find(storage.key);
  require(found != file.storages.end(), "{}: storage {} of tensor {} is not in it: it is cut or damaged", whose, in_quotes(storage.key),
          in_quotes(name));
  const std::string_view bytes = found->second;
  const int64_t each = bytes_of(storage.kind), count = static_cast<int64_t>(bytes.size()) / each;
  require(storage.count == count && bytes.size() % static_cast<size_t>(each) == 0,
          "{}: storage {} of tensor {} is said to have {} numbers of {} bytes, there are {} bytes", whose, in_quotes(storage.key),
          in_quotes(name), storage.count, each, bytes.size());
  try {
    const Shape shape(view.extents);
    bool inside = view.offset >= 0 && view.offset <= count;
    int64_t last = view.offset;
    for (size_t axis = 0; axis < view.extents.size(); ++axis) {
      int64_t reach = 0;
      inside = inside && view.strides[axis] >= 0 &&
               !__builtin_mul_overflow(std::max<int64_t>(view.extents[axis] - 1, 0), view.strides[axis], &reach) &&
               !__builtin_add_overflow(last, reach, &last);
    }
    require(inside && (shape.size() == 0 || last < count), "shape {} with strides [{}] from place {} leaves its storage of {} numbers",
            shape, join(view.strides, ", "), view.offset, count);
    require(shape.size() <= budget, "its tensors together have far more numbers than the file");
    budget -= shape.size();
    PickleTensor steps = view;
    for (size_t axis = 0; axis < steps.extents.size(); ++axis)
      if (steps.extents[axis] <= 1) steps.strides[axis] = 0;  // any number may stand where no step is taken
    Tensor t(shape);
    gather(storage.kind, bytes, steps, t);
    return t;
  } catch (const Error& e) {
    fail("{}: tensor {}: {}", whose, in_quotes(name), e.what());
  }
}

// ---- the state dict in what was saved ----

/** Tensors by name; the last one of a name, as in Python. A long name given a million times would take minutes to compare. */
std::map<std::string, const PickleTensor*> tensors_in(const Pickle& pickle, const PickleDict& dict, std::string_view whose) {
  std::map<std::string, const PickleTensor*> found;
  for (const auto& [key, value] : dict.items) {
    const auto* name = std::get_if<std::string>(&pickle.at(key));
    const auto* tensor = std::get_if<PickleTensor>(&pickle.at(value));
    if (!name || !tensor) continue;
    require(name->size() <= kLongestName, "{}: a tensor's name of {} bytes; at most {} are read", whose, name->size(), kLongestName);
    found[*name] = tensor;
  }
  return found;
}

std::map<std::string, const PickleTensor*> state_dict_of(const Pickle& pickle, std::string_view whose) {
  const PickleValue& root = pickle.at(pickle.root);
  if (const auto* object = std::get_if<PickleOpaque>(&root))
    fail("{}: what was saved is an object of {}, whose code is not in the file; save its state_dict() instead", whose,
         in_quotes(pickle.class_of(*object)));
  const auto* saved = std::get_if<PickleDict>(&root);
  require(saved, "{}: what was saved is not a dict; save the network's state_dict()", whose);
  for (const std::string_view key : kWrappers) {
    const PickleValue* value = pickle.find(*saved, key);
    const auto* inner = value ? std::get_if<PickleDict>(value) : nullptr;
    if (!inner) continue;
    auto found = tensors_in(pickle, *inner, whose);
    if (!found.empty()) return found;
  }
  auto found = tensors_in(pickle, *saved, whose);
  std::vector<std::string> keys, objects;
  constexpr size_t kShown = 8;
  for (const auto& [key, value] : saved->items) {
    const auto* name = std::get_if<std::string>(&pickle.at(key));
    if (!name) continue;
    if (keys.size() < kShown) keys.push_back(in_quotes(*name));
    const auto* object = std::get_if<PickleOpaque>(&pickle.at(value));
    const bool wrapper = std::find(std::begin(kWrappers), std::end(kWrappers), *name) != std::end(kWrappers);
    if (object && wrapper) objects.push_back(fmt::format("{}, an object of {}", in_quotes(*name), in_quotes(pickle.class_of(*object))));
  }
  require(!found.empty() || objects.empty(),
          "{}: the network was saved as {}, whose code is not in the file; save its state_dict() instead", whose, join(objects, "; "));
  require(!found.empty(), "{}: no tensors by name in the saved dict, nor in one under {} in it; its keys: {}", whose, join(kWrappers, ", "),
          keys.empty() ? "none" : std::string(join(keys, ", ")));
  return found;
}

std::map<std::string, Tensor> tensors_of(const TorchFile& file, size_t file_bytes, std::string_view whose) {
  // A byte holds at most one number; a few tensors may be views onto the same storage, but a small file must not fill the memory.
  constexpr int64_t kSlack = 65'536;
  int64_t budget = 4 * static_cast<int64_t>(file_bytes) + kSlack;
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, view] : state_dict_of(file.pickle, whose)) tensors.emplace(name, tensor_of(file, *view, budget, whose, name));
  return tensors;
}

}  // namespace

std::map<std::string, Tensor> parse_torch_file(std::string_view bytes, std::string_view whose) {
  if (bytes.starts_with(kZip)) {
    const Entries entries = entries_of(bytes, whose);
    return tensors_of(from_zip(entries, whose), bytes.size(), whose);
  }
  require(bytes.starts_with(kPickle), "{}: neither of the two formats of torch.save ({} bytes that begin otherwise)", whose, bytes.size());
  return tensors_of(from_stream(bytes, whose), bytes.size(), whose);
}

bool begins_like_torch(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(kZip.size(), '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<size_t>(file.gcount()));
  return head == kZip || head.starts_with(kPickle);
}

std::map<std::string, Tensor> read_torch_file(const Path& path) { return parse_torch_file(read_file(path), path.string()); }

}  // namespace convscope
