#pragma once

#include <span>
#include <string>
#include <string_view>

#include "convscope/base/file.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/**
 * NumPy's .npy format, versions 1 to 3: magic, version, length of the header, the header (a Python dictionary of descr, fortran_order and
 * shape), the numbers. Read are f4, f8, u1, i4, i8 and bool, little-endian; whole numbers must be exact in F32. An array in Fortran's order
 * comes out in row-major order like any other. Anything that does not add up (a header that says something else or more, a file that is
 * shorter or longer than its shape) is an error, told before memory is taken for it.
 */
Tensor parse_npy(std::string_view bytes, std::string_view whose);
Tensor read_npy(const Path& path);

/** A file of bytes (|u1) whose rows are read as they are asked for, from any thread: of arrays too large to be held as floats. */
class NpyBytes {
 public:
  explicit NpyBytes(const Path& path);
  ~NpyBytes();
  NpyBytes(const NpyBytes&) = delete;
  NpyBytes& operator=(const NpyBytes&) = delete;

  const Shape& shape() const { return shape_; }
  /** Numbers behind index `n` of the first axis. */
  void row(int64_t n, std::span<uint8_t> to) const;

 private:
  Path path_;
  int fd_;
  uint64_t begin_ = 0;
  Shape shape_;
};

/** Version 1.0, f4, row-major; equal tensors give equal bytes. */
std::string encode_npy(const Tensor& tensor);
/** Whole or not at all. */
void write_npy(const Path& path, const Tensor& tensor);
/** Numbers, labels and counts as i8, row-major, whole or not at all. */
void write_npy(const Path& path, const Shape& shape, std::span<const int64_t> numbers);

/** The same file for an array of known shape that comes part by part, in order: it appears when all is there. */
class NpyWriter {
 public:
  enum class Numbers { real, whole };  // f4; or i8, of a tensor's numbers that are whole

  NpyWriter(const Path& path, const Shape& shape, Numbers numbers = Numbers::real);
  void add(const Tensor& rows);
  void add(std::span<const float> numbers);
  void finish();

 private:
  Path path_;
  Numbers numbers_;
  int64_t missing_;  // numbers
  GrowingFile file_;
};

}  // namespace convscope
