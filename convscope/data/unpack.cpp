#include "convscope/data/unpack.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "convscope/base/error.h"

namespace convscope {

std::string read_unpacked(const Path& path, int64_t limit) {
  constexpr size_t kPiece = size_t{1} << 20;
  errno = 0;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose_r);
  require(file != nullptr, "{}: cannot read: {}", path.string(), errno ? std::strerror(errno) : "out of memory");
  gzbuffer(file.get(), 1 << 17);

  std::string bytes;
  const size_t most = static_cast<size_t>(std::max<int64_t>(0, limit));
  while (bytes.size() < most) {
    const size_t before = bytes.size(), piece = std::min(kPiece, most - before);
    bytes.resize(before + piece);
    const int got = gzread(file.get(), bytes.data() + before, static_cast<unsigned>(piece));
    int status = Z_OK;
    const char* reason = gzerror(file.get(), &status);  // where the stream is cut, gzread gives what there is and no error
    require(got >= 0 && (status == Z_OK || status == Z_STREAM_END), "{}: cannot unpack after {} bytes: {}; fetch the file again",
            path.string(), before + static_cast<size_t>(std::max(0, got)), status == Z_ERRNO ? std::strerror(errno) : reason);
    bytes.resize(before + static_cast<size_t>(got));
    if (got == 0) break;
  }
  return bytes;
}

}  // namespace convscope
