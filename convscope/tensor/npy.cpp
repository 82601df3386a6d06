#include "convscope/tensor/npy.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

#include "convscope/base/join.h"
#include "convscope/tensor/half.h"

namespace convscope {

namespace {

static_assert(std::endian::native == std::endian::little, "the format is read as little-endian");
constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxRank = 5;
constexpr size_t kAlignment = 64;  // of the numbers in the file

/** Whether F32 holds the number as it is. */
template <typename T>
bool exact(T v) {
  const uint64_t magnitude = v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v);
  return magnitude == 0 || std::bit_width(magnitude) - std::countr_zero(magnitude) <= 24;
}

template <typename T>
void take(std::string_view bytes, std::span<float> to, std::string_view whose) {
  for (size_t i = 0; i < to.size(); ++i) {
    T v;
    std::memcpy(&v, bytes.data() + i * sizeof(T), sizeof(T));
    if constexpr (std::integral<T>)
      require(exact(v), "{}: holds the whole number {}, which F32 cannot hold exactly; save it as floats", whose, v);
    to[i] = static_cast<float>(v);
  }
}

/** Numbers of machines that write the highest byte first. */
template <typename T>
void take_swapped(std::string_view bytes, std::span<float> to, std::string_view whose) {
  std::string swapped(bytes);
  for (size_t i = 0; i + sizeof(T) <= swapped.size(); i += sizeof(T)) std::reverse(swapped.begin() + i, swapped.begin() + i + sizeof(T));
  take<T>(swapped, to, whose);
}

void take_half(std::string_view bytes, std::span<float> to, std::string_view) {
  for (size_t i = 0; i < to.size(); ++i) {
    uint16_t v;
    std::memcpy(&v, bytes.data() + i * sizeof(v), sizeof(v));
    to[i] = float_of_half(v);
  }
}

void take_bool(std::string_view bytes, std::span<float> to, std::string_view whose) {
  take<uint8_t>(bytes, to, whose);
  require(std::all_of(to.begin(), to.end(), [](float v) { return v <= 1; }), "{}: a bool that is neither 0 nor 1", whose);
}

struct Type {
  std::string_view descr;
  size_t size;
  void (*take)(std::string_view bytes, std::span<float> to, std::string_view whose);
};
constexpr std::array<Type, 13> kTypes = {{{"<f4", 4, take<float>},
                                          {"<f8", 8, take<double>},
                                          {"|u1", 1, take<uint8_t>},
                                          {"<i4", 4, take<int32_t>},
                                          {"<i8", 8, take<int64_t>},
                                          {"|b1", 1, take_bool},
                                          {"<f2", 2, take_half},
                                          {">f4", 4, take_swapped<float>},
                                          {">f8", 8, take_swapped<double>},
                                          {">i4", 4, take_swapped<int32_t>},
                                          {">i8", 8, take_swapped<int64_t>},
                                          {"<u1", 1, take<uint8_t>},
                                          {"<b1", 1, take_bool}}};

/** What a header says. */
struct Header {
  std::string descr;
  bool fortran_order = false;
  Shape shape;
};

/** Reads the dictionary that NumPy writes: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, its keys in any order. */
class HeaderReader {
 public:
  HeaderReader(std::string_view text, std::string_view whose) : left_(text), whose_(whose) {}

  Header read() {
    std::optional<std::string> descr;
    std::optional<bool> fortran_order;
    std::optional<Shape> shape;
    expect('{');
    while (!next('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !descr) {
        require(!at('['), "{}: an array of records; numbers of one kind are read", whose_);
        descr = quoted();
      } else if (key == "fortran_order" && !fortran_order) {
        fortran_order = truth();
      } else if (key == "shape" && !shape) {
        shape = tuple();
      } else {
        wrong();
      }
      if (!next(',') && !at('}')) wrong();
    }
    skip_spaces();
    if (!left_.empty() || !descr || !fortran_order || !shape) wrong();
    return {*descr, *fortran_order, *shape};
  }

