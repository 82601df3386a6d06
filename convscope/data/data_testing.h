#pragma once

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <numeric>

#include "convscope/base/file.h"
#include "convscope/data/images8.h"

namespace convscope::testing_data {

/** An empty folder that goes away with it. */
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "convscope-data-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  Path operator/(const Path& name) const { return path_ / name; }
  const Path& path() const { return path_; }

 private:
  Path path_;
};

inline void write_gzip(const Path& path, std::string_view bytes) {
  gzFile file = gzopen(path.c_str(), "wb1");
  ASSERT_NE(file, nullptr);
  if (!bytes.empty()) {
    ASSERT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())), static_cast<int>(bytes.size()));
  }
  ASSERT_EQ(gzclose_w(file), Z_OK);
}

/** An IDX file; extents are written as they are, `numbers` too, so that they may contradict each other. */
inline std::string idx_file(uint32_t magic, std::initializer_list<uint32_t> extents, std::string_view numbers) {
  std::string file;
  const auto put = [&](uint32_t value) {
    for (const int shift : {24, 16, 8, 0}) file += static_cast<char>(value >> shift & 0xff);
  };
  put(magic);
  for (const uint32_t extent : extents) put(extent);
  return file.append(numbers);
}

/** Images whose levels count up 1, 2, … 255, 1, …: none is black, neighbours differ. Labels go round. */
inline std::shared_ptr<const Dataset> counting_images(Shape shape, int64_t classes = 2) {
  std::vector<uint8_t> levels(static_cast<size_t>(shape.size()));
  for (size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<uint8_t>(1 + i % 255);
  std::vector<int32_t> labels(static_cast<size_t>(shape[0]));
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int32_t>(static_cast<int64_t>(i) % classes);
  std::vector<std::string> names;
  for (int64_t y = 0; y < classes; ++y) names.push_back("class" + std::to_string(y));
  return std::make_shared<Images8>(shape, std::move(levels), std::move(labels), std::move(names));
}

inline std::vector<float> pixels_of(const Dataset& dataset, int64_t index, uint64_t epoch = 0) {
  std::vector<float> image(static_cast<size_t>(dataset.image_shape().size()));
  dataset.pixels(index, epoch, image);
  return image;
}

/** The text of the error that `deed` ends with; empty where it ends well. */
inline std::string error_of(const std::function<void()>& deed) {
  try {
    deed();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

inline ::testing::AssertionResult says(const std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts)
    if (text.find(part) == std::string::npos) return ::testing::AssertionFailure() << "no '" << part << "' in: " << text;
  return ::testing::AssertionSuccess();
}

/** A variable of the environment, put back at the end. */
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before, was_set_ = true;
    value ? ::setenv(name, value, 1) : ::unsetenv(name);
  }
  ~Environment() { was_set_ ? ::setenv(name_, before_.c_str(), 1) : ::unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::string before_;
  bool was_set_ = false;
};

}  // namespace convscope::testing_data
