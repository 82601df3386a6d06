#include "convscope/base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "convscope/base/error.h"

namespace convscope {

namespace {

constexpr size_t kChunk = 1 << 16;

bool is_address(const Path& path) { return path.native().starts_with("http://") || path.native().starts_with("https://"); }

class File {
 public:
  File(const Path& path, int flags) : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (fd_ < 0)
      fail("{}: cannot {}: {}{}", path.string(), flags & O_WRONLY ? "write" : "read", std::strerror(errno),
           is_address(path) ? "; addresses are not fetched: load the file down first" : "");
  }
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      require(n > 0, "{}: cannot write: {}", path_.string(), std::strerror(errno));
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }

  size_t read(char* to, size_t size) {
    size_t done = 0;
    while (done < size) {
      const ssize_t n = ::read(fd_, to + done, size - done);
      if (n < 0 && errno == EINTR) continue;
      require(n >= 0, "{}: cannot read: {}", path_.string(), std::strerror(errno));
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    return done;
  }

  void sync_and_close() {
    const bool synced = ::fsync(fd_) == 0 || errno == EINVAL || errno == EROFS;  // a pipe or /dev/null cannot be synced
    const int why = errno;
    const bool closed = ::close(std::exchange(fd_, -1)) == 0;
    require(synced && closed, "{}: cannot write: {}", path_.string(), std::strerror(synced ? errno : why));
  }

  struct stat status() const {
    struct stat s = {};
    const bool known = ::fstat(fd_, &s) == 0;
    require(known, "{}: cannot read: {}", path_.string(), std::strerror(errno));
    return s;
  }

 private:
  Path path_;
  int fd_;
};

/** Renaming replaces a link or a device instead of writing to what it stands for. */
bool is_pipe_or_device(const Path& path) {
  struct stat s = {};
  return ::stat(path.c_str(), &s) == 0 && (S_ISCHR(s.st_mode) || S_ISBLK(s.st_mode) || S_ISFIFO(s.st_mode) || S_ISSOCK(s.st_mode));
}

Path behind_links(const Path& path) {
  std::error_code code;
  const Path target = std::filesystem::is_symlink(path, code) ? std::filesystem::weakly_canonical(path, code) : path;
  return code ? path : target;
}

}  // namespace

std::string read_file(const Path& path, uint64_t max_bytes) {
  File file(path, O_RDONLY);
  const struct stat s = file.status();
  require(!S_ISDIR(s.st_mode), "{}: is a folder, a file was wanted", path.string());
  require(static_cast<uint64_t>(s.st_size) <= max_bytes, "{}: {} bytes, at most {} are read", path.string(), s.st_size, max_bytes);
  std::string bytes(static_cast<size_t>(s.st_size), '\0');
  bytes.resize(file.read(bytes.data(), bytes.size()));
  // A pipe and the files of /proc say they have no bytes, and have some.
  for (size_t more = 1; s.st_size == 0 && more > 0;) {
    const size_t had = bytes.size();
    bytes.resize(had + kChunk);
    more = file.read(bytes.data() + had, kChunk);
    bytes.resize(had + more);
    require(bytes.size() <= max_bytes, "{}: more than {} bytes, at most so many are read", path.string(), max_bytes);
  }
  return bytes;
}

/** What is beside the file until it is whole; a pipe or a device is written to as it is. */
class GrowingFile::Part {
 public:
  explicit Part(const Path& named)
      : direct_(is_pipe_or_device(named)),
        path_(direct_ ? named : behind_links(named)),
        part_(direct_ ? path_ : Path(path_.string() + fmt::format(".{}.part", ::getpid()))) {
    named_by_path([&] { file_.emplace(part_, direct_ ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC); });
  }
  ~Part() {
    if (!finished_ && !direct_) ::unlink(part_.c_str());
  }

  void write(std::string_view bytes) {
    named_by_path([&] { file_->write(bytes); });
  }

  void finish() {
    named_by_path([&] {
      file_->sync_and_close();
      if (direct_) return;
      const bool renamed = ::rename(part_.c_str(), path_.c_str()) == 0;  // before errno is looked at: arguments have no order
      require(renamed, "{}: cannot write: {}", path_.string(), std::strerror(errno));
    });
    finished_ = true;
    if (!direct_) sync_folder();
  }

 private:
  /** People know the file by its own name. */
  template <typename Deed>
  void named_by_path(Deed&& deed) const {
    try {
      deed();
    } catch (const Error& e) {
      std::string text = e.what();
      if (const size_t at = text.find(part_.string()); at != std::string::npos) text.replace(at, part_.string().size(), path_.string());
      throw Error(text);
    }
  }

  /** The new name itself must survive a power cut. */
  void sync_folder() const {
    const Path folder = path_.has_parent_path() ? path_.parent_path() : Path(".");
    if (const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); fd >= 0) {
      ::fsync(fd);
      ::close(fd);
    }
  }

  bool direct_, finished_ = false;
  Path path_, part_;
  std::optional<File> file_;
};

GrowingFile::GrowingFile(const Path& path) : part_(std::make_unique<Part>(path)) {}
GrowingFile::~GrowingFile() = default;
GrowingFile::GrowingFile(GrowingFile&&) noexcept = default;
void GrowingFile::write(std::string_view bytes) { part_->write(bytes); }
void GrowingFile::finish() { part_->finish(); }

void write_file(const Path& path, std::span<const std::string_view> pieces) {
  GrowingFile file(path);
  for (const std::string_view piece : pieces) file.write(piece);
  file.finish();
}

void write_file(const Path& path, std::string_view bytes) { write_file(path, std::span(&bytes, 1)); }

void append_line(const Path& path, std::string_view line) {
  File file(path, O_WRONLY | O_CREAT | O_APPEND);
  file.write(std::string(line) + "\n");
  file.sync_and_close();
}

void make_folder(const Path& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  require(!code && std::filesystem::is_directory(path), "{}: cannot make the folder: {}", path.string(),
          code ? code.message() : "a file of that name is in the way");
}

FolderLock::FolderLock(const Path& folder) : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  require(fd_ >= 0, "{}: cannot open the folder: {}", folder.string(), std::strerror(errno));
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;  // some file systems have no locks
  ::close(fd_);
  fail("{}: another process is at work in this folder", folder.string());
}

FolderLock::~FolderLock() { ::close(fd_); }

}  // namespace convscope
