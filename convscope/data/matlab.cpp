#include "convscope/data/matlab.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "convscope/base/error.h"

namespace convscope {

namespace {

constexpr size_t kHeader = 128;
// ImageNet's meta.mat has 1860 structures of 8 fields, in a fiftieth of the first of these; it is packed to a tenth.
constexpr size_t kMostUnpacked = size_t{64} << 20, kMostRatio = 100, kSmall = size_t{64} << 10;
constexpr size_t kLongestValue = size_t{1} << 20, kMostAxes = 32;
constexpr int64_t kMostStructs = 1'000'000, kMostFields = 1000;

// Table 1-1: what the bytes of an element are.
enum Type : uint32_t {
  kInt8 = 1,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kSingle,
  kDouble = 9,
  kInt64 = 12,
  kUint64,
  kMatrix,
  kCompressed,
  kUtf8,
};
// Table 1-3: what an array is.
enum Class : uint32_t { kStructClass = 2, kCharClass = 4, kFirstNumberClass = 6, kLastNumberClass = 15 };

struct Element {
  uint32_t type = 0;
  std::string_view bytes;
};

template <typename T>
T little_endian(std::string_view bytes, size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);  // the only order that is read, on machines that have it
  return value;
}

/** Elements one after the other: a tag (type and length), the bytes, zeros up to a multiple of 8. */
class Elements {
 public:
  Elements(std::string_view bytes, std::string_view whose) : rest_(bytes), whose_(whose) {}

  bool done() const { return rest_.empty(); }

  Element next() {
    require(rest_.size() >= 8, "{}: cut inside an element", whose_);
    const uint32_t first = little_endian<uint32_t>(rest_, 0);
    const bool small = first >> 16 != 0;  // type, length and up to four bytes in the space of a tag
    const Element element{small ? first & 0xffff : first, {}};
    const size_t length = small ? first >> 16 : little_endian<uint32_t>(rest_, 4), begin = small ? 4 : 8;
    require(length <= rest_.size() - begin && (!small || length <= 4), "{}: an element of {} bytes, {} are left", whose_, length,
            rest_.size() - begin);
    const std::string_view bytes = rest_.substr(begin, length);
    const size_t padded = element.type == kCompressed ? begin + length : small ? 8 : begin + (length + 7) / 8 * 8;
    rest_.remove_prefix(std::min(padded, rest_.size()));
    return {element.type, bytes};
  }

  Element next(uint32_t type, const char* what) {
    const Element element = next();
    require(element.type == type, "{}: an element of type {} where {} was wanted", whose_, element.type, what);
    return element;
  }

  std::string_view whose() const { return whose_; }

