#include "convscope/results/event_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <vector>

namespace convscope {

static_assert(std::endian::native == std::endian::little, "the bytes below are those of the processor");

namespace {

/** Numbers of the messages' fields. */
enum EventField { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5 };
enum SummaryField { kValue = 1 };
enum ValueField { kTag = 1, kSimpleValue = 2, kImage = 4, kHisto = 5 };
enum ImageField { kHeight = 1, kWidth = 2, kColorspace = 3, kEncodedImage = 4 };
enum HistoField { kMin = 1, kMax = 2, kNum = 3, kSum = 4, kSumSquares = 5, kBucketLimit = 6, kBucket = 7 };

/** A protobuf message as it grows: each field its number and wire type, then its value. */
class Message {
 public:
  void integer(int field, int64_t value) {
    varint(static_cast<uint64_t>(field) << 3);
    varint(static_cast<uint64_t>(value));
  }
  void real(int field, double value) { fixed(field, 1, value); }
  void real32(int field, float value) { fixed(field, 5, value); }
  void bytes(int field, std::string_view value) {
    varint(static_cast<uint64_t>(field) << 3 | 2);
    varint(value.size());
    bytes_ += value;
  }
  /** A packed list. */
  void reals(int field, std::span<const double> values) {
    bytes(field, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  }

  const std::string& text() const { return bytes_; }

 private:
  void varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }
  template <typename Number>
  void fixed(int field, uint64_t wire_type, Number value) {
    varint(static_cast<uint64_t>(field) << 3 | wire_type);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  std::string bytes_;
};

constexpr std::array<uint32_t, 256> crc_table() {
  constexpr uint32_t kPolynomial = 0x82F63B78;  // reversed
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ kPolynomial : crc >> 1;
    table[byte] = crc;
  }
  return table;
}

/** So that the sum of a text that holds sums is not always the same. */
uint32_t masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return std::rotr(crc, 15) + 0xA282EAD8u;
}

std::string_view bytes_of(const auto& number) { return {reinterpret_cast<const char*>(&number), sizeof number}; }

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

Path unused_file(const Path& folder) {
  const std::string stem = fmt::format("events.out.tfevents.{:010}.{}.{}", static_cast<int64_t>(now()), host_name(), getpid());
  for (int number = 0;; ++number) {
    Path file = folder / fmt::format("{}.{}", stem, number);
    if (!std::filesystem::exists(file)) return file;
  }
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = crc_table();
  uint32_t crc = ~0u;
  for (const char byte : bytes) crc = crc >> 8 ^ kTable[(crc ^ static_cast<uint8_t>(byte)) & 0xFF];
  return ~crc;
}

EventFile::EventFile(const Path& folder) {
  make_folder(folder);
  file_ = unused_file(folder);
  out_.open(file_, std::ios::binary);
  Message event;
  event.real(kWallTime, now());
  event.bytes(kFileVersion, "brain.Event:2");
  add(event.text());
}

void EventFile::scalar(std::string_view tag, int64_t step, double number) {
  if (!std::isfinite(number)) return;
  Message value;
  value.bytes(kTag, tag);
  value.real32(kSimpleValue, static_cast<float>(number));
  add_summary(step, value.text());
}

void EventFile::image(std::string_view tag, int64_t step, const Image& image) {
  Message picture;
  picture.integer(kHeight, image.rows);
  picture.integer(kWidth, image.columns);
  picture.integer(kColorspace, image.channels);
  picture.bytes(kEncodedImage, encode_png(image));
  Message value;
  value.bytes(kTag, tag);
  value.bytes(kImage, picture.text());
  add_summary(step, value.text());
}

void EventFile::histogram(std::string_view tag, int64_t step, std::span<const float> values) {
  constexpr size_t kBins = 30;
  double least = HUGE_VAL, largest = -HUGE_VAL, count = 0, sum = 0, squares = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    least = std::min<double>(least, value);
    largest = std::max<double>(largest, value);
    ++count;
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  if (count == 0) return;
  const double width = largest > least ? (largest - least) / kBins : 1;
  std::vector<double> limits(kBins), buckets(kBins);
  for (size_t bin = 0; bin < kBins; ++bin) limits[bin] = least + static_cast<double>(bin + 1) * width;
  for (const float value : values)
    if (std::isfinite(value)) ++buckets[std::min(kBins - 1, static_cast<size_t>((value - least) / width))];

  Message histo;
  histo.real(kMin, least);
  histo.real(kMax, largest);
  histo.real(kNum, count);
  histo.real(kSum, sum);
  histo.real(kSumSquares, squares);
  histo.reals(kBucketLimit, limits);
  histo.reals(kBucket, buckets);
  Message value;
  value.bytes(kTag, tag);
  value.bytes(kHisto, histo.text());
  add_summary(step, value.text());
}

void EventFile::add_summary(int64_t step, std::string_view value) {
  Message summary, event;
  summary.bytes(kValue, value);
  event.real(kWallTime, now());
  event.integer(kStep, step);
  event.bytes(kSummary, summary.text());
  add(event.text());
}

void EventFile::add(std::string_view event) {
  const uint64_t length = event.size();
  const uint32_t length_crc = masked_crc(bytes_of(length)), event_crc = masked_crc(event);
  out_ << bytes_of(length) << bytes_of(length_crc) << event << bytes_of(event_crc) << std::flush;
  require(out_.good(), "{}: cannot be written", file_.string());
}

}  // namespace convscope
