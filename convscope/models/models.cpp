#include "convscope/models/airbench.h"
#include "convscope/models/alexnet.h"
#include "convscope/models/architecture/architecture.h"
#include "convscope/models/architecture/library.h"
#include "convscope/models/deep.h"
#include "convscope/models/downsampled.h"
#include "convscope/models/fully_connected.h"
#include "convscope/models/lenet.h"
#include "convscope/models/medium.h"
#include "convscope/models/noise_resnet18.h"
#include "convscope/models/perturb_resnet18.h"
#include "convscope/models/residual.h"
#include "convscope/models/scratch.h"
#include "convscope/nn/downsampling.h"

namespace convscope {

namespace {

constexpr int64_t kMostClasses = 1'000'000;

/** The row of a class `T(name, design, T::Options)`: one class serves several networks. */
template <typename T, typename Design>
Entry<Model> entry_of(std::string name, std::string summary, Design design) {
  using Options = typename T::Options;
  return {name, std::move(summary), help<Options>(), [name, design](const Json& j) -> std::unique_ptr<Model> {
            return std::make_unique<T>(name, design, fields_from_json<Options>(j, name));
          }};
}

/** The row of a file of architectures/. */
Entry<Model> entry_of_file(const ArchitectureText& file) {
  const std::string name(file.name);
  const Architecture a = parse_architecture(file.text, name);
  return {name, a.summary, options_of(a), [name, a](const Json& j) -> std::unique_ptr<Model> {
            return std::make_unique<ArchitectureModel>(with_options(a, j, name), name);
          }};
}

std::vector<Entry<Model>> with_files(std::vector<Entry<Model>> rows) {
  for (const ArchitectureText& file : architecture_texts()) rows.push_back(entry_of_file(file));
  return rows;
}

/** The row of a model that has places to change takes `downsample` beside its own options. */
Entry<Model> switchable(Entry<Model> row) {
  for (FieldHelp& option : help<DownsampleOption>()) row.options.push_back(std::move(option));
  row.make = [name = row.name, make = std::move(row.make)](const Json& j) -> std::unique_ptr<Model> {
    Json own = j, ours = json_object();
    if (own.contains("downsample")) {
      ours["downsample"] = own["downsample"];
      own.erase("downsample");
    }
    const auto o = fields_from_json<DownsampleOption>(ours, name);
    (void)downsampling_named(o.downsample);  // says what is wrong with it
    std::unique_ptr<Model> model = make(own);
    if (o.downsample == "plain") return model;
    return std::make_unique<DownsampledModel>(std::move(model), o.downsample);
  };
  return row;
}

std::vector<Entry<Model>> switchable(std::vector<Entry<Model>> rows) {
  for (Entry<Model>& row : rows)
    if (row.name != "fully-connected") row = switchable(std::move(row));
  return rows;
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
      switchable(with_files({
          entry<Deep, Model>("deep", "nine 3×3 convolutions, three dense layers; 180 thousand parameters on 28×28"),
          entry<Medium, Model>("medium", "four 3×3 convolutions, the second used twice, three dense layers"),
          entry<Alexnet, Model>("alexnet", "AlexNet with batch norm, sizes by the picture; 10 million parameters on 28×28"),
          entry<Scratch, Model>("scratch", "six 3×3 convolutions with ReLU before batch norm, pools and dropout"),
          entry_of<CifarResnet>("resnet20", "residual network for 32×32, He et al. 2016", 20),
          entry_of<CifarResnet>("resnet32", "residual network for 32×32, He et al. 2016", 32),
          entry_of<CifarResnet>("resnet44", "residual network for 32×32, He et al. 2016", 44),
          entry_of<CifarResnet>("resnet56", "residual network for 32×32, He et al. 2016", 56),
          entry_of<CifarResnet>("resnet110", "residual network for 32×32, He et al. 2016", 110),
          entry_of<Resnet>("resnet18", "residual network for ImageNet, or with a small stem for 32×32", Resnet::Design{{2, 2, 2, 2}}),
          entry_of<Resnet>("resnet34", "residual network for ImageNet, or with a small stem for 32×32", Resnet::Design{{3, 4, 6, 3}}),
          entry_of<Resnet>("resnet50", "residual network of bottlenecks for ImageNet, or with a small stem for 32×32",
                           Resnet::Design{.blocks = {3, 4, 6, 3}, .bottleneck = true}),
          entry<Airbench, Model>("airbench",
                                 "six 3×3 convolutions behind a frozen one that whitens, for quick trainings on CIFAR-10, Jordan 2024"),
          entry<FullyConnected, Model>("fully-connected", "one or two hidden dense layers, no convolution"),
          entry<OscillationResnet, Model>("oscillation-resnet",
                                          "residual networks of the aliasing study's oscillations, by depth and width"),
          entry<PerturbResnet18, Model>("perturb-resnet18",
                                        "residual network of fixed masks and 1×1 convolutions, one or many masks a channel"),
          entry<NoiseResnet18, Model>("noise-resnet18",
                                      "the same as first published: one mask a channel, ReLU, batch norm, 1×1 convolution"),
          entry_of<Lenet>("lenet", "three convolutions or perturbations with batch norm and pools, two dense layers",
                          Lenet::Design{.layers = 1, .features = 128, .task = {{1, 28, 28}, 10}}),
          entry_of<Lenet>("cifarnet", "six convolutions or perturbations with batch norm and pools, two dense layers",
                          Lenet::Design{.layers = 2, .features = 256, .task = {{3, 32, 32}, 10}}),
      }))};
  return table;
}

}  // namespace convscope