 private:
  [[noreturn]] void wrong() const {
    fail("{}: its header is not that of an .npy file; descr, fortran_order and shape were wanted in it, once each", whose_);
  }
  void skip_spaces() {
    while (!left_.empty() && (left_[0] == ' ' || left_[0] == '\n')) left_.remove_prefix(1);
  }
  bool at(char c) {
    skip_spaces();
    return !left_.empty() && left_[0] == c;
  }
  bool next(char c) {
    if (!at(c)) return false;
    left_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!next(c)) wrong();
  }
  bool word(std::string_view w) {
    skip_spaces();
    if (!left_.starts_with(w)) return false;
    left_.remove_prefix(w.size());
    return true;
  }
  std::string quoted() {
    const char quote = at('"') ? '"' : '\'';
    expect(quote);
    const size_t end = left_.find(quote);
    if (end == std::string_view::npos) wrong();
    const std::string text(left_.substr(0, end));
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '\\'; })) wrong();
    left_.remove_prefix(end + 1);
    return text;
  }
  bool truth() {
    if (word("True")) return true;
    if (!word("False")) wrong();
    return false;
  }
  Shape tuple() {
    std::vector<int64_t> extents;
    bool comma = true;
    expect('(');
    while (!next(')')) {
      if (!comma) wrong();
      skip_spaces();
      int64_t extent = -1;
      const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), extent);
      if (error != std::errc() || extent < 0) wrong();
      left_.remove_prefix(static_cast<size_t>(end - left_.data()));
      require(extents.size() < kMaxRank, "{}: an array of more than {} axes", whose_, kMaxRank);
      extents.push_back(extent);
      comma = next(',');
    }
    if (extents.size() == 1 && !comma) wrong();  // (3) is a number
    try {
      return Shape(extents);
    } catch (const Error& e) {
      fail("{}: {}", whose_, e.what());
    }
  }

  std::string_view left_, whose_;
};

/** Numbers whose first index runs fastest, set down so that the last one does. */
Tensor row_major(const Tensor& fortran) {
  const Shape& s = fortran.shape();
  Tensor t(s);
  std::array<int64_t, kMaxRank> index{}, step{};
  int64_t size = 1;
  for (int axis = 0; axis < s.rank(); ++axis) {
    step[static_cast<size_t>(axis)] = size;
    size *= s[axis];
  }
  for (int64_t i = 0, from = 0; i < t.size(); ++i) {
    t[i] = fortran[from];
    for (int axis = s.rank() - 1; axis >= 0; --axis) {
      const size_t a = static_cast<size_t>(axis);
      from += step[a];
      if (++index[a] < s[axis]) break;
      from -= step[a] * s[axis];
      index[a] = 0;
    }
  }
  return t;
}

/** All that stands before the numbers. */
constexpr std::string_view kWhole = "<i8";

std::string_view bytes_of(std::span<const int64_t> numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()};
}

std::string header_of(const Shape& shape, std::string_view descr = "<f4") {
  const auto extents = shape.extents();
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr, join(extents, ", "),
                                   extents.size() == 1 ? "," : "");
  const size_t before = kMagic.size() + 4;  // magic, version, length
  header.append(kAlignment - 1 - (before + header.size()) % kAlignment, ' ');
  header += '\n';
  const uint16_t length = static_cast<uint16_t>(header.size());
  std::string bytes(kMagic);
  bytes += {'\x01', '\x00', static_cast<char>(length & 0xff), static_cast<char>(length >> 8)};
  return bytes + header;
}

std::string_view bytes_of(const Tensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.data()), static_cast<size_t>(tensor.size()) * sizeof(float)};
}

}  // namespace

namespace {

struct Opening {
  Header header;
  size_t size;  // of all that stands before the numbers
};

/** `bytes` begin the file, and hold the header where it is not cut. */
Opening opening_of(std::string_view bytes, std::string_view whose) {
  require(bytes.starts_with(kMagic) && bytes.size() >= 10, "{}: not an .npy file", whose);
  const uint8_t version = static_cast<uint8_t>(bytes[6]);
  require(version >= 1 && version <= 3 && bytes[7] == 0, "{}: .npy version {}.{}; 1.0 to 3.0 are read", whose, version,
          static_cast<uint8_t>(bytes[7]));
  const size_t begin = version == 1 ? 10 : 12;
  require(bytes.size() >= begin, "{}: the file is cut in its header", whose);
  uint32_t length = 0;
  std::memcpy(&length, bytes.data() + 8, begin - 8);
  require(length <= bytes.size() - begin, "{}: the file is cut in its header", whose);
  return {HeaderReader(bytes.substr(begin, length), whose).read(), begin + length};
}

}  // namespace

