#pragma once

/**
 * Reads tar, tar.gz and zip by libarchive, from a file or from memory.
 *
 * Goals: an archive from anywhere does no harm. Nothing leaves the folder it is unpacked into, no link or device is made or followed, no
 * memory is taken because the archive claims a size.
 * Not goals: writing archives; owners, times and permissions; files in pieces (sparse tar, encrypted zip).
 */

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/base/file.h"

namespace convscope {

/** A file in an archive. Folders are passed over; links, devices and the like are errors. */
struct ArchiveEntry {
  std::string name;  // relative, parts joined by '/', without "." and ".."
  int64_t size = 0;  // bytes as claimed
};

/** What is beyond these is an error before it is read. */
struct ArchiveLimits {
  int64_t entry_bytes = int64_t{1} << 32;
  int64_t total_bytes = int64_t{1} << 36;
  int64_t entries = 1'000'000;
};

/** The entry at hand while an archive is read; gone when the visitor returns. */
class ArchiveFile {
 public:
  virtual ~ArchiveFile() = default;
  const ArchiveEntry& entry() const { return entry_; }

  /** The content from first to last, in pieces; once. An error where it is damaged, or shorter or longer than it claims. */
  virtual void read(const std::function<void(std::string_view piece)>& take) = 0;
  /** The whole content. */
  std::string bytes();

  /** Bytes of the archive itself that were read so far. */
  virtual int64_t archive_bytes_read() const = 0;

 protected:
  explicit ArchiveFile(ArchiveEntry entry) : entry_(std::move(entry)) {}
  ArchiveEntry entry_;
};

/** Called for each file in the archive's order; false ends the reading. What it does not read is skipped. */
using ArchiveVisitor = std::function<bool(ArchiveFile& file)>;

/** `whose` opens the messages. Two files of one name are an error. */
void read_archive(std::string_view bytes, std::string_view whose, const ArchiveLimits& limits, const ArchiveVisitor& visit);
void read_archive(const Path& path, const ArchiveLimits& limits, const ArchiveVisitor& visit);

/** Names and sizes alone. */
std::vector<ArchiveEntry> list_archive(std::string_view bytes, std::string_view whose, const ArchiveLimits& limits = {});
std::vector<ArchiveEntry> list_archive(const Path& path, const ArchiveLimits& limits = {});

struct ExtractOptions {
  ArchiveLimits limits = {};
  /** Where under the folder a file goes; nothing: it is left out. Without it, all keep their names. */
  std::function<std::optional<Path>(const ArchiveEntry& entry)> place = {};
  /** Called after each file. */
  std::function<void(int64_t archive_bytes_read)> progress = {};
  /** True ends the unpacking between two files; what is there stays. */
  std::function<bool()> stop = {};
};

struct Extracted {
  int64_t written = 0;
  int64_t kept = 0;      // were there already with the right size
  bool stopped = false;  // by `stop`
};

/**
 * Unpacks into `folder`. Each file appears whole or not at all, and one that is there with its size stays as it is: to unpack again after
 * an interruption goes on.
 */
Extracted extract_archive(const Path& archive, const Path& folder, const ExtractOptions& options = {});

}  // namespace convscope
