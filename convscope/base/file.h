#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace convscope {

using Path = std::filesystem::path;

/** The whole file, or all that a pipe hands over. Errors name the path and the system's reason; `max_bytes` guards against a file of absurd
 * size. */
std::string read_file(const Path& path, uint64_t max_bytes = uint64_t{1} << 40);

/**
 * The file appears whole or not at all: written beside, synced, renamed. A full disk leaves the old one as it was. A link stays a link: the
 * file it leads to is written. A pipe or device, such as /dev/stdout, is written to as it is.
 */
void write_file(const Path& path, std::string_view bytes);
/** The same in pieces. */
void write_file(const Path& path, std::span<const std::string_view> pieces);

/** A file that grows piece by piece and appears, whole, when it is finished; one that never is leaves nothing behind. */
class GrowingFile {
 public:
  explicit GrowingFile(const Path& path);
  ~GrowingFile();
  GrowingFile(GrowingFile&&) noexcept;
  GrowingFile& operator=(GrowingFile&&) = delete;

  void write(std::string_view bytes);
  void finish();

 private:
  class Part;
  std::unique_ptr<Part> part_;
};

/** Adds a line at the end and syncs it. */
void append_line(const Path& path, std::string_view line);

/** Makes the folder with its parents; the error says what is in the way. */
void make_folder(const Path& path);

/** As long as it lives no other process holds one for this folder; an error where one does. The system lets go of it when a process dies.
 */
class FolderLock {
 public:
  explicit FolderLock(const Path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

}  // namespace convscope
