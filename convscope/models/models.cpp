#include "convscope/models/deep.h"
#include "convscope/models/medium.h"
#include "convscope/models/residual.h"
#include "convscope/models/scratch.h"

namespace convscope {

namespace {

constexpr int64_t kMostClasses = 1'000'000;

/** The row of a class `T(shape of the network, T::Options)`: one class serves several depths. */
template <typename T, typename Depth>
Entry<Model> entry_of_depth(std::string name, std::string summary, Depth depth) {
  using Options = typename T::Options;
  return {name, std::move(summary), help<Options>(),
          [name, depth](const Json& j) -> std::unique_ptr<Model> { return std::make_unique<T>(name, depth, from_json<Options>(j, name)); }};
}

}  // namespace

Graph Model::build(const Shape& image, int64_t classes, const Normalization& normalization) const {
  require(image.rank() == 3 && image.size() > 0, "pictures of shape {}; [channels, rows, columns] were wanted", image);
  require(classes >= 1 && classes <= kMostClasses, "a network for {} classes; 1 to {} are possible", classes, kMostClasses);
  Builder graph(image);
  const Value x = Normalize(normalization).build(graph, "normalize", graph.pixels());
  const Value y = logits(graph, x, classes);
  return std::move(graph).finish(y);
}

const Table<Model>& models() {
  static const Table<Model> table{
      "model",
      {
          entry<Deep, Model>("deep", "nine 3×3 convolutions, three dense layers; 180 thousand parameters on 28×28"),
          entry<Medium, Model>("medium", "four 3×3 convolutions, the second used twice, three dense layers"),
          entry<Scratch, Model>("scratch", "six 3×3 convolutions with ReLU before batch norm, pools and dropout"),
          entry_of_depth<CifarResnet>("resnet20", "residual network for 32×32, He et al. 2016", 20),
          entry_of_depth<CifarResnet>("resnet32", "residual network for 32×32, He et al. 2016", 32),
          entry_of_depth<CifarResnet>("resnet44", "residual network for 32×32, He et al. 2016", 44),
          entry_of_depth<CifarResnet>("resnet56", "residual network for 32×32, He et al. 2016", 56),
          entry_of_depth<CifarResnet>("resnet110", "residual network for 32×32, He et al. 2016", 110),
          entry_of_depth<Resnet>("resnet18", "residual network for ImageNet, or with a small stem for 32×32", Resnet::Blocks{2, 2, 2, 2}),
          entry_of_depth<Resnet>("resnet34", "residual network for ImageNet, or with a small stem for 32×32", Resnet::Blocks{3, 4, 6, 3}),
      }};
  return table;
}

std::string origin(const Choice& model) {
  std::string line = model.name;
  for (const auto& [option, value] : model.options.items())
    line += fmt::format(",{}={}", option, value.is_string() ? value.get<std::string>() : value.dump());
  return line;
}

}  // namespace convscope