Tensor parse_npy(std::string_view bytes, std::string_view whose) {
  const auto [header, before] = opening_of(bytes, whose);
  const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&descr = header.descr](const Type& t) { return t.descr == descr; });
  require(type != kTypes.end(), "{}: numbers of the kind '{}'; known: <f4, <f8, <f2, >f4, >f8, |u1, <i4, <i8, >i4, >i8, |b1", whose,
          header.descr);
  const std::string_view numbers = bytes.substr(before);
  const uint64_t count = static_cast<uint64_t>(header.shape.size());
  require(numbers.size() % type->size == 0 && numbers.size() / type->size == count,
          "{}: an array {} of {} wants {} numbers of {} bytes, the file has {} bytes for them: it is cut or damaged", whose, header.shape,
          header.descr, count, type->size, numbers.size());
  Tensor t(header.shape);
  type->take(numbers, t.span(), whose);
  return header.fortran_order && header.shape.rank() > 1 ? row_major(t) : t;
}

Tensor read_npy(const Path& path) { return parse_npy(read_file(path), path.string()); }

NpyBytes::NpyBytes(const Path& path) : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  require(fd_ >= 0, "{}: {}", path.string(), std::generic_category().message(errno));
  try {
    constexpr size_t kMostHeader = 4096;
    std::string start(kMostHeader, '\0');
    const ssize_t got = ::pread(fd_, start.data(), start.size(), 0);
    start.resize(got > 0 ? static_cast<size_t>(got) : 0);
    const auto [header, before] = opening_of(start, path.string());
    require(header.descr == "|u1" || header.descr == "<u1", "{}: numbers of the kind '{}'; bytes, |u1, were wanted", path.string(),
            header.descr);
    require(!header.fortran_order, "{}: an array in Fortran's order; one in row-major order was wanted", path.string());
    const uint64_t bytes = std::filesystem::file_size(path);
    require(bytes - before == static_cast<uint64_t>(header.shape.size()),
            "{}: an array {} of bytes, the file has {} for them: it is cut or damaged", path.string(), header.shape, bytes - before);
    begin_ = before;
    shape_ = header.shape;
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

NpyBytes::~NpyBytes() { ::close(fd_); }

void NpyBytes::row(int64_t n, std::span<uint8_t> to) const {
  require(n >= 0 && n < shape_[0] && std::ssize(to) == shape_.inner(), "{}: no row {} of {} numbers in an array {}", path_.string(), n,
          to.size(), shape_);
  for (size_t done = 0; done < to.size();) {
    const auto at = static_cast<off_t>(begin_ + static_cast<uint64_t>(n) * to.size() + done);
    const ssize_t got = ::pread(fd_, to.data() + done, to.size() - done, at);
    require(got > 0, "{}: row {} cannot be read: {}", path_.string(), n,
            got < 0 ? std::generic_category().message(errno) : "the file ended");
    done += static_cast<size_t>(got);
  }
}

NpyWriter::NpyWriter(const Path& path, const Shape& shape, Numbers numbers)
    : path_(path), numbers_(numbers), missing_(shape.size()), file_(path) {
  file_.write(header_of(shape, numbers == Numbers::whole ? kWhole : "<f4"));
}

void NpyWriter::add(const Tensor& rows) { add(rows.span()); }

void NpyWriter::add(std::span<const float> numbers) {
  assert(std::ssize(numbers) <= missing_);
  missing_ -= std::ssize(numbers);
  if (numbers_ == Numbers::whole)
    file_.write(bytes_of(std::vector<int64_t>(numbers.begin(), numbers.end())));
  else
    file_.write({reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()});
}

void NpyWriter::finish() {
  require(missing_ == 0, "{}: {} numbers are missing", path_.string(), missing_);
  file_.finish();
}

std::string encode_npy(const Tensor& tensor) { return header_of(tensor.shape()).append(bytes_of(tensor)); }

void write_npy(const Path& path, const Tensor& tensor) { write_file(path, encode_npy(tensor)); }

void write_npy(const Path& path, const Shape& shape, std::span<const int64_t> numbers) {
  assert(shape.size() == std::ssize(numbers));
  write_file(path, header_of(shape, kWhole).append(bytes_of(numbers)));
}

}  // namespace convscope