 private:
  std::string_view rest_;
  std::string_view whose_;
};

std::string unpacked(std::string_view packed, std::string_view whose) {
  z_stream stream = {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  require(inflateInit(&stream) == Z_OK, "{}: out of memory", whose);
  const size_t most = std::min(kMostUnpacked, kSmall + kMostRatio * packed.size());
  std::string bytes, piece(size_t{1} << 14, '\0');
  int status = Z_OK;
  while (status == Z_OK && bytes.size() < most) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&stream, Z_NO_FLUSH);
    bytes.append(piece, 0, piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  require(status == Z_STREAM_END, "{}: a compressed element is cut, damaged or too long", whose);
  return bytes;
}

template <typename T>
void append_as(std::vector<double>& numbers, std::string_view bytes) {
  for (size_t at = 0; at + sizeof(T) <= bytes.size(); at += sizeof(T)) numbers.push_back(static_cast<double>(little_endian<T>(bytes, at)));
}

/** Numbers are stored in the smallest type that holds them, whatever the array's class. */
std::vector<double> numbers_of(const Element& element) {
  std::vector<double> numbers;
  switch (element.type) {
    case kInt8:
      append_as<int8_t>(numbers, element.bytes);
      break;
    case kUint8:
    case kUtf8:
      append_as<uint8_t>(numbers, element.bytes);
      break;
    case kInt16:
      append_as<int16_t>(numbers, element.bytes);
      break;
    case kUint16:
      append_as<uint16_t>(numbers, element.bytes);
      break;
    case kInt32:
      append_as<int32_t>(numbers, element.bytes);
      break;
    case kUint32:
      append_as<uint32_t>(numbers, element.bytes);
      break;
    case kSingle:
      append_as<float>(numbers, element.bytes);
      break;
    case kDouble:
      append_as<double>(numbers, element.bytes);
      break;
    case kInt64:
      append_as<int64_t>(numbers, element.bytes);
      break;
    case kUint64:
      append_as<uint64_t>(numbers, element.bytes);
      break;
    default:
      break;
  }
  return numbers;
}

struct ArrayHead {
  uint32_t array_class = 0;
  int64_t size = 1;
  std::string_view name;
};

ArrayHead head_of(Elements& parts) {
  ArrayHead head;
  const Element flags = parts.next(kUint32, "an array's flags");
  require(flags.bytes.size() == 8, "{}: an array's flags have {} bytes", parts.whose(), flags.bytes.size());
  head.array_class = little_endian<uint32_t>(flags.bytes, 0) & 0xff;
  const Element extents = parts.next(kInt32, "an array's extents");
  require(extents.bytes.size() <= kMostAxes * sizeof(int32_t), "{}: an array of more than {} axes", parts.whose(), kMostAxes);
  for (const double extent : numbers_of(extents)) {
    require(extent >= 0 && static_cast<double>(head.size) * extent <= kMostStructs * 1000.0, "{}: an array of absurd extents",
            parts.whose());
    head.size *= static_cast<int64_t>(extent);
  }
  head.name = parts.next(kInt8, "an array's name").bytes;
  return head;
}

MatlabValue value_of(const Element& matrix, std::string_view whose) {
  MatlabValue value;
  if (matrix.bytes.empty()) return value;
  Elements parts(matrix.bytes, whose);
  const ArrayHead head = head_of(parts);
  const bool text = head.array_class == kCharClass;
  if (!text && (head.array_class < kFirstNumberClass || head.array_class > kLastNumberClass)) return value;
  if (parts.done()) return value;
  const Element data = parts.next();
  require(data.bytes.size() <= kLongestValue, "{}: a value of {} bytes, at most {} were expected", whose, data.bytes.size(), kLongestValue);
  if (!text) {
    value.numbers = numbers_of(data);
    return value;
  }
  for (const double letter : numbers_of(data))
    value.text += letter >= 0 && letter < 256 ? static_cast<char>(static_cast<int>(letter)) : '?';
  return value;
}

std::optional<std::vector<MatlabStruct>> structs_of(const Element& matrix, std::string_view name, std::string_view whose) {
  Elements parts(matrix.bytes, whose);
  const ArrayHead head = head_of(parts);
  if (head.name != name || head.array_class != kStructClass) return std::nullopt;
  const Element one_number = parts.next(kInt32, "the length of field names");
  require(one_number.bytes.size() == sizeof(int32_t), "{}: the length of field names in {} bytes", whose, one_number.bytes.size());
  const std::vector<double> length = numbers_of(one_number);
  require(length[0] >= 1 && length[0] <= 256, "{}: field names of an absurd length", whose);
  const size_t width = static_cast<size_t>(length[0]);
  const std::string_view names = parts.next(kInt8, "field names").bytes;
  std::vector<std::string> fields;
  for (size_t at = 0; at + width <= names.size(); at += width) fields.emplace_back(std::string(names.substr(at, width)).c_str());
  require(head.size <= kMostStructs && static_cast<int64_t>(fields.size()) <= kMostFields, "{}: more structures than expected", whose);

  std::vector<MatlabStruct> structs;
  for (int64_t i = 0; i < head.size && !fields.empty(); ++i) {
    MatlabStruct one;
    for (const std::string& field : fields) one[field] = value_of(parts.next(kMatrix, "a field's value"), whose);
    structs.push_back(std::move(one));
  }
  return structs;
}

}  // namespace

std::vector<MatlabStruct> read_matlab_structs(std::string_view file, std::string_view name, std::string_view whose) {
  require(file.size() >= kHeader && file.substr(126, 2) == "IM", "{}: is no MATLAB file of version 5, little-endian", whose);
  Elements elements(file.substr(kHeader), whose);
  while (!elements.done()) {
    Element element = elements.next();
    std::string content;
    if (element.type == kCompressed) {
      content = unpacked(element.bytes, whose);
      element = Elements(content, whose).next();
    }
    if (element.type != kMatrix || element.bytes.empty()) continue;
    if (auto structs = structs_of(element, name, whose)) return *std::move(structs);
  }
  fail("{}: holds no structures called '{}'", whose, name);
}

}  // namespace convscope
