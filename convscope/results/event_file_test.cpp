#include "convscope/results/event_file.h"

#include <cstring>
#include <limits>

#include "convscope/base/base_testing.h"

namespace convscope {
namespace {

/** The frames of a file, each checked against its sums. */
std::vector<std::string> frames(const std::string& bytes) {
  const auto number = [&]<typename T>(T, size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  };
  const auto unmasked = [](uint32_t masked) { return std::rotl(masked - 0xA282EAD8u, 15); };
  std::vector<std::string> all;
  for (size_t at = 0; at < bytes.size();) {
    const auto length = number(uint64_t(), at);
    EXPECT_EQ(unmasked(number(uint32_t(), at + 8)), crc32c(bytes.substr(at, 8)));
    all.push_back(bytes.substr(at + 12, length));
    EXPECT_EQ(unmasked(number(uint32_t(), at + 12 + length)), crc32c(all.back()));
    at += 16 + length;
  }
  return all;
}

TEST(EventFile, SumsAreThoseOfRfc3720) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
}

TEST(EventFile, FramesAreWholeAndOfTheRightFields) {
  const TemporaryFolder folder;
  EventFile events(folder / "log");
  events.scalar("loss", 300, 0.5);
  const std::vector<std::string> all = frames(read_file(events.file()));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_NE(all[0].find("brain.Event:2"), std::string::npos);
  // Field 1 a double, field 2 the varint 300, field 5 { field 1 { field 1 "loss", field 2 0.5f } }.
  EXPECT_EQ(all[1].substr(9), std::string("\x10\xAC\x02\x2A\x0D\x0A\x0B\x0A\x04loss\x15\0\0\0\x3F", 18));
}

TEST(EventFile, AnotherFileForEachOpening) {
  const TemporaryFolder folder;
  const EventFile one(folder / "log"), two(folder / "log");
  EXPECT_NE(one.file(), two.file());
}

TEST(EventFile, WhatIsNotFiniteIsLeftOut) {
  const TemporaryFolder folder;
  EventFile events(folder / "log");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  events.scalar("loss", 1, nan);
  events.histogram("weights", 1, std::vector<float>{nan, nan});
  EXPECT_EQ(frames(read_file(events.file())).size(), 1u);
  events.histogram("weights", 1, std::vector<float>{nan, 2, 2});
  EXPECT_EQ(frames(read_file(events.file())).size(), 2u);
}

TEST(EventFile, AHistogramCountsEachNumberOnce) {
  const TemporaryFolder folder;
  EventFile events(folder / "log");
  std::vector<float> values;
  for (int i = 0; i <= 300; ++i) values.push_back(static_cast<float>(i) / 100);
  events.histogram("weights", 7, values);
  const std::string event = frames(read_file(events.file())).back();
  std::array<double, 30> buckets;  // the event's last bytes
  ASSERT_GT(event.size(), sizeof buckets);
  std::memcpy(buckets.data(), event.data() + event.size() - sizeof buckets, sizeof buckets);
  double sum = 0;
  for (const double count : buckets) sum += count;
  EXPECT_EQ(sum, 301);
  EXPECT_NEAR(buckets[0], 10, 1);
  EXPECT_NEAR(buckets[29], 11, 1);
}

}  // namespace
}  // namespace convscope
