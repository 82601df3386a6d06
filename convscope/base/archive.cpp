#include "convscope/base/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <unordered_set>
#include <utility>

#include "convscope/base/error.h"

namespace convscope {

namespace {

constexpr size_t kPiece = size_t{1} << 18;
constexpr int kMostFilters = 2;  // gzip and the one that only reads

/** libarchive's handle and the name that opens messages about it. */
class Handle {
 public:
  explicit Handle(std::string whose) : whose_(std::move(whose)), archive_(archive_read_new(), archive_read_free) {
    require(archive_ != nullptr, "{}: cannot unpack: out of memory", whose_);
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_format_tar(archive_.get());
    archive_read_support_format_zip_seekable(archive_.get());  // by its directory: what a zip's stream says by the way may contradict it
  }

  archive* get() const { return archive_.get(); }
  const std::string& whose() const { return whose_; }

  [[noreturn]] void damaged() const {
    const char* reason = archive_error_string(get());
    fail("{}: cannot unpack after {} bytes: {}; a whole tar, tar.gz or zip was wanted; fetch the file again", whose_,
         archive_filter_bytes(get(), -1), reason ? reason : "damaged");
  }

 private:
  std::string whose_;
  std::unique_ptr<archive, int (*)(archive*)> archive_;
};

/** The name without "." and doubled slashes; an error where it leads out of the folder it is in. */
std::string safe_name(const char* given, const std::string& whose) {
  require(given != nullptr && *given != '\0', "{}: holds a file without a readable name", whose);
  const std::string_view name = given;
  require(std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
          "{}: holds a file with control characters in its name", whose);
  require(name.front() != '/', "{}: holds '{}', an absolute path; it is not unpacked", whose, name);
  std::string safe;
  for (const Path& part : Path(name)) {
    require(part != "..", "{}: holds '{}', which leads out of its folder; it is not unpacked", whose, name);
    if (part.empty() || part == ".") continue;
    safe += (safe.empty() ? "" : "/") + part.string();
  }
  return safe;
}

class LibarchiveFile : public ArchiveFile {
 public:
  LibarchiveFile(ArchiveEntry entry, const Handle& handle) : ArchiveFile(std::move(entry)), handle_(handle) {}

  void read(const std::function<void(std::string_view)>& take) override {
    piece_.resize(kPiece);
    int64_t done = 0;
    while (true) {
      const la_ssize_t got = archive_read_data(handle_.get(), piece_.data(), piece_.size());
      if (got < 0) handle_.damaged();  // also warnings: a zip of the wrong length is one
      if (got == 0) break;
      done += got;
      require(done <= entry_.size, "{}: '{}' is longer than the {} bytes it claims; fetch the file again", handle_.whose(), entry_.name,
              entry_.size);
      take(std::string_view(piece_).substr(0, static_cast<size_t>(got)));
    }
    require(done == entry_.size, "{}: '{}' has {} bytes, it claims {}; fetch the file again", handle_.whose(), entry_.name, done,
            entry_.size);
  }

  int64_t archive_bytes_read() const override { return archive_filter_bytes(handle_.get(), -1); }

  void next(ArchiveEntry entry) { entry_ = std::move(entry); }

 private:
  const Handle& handle_;
  std::string piece_;
};

void visit_all(const Handle& handle, const ArchiveLimits& limits, const ArchiveVisitor& visit) {
  const std::string& whose = handle.whose();
  LibarchiveFile file({}, handle);
  std::unordered_set<std::string> names;
  int64_t total = 0;
  for (archive_entry* entry = nullptr;;) {
    const int status = archive_read_next_header(handle.get(), &entry);
    if (status == ARCHIVE_EOF) return;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) handle.damaged();
    // A thousandth of its size at each turn: a few bytes could keep the program busy for days.
    require(archive_filter_count(handle.get()) <= kMostFilters, "{}: is gzipped more than once; unpack it by hand", whose);
    require(archive_entry_is_encrypted(entry) == 0, "{}: is encrypted; unpack it by hand", whose);

    const char* raw = archive_entry_pathname(entry);
    const std::string name = safe_name(raw ? raw : archive_entry_pathname_utf8(entry), whose);
    const auto type = archive_entry_filetype(entry);
    if (type == AE_IFDIR) continue;
    require(type == AE_IFREG && archive_entry_hardlink(entry) == nullptr && !name.empty(),
            "{}: '{}' is a link or a device; only files and folders are unpacked", whose, name);
    require(archive_entry_sparse_count(entry) == 0, "{}: '{}' has holes (a sparse file); unpack it by hand", whose, name);
    require(archive_entry_size_is_set(entry) && archive_entry_size(entry) >= 0, "{}: '{}' does not say how long it is", whose, name);

    const int64_t size = archive_entry_size(entry);
    require(size <= limits.entry_bytes, "{}: '{}' claims {} bytes, at most {} were expected of a file", whose, name, size,
            limits.entry_bytes);
    require(size <= limits.total_bytes - total, "{}: its files claim more than the {} bytes that were expected", whose, limits.total_bytes);
    total += size;
    require(static_cast<int64_t>(names.size()) < limits.entries, "{}: holds more than the {} files that were expected", whose,
            limits.entries);
    require(names.insert(name).second, "{}: holds '{}' twice", whose, name);

    file.next({name, size});
    if (!visit(file)) return;
  }
}

/** A file that is being written under another name; it goes away unless it is finished. */
class PartFile {
 public:
  explicit PartFile(Path path) : path_(std::move(path)), part_(path_.string() + ".part") {
    make_folder(path_.parent_path());
    fd_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    check(fd_ >= 0);
  }
  ~PartFile() {
    if (fd_ >= 0) ::close(fd_);
    if (!finished_) ::unlink(part_.c_str());
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      check(n > 0);
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }

  void finish() {
    check(::close(std::exchange(fd_, -1)) == 0);
    finished_ = ::rename(part_.c_str(), path_.c_str()) == 0;
    check(finished_);
  }

 private:
  void check(bool ok) const {
    const int why = errno;
    require(ok, "{}: cannot write: {}", path_.string(), std::strerror(why));
  }

  Path path_, part_;
  int fd_ = -1;
  bool finished_ = false;
};

bool is_there(const Path& path, int64_t size) {
  std::error_code code;
  return std::filesystem::is_regular_file(path, code) && std::filesystem::file_size(path, code) == static_cast<uintmax_t>(size) && !code;
}

/** One sync for all: a sync after each of 50,000 pictures would take longer than the unpacking. */
void sync_all(const Path& folder) {
  if (const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); fd >= 0) {
    ::syncfs(fd);
    ::close(fd);
  }
}

}  // namespace

std::string ArchiveFile::bytes() {
  std::string all;  // grows by what comes, not by what is claimed
  read([&](std::string_view piece) { all += piece; });
  return all;
}

void read_archive(std::string_view bytes, std::string_view whose, const ArchiveLimits& limits, const ArchiveVisitor& visit) {
  const Handle handle{std::string(whose)};
  if (archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) handle.damaged();
  visit_all(handle, limits, visit);
}

void read_archive(const Path& path, const ArchiveLimits& limits, const ArchiveVisitor& visit) {
  const Handle handle(path.string());
  std::error_code code;
  require(std::filesystem::is_regular_file(path, code), "{}: cannot read: {}", path.string(),
          code ? code.message() : "no such file, or it is none");
  if (archive_read_open_filename(handle.get(), path.c_str(), size_t{1} << 16) != ARCHIVE_OK) handle.damaged();
  visit_all(handle, limits, visit);
}

namespace {
ArchiveVisitor into(std::vector<ArchiveEntry>& entries) {
  return [&entries](ArchiveFile& file) {
    entries.push_back(file.entry());
    return true;
  };
}
}  // namespace

std::vector<ArchiveEntry> list_archive(std::string_view bytes, std::string_view whose, const ArchiveLimits& limits) {
  std::vector<ArchiveEntry> entries;
  read_archive(bytes, whose, limits, into(entries));
  return entries;
}

std::vector<ArchiveEntry> list_archive(const Path& path, const ArchiveLimits& limits) {
  std::vector<ArchiveEntry> entries;
  read_archive(path, limits, into(entries));
  return entries;
}

Extracted extract_archive(const Path& archive, const Path& folder, const ExtractOptions& options) {
  Extracted done;
  make_folder(folder);
  read_archive(archive, options.limits, [&](ArchiveFile& file) {
    done.stopped = options.stop && options.stop();
    if (done.stopped) return false;
    const std::optional<Path> place = options.place ? options.place(file.entry()) : Path(file.entry().name);
    if (place && is_there(folder / *place, file.entry().size)) {
      ++done.kept;
    } else if (place) {
      PartFile out(folder / *place);
      file.read([&](std::string_view piece) { out.write(piece); });
      out.finish();
      ++done.written;
    }
    if (options.progress) options.progress(file.archive_bytes_read());
    return true;
  });
  sync_all(folder);
  return done;
}

}  // namespace convscope
