#include "convscope/data/idx.h"

namespace convscope {

namespace {
uint32_t big_endian(std::string_view four) {
  uint32_t value = 0;
  for (const char c : four) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

int64_t header_bytes(const Shape& wanted) { return 4 + 4 * wanted.rank(); }
}  // namespace

int64_t idx_file_bytes(const Shape& wanted) { return header_bytes(wanted) + wanted.size(); }

std::span<const uint8_t> idx_numbers(std::string_view file, const Shape& wanted, std::string_view whose) {
  const int64_t bytes = static_cast<int64_t>(file.size()), whole = idx_file_bytes(wanted);
  require(bytes > 0, "{}: is empty, {} bytes were wanted; fetch the file again", whose, whole);
  require(bytes >= header_bytes(wanted), "{}: {} bytes, cut inside the header; {} were wanted; fetch the file again", whose, bytes, whole);

  const uint32_t magic = big_endian(file.substr(0, 4)), right = 0x800u + static_cast<uint32_t>(wanted.rank());
  require(magic == right, "{}: begins with {:08x}, an IDX file of {} begins with {:08x}; is it another file under this name?", whose, magic,
          wanted, right);
  Shape extents = wanted;
  for (int i = 0; i < wanted.rank(); ++i) extents[i] = big_endian(file.substr(static_cast<size_t>(4 + 4 * i), 4));
  require(extents == wanted, "{}: says it holds {}, {} was wanted; is it another file under this name?", whose, extents, wanted);

  require(bytes >= whole, "{}: {} bytes, {} were wanted: the file is cut; fetch it again", whose, bytes, whole);
  require(bytes == whole, "{}: more than the {} bytes that were wanted; fetch the file again", whose, whole);
  const std::string_view numbers = file.substr(static_cast<size_t>(header_bytes(wanted)));
  return {reinterpret_cast<const uint8_t*>(numbers.data()), numbers.size()};
}

}  // namespace convscope
