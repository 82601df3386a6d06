#pragma once

/** What the tests of every layer share; not installed. */

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/file.h"

/** `statement` throws an Error whose text holds `part`. */
#define EXPECT_THROW_SAYING(statement, part)                                                                     \
  do {                                                                                                           \
    std::string text_ = "(no error)";                                                                            \
    try {                                                                                                        \
      (void)(statement);                                                                                         \
    } catch (const ::convscope::Error& e) {                                                                      \
      text_ = e.what();                                                                                          \
    }                                                                                                            \
    EXPECT_NE(text_.find(part), std::string::npos) << "the error is: " << text_ << "\n  wanted in it: " << part; \
  } while (false)

namespace convscope {

/** A folder that lives as long as this object. */
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "convscope-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) fail("cannot make a temporary folder like {}", name);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  Path operator/(std::string_view name) const { return path_ / name; }
  const Path& path() const { return path_; }

 private:
  Path path_;
};

}  // namespace convscope
