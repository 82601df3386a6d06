#include "convscope/models/onnx/external.h"

#include <algorithm>
#include <fstream>
#include <memory>

#include "convscope/base/json.h"

namespace convscope {

namespace {

namespace fs = std::filesystem;

std::string in_quotes(std::string_view text) { return shown(Json(std::string(text))); }

/** Plain names and folders in front of them, nothing else. */
bool is_plain(std::string_view location) {
  constexpr size_t kLongest = 1024;
  if (location.empty() || location.size() > kLongest || location.find('\\') != std::string_view::npos ||
      location.find('\0') != std::string_view::npos)
    return false;
  const Path path{std::string(location)};
  return path.is_relative() && path.has_filename() && std::none_of(path.begin(), path.end(), [](const Path& part) { return part == ".."; });
}

bool lies_in(const Path& file, const Path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

/** The file that the location means, looked through links. */
Path found(const Path& network, std::string_view location) {
  require(is_plain(location), "its numbers are said to lie in {}; a plain name of a file beside the network is read, nothing else",
          in_quotes(location));
  std::error_code trouble;
  const Path folder = network.has_parent_path() ? network.parent_path() : Path(".");
  Path file = folder / std::string(location);
  if (!fs::exists(file, trouble)) {
    const Path renamed = network.string() + ".data";
    require(fs::exists(renamed, trouble), "its numbers lie in {}, which is not there; put it beside the network ({})", in_quotes(location),
            file.string());
    file = renamed;
  }
  const Path real = fs::canonical(file, trouble);
  require(!trouble && fs::is_regular_file(real, trouble), "its numbers lie in {}, which is no file that can be read", file.string());
  const Path home = fs::canonical(folder, trouble), real_home = fs::canonical(network, trouble).parent_path();
  require((!home.empty() && lies_in(real, home)) || (!real_home.empty() && lies_in(real, real_home)),
          "its numbers are said to lie in {}, which is linked to another folder; copy it beside the network", file.string());
  return real;
}

}  // namespace

void refuse_lfs_pointer(std::string_view bytes, std::string_view whose) {
  require(!bytes.starts_with("version https://git-lfs"), "{}: a pointer of Git LFS, not the file itself; fetch it with `git lfs pull`",
          whose);
}

OnnxBeside onnx_beside(const Path& network) {
  return [network, taken = std::make_shared<uint64_t>(0)](std::string_view location, uint64_t offset, uint64_t count) {
    const Path file = found(network, location);
    std::error_code trouble;
    const uint64_t size = fs::file_size(file, trouble);
    require(!trouble, "{}: cannot be read: {}", file.string(), trouble.message());
    std::ifstream stream(file, std::ios::binary);
    if (offset > size || count > size - offset) {
      std::string head(32, '\0');
      stream.read(head.data(), static_cast<std::streamsize>(head.size()));
      refuse_lfs_pointer(head, file.string());
      fail("{}: {} bytes; the network wants {} from byte {} on: it is cut, or that of another network", file.string(), size, count, offset);
    }
    // Weights may be shared, but a few bytes that name the same range again and again must not become many.
    constexpr uint64_t kTimes = 4, kSlack = uint64_t{1} << 20;
    *taken += count;
    require(*taken <= kTimes * size + kSlack, "{}: the network's tensors together have far more bytes than the file", file.string());
    std::string bytes(count, '\0');
    stream.seekg(static_cast<std::streamoff>(offset));
    stream.read(bytes.data(), static_cast<std::streamsize>(count));
    require(stream.good() || (stream.eof() && static_cast<uint64_t>(stream.gcount()) == count), "{}: cannot be read", file.string());
    return bytes;
  };
}

}  // namespace convscope
