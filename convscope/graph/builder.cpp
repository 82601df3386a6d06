#include "convscope/graph/builder.h"

#include "convscope/graph/ops/leaf.h"

namespace convscope {

Builder::Builder(Shape image) {
  require(image.rank() == 3, "pictures are [channels, rows, columns], got {}", image);
  pixels_ = graph_.add(std::string(kPixels), std::make_shared<InputOp>(InputOptions{{1, image[0], image[1], image[2]}}), {});
}

std::string Builder::path(std::string_view name) const {
  std::string path;
  for (const std::string& scope : scopes_) path += scope + ".";
  return path + std::string(name);
}

Value Builder::parameter(std::string_view name, Shape shape, std::string_view init, bool trained) {
  const std::string full = path(name);
  if (const auto known = graph_.find(full)) {
    require(graph_.shape(*known) == shape, "parameter '{}' is shared by layers that want {} and {}", full, graph_.shape(*known), shape);
    return *known;
  }
  ParameterOptions options{{shape.extents().begin(), shape.extents().end()}, std::string(init), trained};
  return graph_.add(full, std::make_shared<ParameterOp>(std::move(options)), {});
}

Graph Builder::finish(Value output) && {
  graph_.output = output;
  return std::move(graph_);
}

}  // namespace convscope
