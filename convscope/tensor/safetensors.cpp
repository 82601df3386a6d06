#include "convscope/tensor/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "convscope/base/json.h"
#include "convscope/tensor/half.h"

namespace convscope {

namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");
constexpr uint64_t kMaxHeader = 100'000'000;  // the format's own limit
constexpr int kHeaderDepth = 3;               // header, entry, shape

constexpr const char* kMetadata = "__metadata__";

/** Sorted keys: looking one up in a header of a million names takes no million steps. */
using HeaderJson = nlohmann::json;

template <typename T, typename Convert>
void convert(std::string_view bytes, Tensor& to, Convert f) {
  for (int64_t i = 0; i < to.size(); ++i) {
    T v;
    std::memcpy(&v, bytes.data() + static_cast<size_t>(i) * sizeof(T), sizeof(T));
    to[i] = f(v);
  }
}

size_t bytes_of(const std::string& type) {
  if (type == "F64" || type == "I64") return 8;
  if (type == "F32") return 4;
  if (type == "F16" || type == "BF16") return 2;
  if (type == "U8") return 1;
  return 0;
}

/** Whether F32 holds the number as it is: 24 bits between its highest and its lowest one. */
bool exact(int64_t v) {
  const uint64_t magnitude = v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
  return magnitude == 0 || std::bit_width(magnitude) - std::countr_zero(magnitude) <= 24;
}

Tensor to_f32(std::string_view bytes, const std::string& type, const Shape& shape, std::string_view whose, std::string_view name) {
  Tensor t(shape);
  if (type == "F32") std::memcpy(t.data(), bytes.data(), bytes.size());
  if (type == "F64") convert<double>(bytes, t, [](double v) { return static_cast<float>(v); });
  if (type == "I64") {
    convert<int64_t>(bytes, t, [&](int64_t v) {
      require(exact(v), "{}: tensor '{}' holds the whole number {}, which F32 cannot hold exactly", whose, name, v);
      return static_cast<float>(v);
    });
  }
  if (type == "F16") convert<uint16_t>(bytes, t, float_of_half);
  if (type == "BF16") convert<uint16_t>(bytes, t, float_of_bfloat);
  if (type == "U8") convert<uint8_t>(bytes, t, [](uint8_t v) { return static_cast<float>(v); });
  return t;
}

Shape shape_of(const HeaderJson& j, std::string_view whose, const std::string& name) {
  require(j.is_array() && j.size() <= 5, "{}: tensor '{}' has no shape of at most 5 extents", whose, name);
  std::vector<int64_t> extents;
  for (const HeaderJson& e : j) {
    require(e.is_number_unsigned() && e.get<uint64_t>() <= (uint64_t{1} << 40), "{}: tensor '{}' has an absurd extent in its shape {}",
            whose, name, shown(j));
    extents.push_back(e.get<int64_t>());
  }
  return Shape(extents);
}

}  // namespace

TensorFile parse_safetensors(std::string_view bytes, std::string_view whose) {
  uint64_t header_size = 0;
  require(bytes.size() >= 8, "{}: {} bytes, too short for a safetensors file", whose, bytes.size());
  std::memcpy(&header_size, bytes.data(), 8);
  require(header_size <= kMaxHeader && header_size <= bytes.size() - 8,
          "{}: not a whole safetensors file (its header would have {} bytes, the file has {})", whose, header_size, bytes.size());
  const HeaderJson header = parse_sorted_json(bytes.substr(8, header_size), whose, kHeaderDepth);
  require(header.is_object(), "{}: not a safetensors file (its header is not a JSON object)", whose);
  const std::string_view data = bytes.substr(8 + header_size);

  TensorFile file;
  uint64_t claimed = 0;
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadata) {
      require(entry.is_object(), "{}: the metadata are not a JSON object", whose);
      for (const auto& [key, value] : entry.items()) {
        require(value.is_string(), "{}: metadata '{}' are not text", whose, key);
        file.metadata[key] = value.get<std::string>();
      }
      continue;
    }
    require(entry.is_object() && entry.contains("dtype") && entry["dtype"].is_string() && entry.contains("shape") &&
                entry.contains("data_offsets"),
            "{}: tensor '{}' lacks dtype, shape or data_offsets", whose, name);
    const std::string type = entry["dtype"].get<std::string>();
    require(bytes_of(type) > 0, "{}: tensor '{}' is of type {}; known: F32, F64, F16, BF16, I64, U8", whose, name, type);
    const Shape shape = shape_of(entry["shape"], whose, name);
    const HeaderJson& range = entry["data_offsets"];
    require(range.is_array() && range.size() == 2 && range[0].is_number_unsigned() && range[1].is_number_unsigned(),
            "{}: tensor '{}' has no range of bytes", whose, name);
    const uint64_t begin = range[0].get<uint64_t>(), end = range[1].get<uint64_t>();
    require(begin <= end && end <= data.size(), "{}: tensor '{}' lies at bytes {} to {} of {}: the file is cut or damaged", whose, name,
            begin, end, data.size());
    require(end - begin == static_cast<uint64_t>(shape.size()) * bytes_of(type), "{}: tensor '{}' of shape {} has {} bytes", whose, name,
            shape, end - begin);
    // Many tensors over the same bytes would make a small file fill the memory; tensors that share nothing stay below.
    claimed += end - begin;
    require(claimed <= data.size(), "{}: its tensors up to '{}' have {} bytes together, the file has {}", whose, name, claimed,
            data.size());
    file.tensors.emplace(name, to_f32(data.substr(begin, end - begin), type, shape, whose, name));
  }
  return file;
}

TensorFile read_safetensors(const Path& path) { return parse_safetensors(read_file(path), path.string()); }

void write_safetensors(const Path& path, const TensorFile& content) {
  Json header = json_object();
  if (!content.metadata.empty()) header[kMetadata] = content.metadata;
  uint64_t offset = 0;
  for (const auto& [name, t] : content.tensors) {
    require(name != kMetadata, "{}: no tensor can be named '{}'", path.string(), kMetadata);
    const uint64_t end = offset + static_cast<uint64_t>(t.size()) * sizeof(float);
    header[name] = {{"dtype", "F32"}, {"shape", t.shape().extents()}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::type_error&) {
    fail("{}: a name or the metadata to be written are not UTF-8", path.string());
  }
  text.append((8 - text.size() % 8) % 8, ' ');  // the numbers begin at a multiple of 8
  const uint64_t header_size = text.size();
  std::string head(reinterpret_cast<const char*>(&header_size), 8);
  head += text;
  std::vector<std::string_view> pieces{head};
  for (const auto& [name, t] : content.tensors)
    pieces.emplace_back(reinterpret_cast<const char*>(t.data()), static_cast<size_t>(t.size()) * sizeof(float));
  write_file(path, pieces);
}

}  // namespace convscope
