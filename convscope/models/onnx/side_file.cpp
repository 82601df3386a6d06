#include "convscope/models/onnx/side_file.h"

#include "convscope/base/split.h"
#include "convscope/base/text.h"

namespace convscope {

namespace {

/** "3,32,32" → [3, 32, 32]. */
Shape shape_in(const std::string& text, const std::string& whose) {
  std::vector<int64_t> extents;
  for (const std::string_view part : split(std::string_view(text), ',')) {
    const auto extent = value_of<int64_t>(part);
    require(extent && *extent > 0 && *extent <= 1 << 16, "{}: field 'image' '{}': wanted C,H,W such as 3,32,32", whose, text);
    extents.push_back(*extent);
  }
  require(extents.size() == 3, "{}: field 'image' '{}': {} numbers, wanted C,H,W such as 3,32,32", whose, text, extents.size());
  return Shape(extents);
}

}  // namespace

Path side_file_of(const Path& network) { return network.string() + ".json"; }

OnnxSideFile read_side_file(const Path& network) {
  constexpr uint64_t kMostBytes = 1 << 24;
  const Path side = side_file_of(network);
  std::error_code ignored;
  if (!std::filesystem::exists(side, ignored)) return {};
  return fields_from_json<OnnxSideFile>(parse_json(read_file(side, kMostBytes), side.string()), side.string());
}

OnnxImport import_of(const Path& network) {
  const OnnxSideFile side = read_side_file(network);
  OnnxImport import;
  if (!side.image.empty()) import.image = shape_in(side.image, side_file_of(network).string());
  import.output = side.output;
  return import;
}

}  // namespace convscope
