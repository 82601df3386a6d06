#pragma once

/** Archives for tests, written by libarchive. Not installed. */

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <string>
#include <vector>

#include "convscope/base/error.h"

namespace convscope {

struct TestEntry {
  std::string name;
  std::string content = {};
  mode_t type = AE_IFREG;
  std::string link = {};  // where it leads, for AE_IFLNK; of a hard link where `type` is AE_IFREG
  int64_t hole = 0;       // so many zeros at the content's beginning are not stored: a sparse file
};

enum class Packing { tar, tar_gz, zip, tar_gz_gz };

inline std::string packed(const std::vector<TestEntry>& entries, Packing packing) {
  const std::unique_ptr<archive, int (*)(archive*)> out(archive_write_new(), archive_write_free);
  if (packing == Packing::zip) {
    archive_write_set_format_zip(out.get());
  } else {
    archive_write_set_format_pax_restricted(out.get());
    if (packing != Packing::tar) archive_write_add_filter_gzip(out.get());
    if (packing == Packing::tar_gz_gz) archive_write_add_filter_gzip(out.get());
  }
  std::string bytes(size_t{1} << 26, '\0');
  size_t used = 0;
  archive_write_set_bytes_in_last_block(out.get(), 1);
  if (archive_write_open_memory(out.get(), bytes.data(), bytes.size(), &used) != ARCHIVE_OK) fail("no archive to write to");
  for (const TestEntry& e : entries) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), e.name.c_str());
    archive_entry_set_filetype(entry.get(), e.type);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(e.content.size()));
    if (e.hole > 0) archive_entry_sparse_add_entry(entry.get(), e.hole, static_cast<la_int64_t>(e.content.size()) - e.hole);
    if (!e.link.empty() && e.type == AE_IFLNK) archive_entry_set_symlink(entry.get(), e.link.c_str());
    if (!e.link.empty() && e.type == AE_IFREG) archive_entry_set_hardlink(entry.get(), e.link.c_str());
    if (archive_write_header(out.get(), entry.get()) < ARCHIVE_WARN) fail("cannot write {}: {}", e.name, archive_error_string(out.get()));
    archive_write_data(out.get(), e.content.data(), e.content.size());
  }
  if (archive_write_close(out.get()) != ARCHIVE_OK) fail("cannot finish the archive: {}", archive_error_string(out.get()));
  bytes.resize(used);
  return bytes;
}

}  // namespace convscope
