/**
 * fuzz_replay READER FOLDER: reads each file of a corpus. One whose name begins with "right" must be read; any other is read or refused by
 * an Error. What else happens (another exception, a crash, what the sanitizers report) is a failure.
 */

#include <algorithm>
#include <cstdio>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "readers.h"

namespace convscope {
namespace {

std::vector<Path> files_in(const Path& folder) {
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  require(!files.empty(), "{}: no files; fuzz_corpus makes some", folder.string());
  return files;
}

/** The error's text; empty where it is read. */
std::string refusal(const FuzzReader& reader, const std::string& bytes) {
  const std::vector<char> own(bytes.begin(), bytes.end());  // no byte more: a sanitizer sees a step beyond
  try {
    reader.read({own.data(), own.size()});
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

void replay(const FuzzReader& reader, const Path& folder) {
  size_t read = 0, refused = 0;
  for (const Path& file : files_in(folder)) {
    std::fprintf(stderr, "%s\n", file.filename().c_str());  // the last one is what a crash was about
    const std::string error = refusal(reader, read_file(file));
    require(error.empty() || !file.filename().string().starts_with("right"), "{}: is right but was refused: {}", file.string(), error);
    ++(error.empty() ? read : refused);
  }
  std::fprintf(stderr, "%zu read, %zu refused\n", read, refused);
}

}  // namespace
}  // namespace convscope

int main(int count, char** words) {
  try {
    convscope::require(count == 3, "fuzz_replay READER FOLDER");
    convscope::replay(convscope::fuzz_reader(words[1]), words[2]);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
  return 0;
}
