#include "convscope/cli/commands/inspect.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/join.h"
#include "convscope/cli/output.h"
#include "convscope/cli/told.h"
#include "convscope/report/inspect/filter_sheet.h"
#include "convscope/report/page/page.h"
#include "convscope/results/clusters_summary.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

/** What a kind hands back when its files are written. */
struct Looked {
  Json json;
  std::string text;
  Path folder;
};

/** All that a kind is given. */
struct Look {
  const Network& network;
  const InspectOptions& options;
  const PictureOptions& pictures;
  int64_t limit;
  const Path& out;
  const Setting& setting;
};

/** A member of the kinds, and which flags mean something to it. */
struct Kind {
  std::string name;
  Looked (*look)(const Look&);
  std::vector<FieldHelp> (*keys)();
  std::vector<std::string> flags;
};

Looked weights(const Look& look) {
  const auto [record, folder] = inspect_weights(look.network, look.options, look.out, look.setting);
  return {fields_to_json(record), fmt::format("{}: {}\n{}\n", filter_title(record), record.about, filter_scale_text(record)), folder};
}

std::string shown(const ActivationsRecord& record) {
  TextTable table({"image", "", "channels shown", "zero everywhere", "largest"}, {2, 3, 4});
  for (const ImageAnswers& image : record.images) {
    double largest = image.channels.front().high;
    int64_t dark = 0;
    for (const ChannelAnswer& c : image.channels) {
      largest = std::max(largest, c.high);
      dark += c.low == 0 && c.high == 0;
    }
    table.row({image.source.empty() ? fmt::format("#{}", image.image) : image.source, image.label,
               fmt::format("{} of {}", image.channels.size(), record.shape.front()), std::to_string(dark), fmt::format("{:.3f}", largest)});
  }
  return fmt::format("{} [{}]: {}\n{}", record.node, join(record.shape, ", "), record.about, table.text());
}

Looked activations(const Look& look) {
  constexpr int64_t kOne = 1;
  const Pictures pictures = pictures_or_files(look.pictures, look.network, look.setting, kOne);
  const auto [record, folder] = inspect_activations(look.network, pictures, look.options, look.out, look.setting);
  return {fields_to_json(record), shown(record), folder};
}

std::string shown(const NeuronsRecord& record) {
  TextTable table({"channel", "selectivity", "mean", "deviation", "largest", "top images are of"}, {0, 1, 2, 3, 4});
  for (const NeuronRecord& neuron : record.neurons) {
    std::vector<std::pair<int64_t, std::string>> classes;
    for (const NeuronImage& image : neuron.top) {
      const auto known = std::find_if(classes.begin(), classes.end(), [&](const auto& c) { return c.second == image.label; });
      if (known == classes.end())
        classes.emplace_back(1, image.label);
      else
        ++known->first;
    }
    std::stable_sort(classes.begin(), classes.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text;
    for (size_t i = 0; i < std::min<size_t>(3, classes.size()); ++i)
      text += fmt::format("{}{} {}", i > 0 ? ", " : "", classes[i].first, classes[i].second);
    table.row({std::to_string(neuron.channel), fmt::format("{:.2f}", neuron.selectivity), fmt::format("{:.3f}", neuron.mean),
               fmt::format("{:.3f}", neuron.deviation), neuron.top.empty() ? "" : fmt::format("{:.3f}", neuron.top.front().activation),
               text});
  }
  return fmt::format("{}: {}; {} images of {}; {}\n{}", record.node, record.about, record.images, record.data.text(), record.chosen,
                     table.text());
}

Looked neurons(const Look& look) {
  const Pictures pictures = at_most(look.limit, choose_pictures(look.pictures, look.network, look.setting, look.limit, Classes::any));
  const auto [record, folder] = inspect_neurons(look.network, pictures, look.options, look.out, look.setting);
  return {fields_to_json(record), shown(record), folder};
}

std::string shown(const ClustersRecord& record) {
  TextTable table({"cluster", "images", "purity", "classes"}, {0, 1, 2});
  for (size_t i = 0; i < record.clusters.size(); ++i) {
    const ClusterRecord& cluster = record.clusters[i];
    table.row({std::to_string(i), std::to_string(cluster.size), percent(cluster.purity), classes_text(cluster, record.classes, 3)});
  }
  std::string text = fmt::format("{}: {}; {} images of {}, {} numbers each\n{}{}\n", record.node, record.about, record.images,
                                 record.data.text(), record.numbers, table.text(), purity_text(record));
  if (const std::string tsne = tsne_text(record); !tsne.empty()) text += tsne + "\n";
  for (const NearRecord& near : record.near) {
    std::vector<std::string> others;
    for (const NearImage& one : near.nearest) others.push_back(fmt::format("#{} ({:.3g})", one.image, one.apart));
    text += fmt::format("near #{}: {}\n", near.image, join(others, ", "));
  }
  return text;
}

Looked clusters(const Look& look) {
  const Pictures pictures = at_most(look.limit, choose_pictures(look.pictures, look.network, look.setting, look.limit, Classes::any));
  const auto [record, folder] = inspect_clusters(look.network, pictures, look.options, look.out, look.setting);
  return {fields_to_json(record), shown(record), folder};
}

std::string shown(const FeaturesRecord& record) {
  const std::string end = record.down() ? "lowest" : "best";
  TextTable table({"channel", "begins at", "reaches", end + " image", "× best", "above f ¼", "alike"}, {0, 1, 2, 3, 4, 5, 6});
  for (const FeatureRecord& feature : record.features)
    for (const FeaturePicture& picture : feature.pictures)
      table.row({!feature.objective.empty() ? feature.objective
                 : feature.name.empty()     ? std::to_string(feature.channel)
                                            : fmt::format("{} {}", feature.channel, feature.name),
                 fmt::format("{:.3g}", picture.begin), fmt::format("{:.3g}", picture.end),
                 feature.top.empty() ? "–" : fmt::format("{:.3g}", feature.best()),
                 std::isnan(picture.times) ? "–" : fmt::format("{:.2f}{}", picture.times, picture.times < 1 ? " less" : ""),
                 percent(picture.high_frequencies), std::isnan(feature.alike) ? "–" : fmt::format("{:.2f}", feature.alike)});
  return fmt::format("{}: {}; {}; {} of {} images of {}\n{}", record.node, record.about, record.number, end, record.images,
                     record.data.text(), table.text());
}

Looked features(const Look& look) {
  const Pictures pictures = at_most(look.limit, choose_pictures(look.pictures, look.network, look.setting, look.limit, Classes::any));
  const auto [record, folder] = inspect_features(look.network, pictures, look.options, look.out, look.setting);
  return {fields_to_json(record), shown(record), folder};
}

std::string shown(const ConceptsRecord& record) {
  TextTable table({"concept", "pictures", "told apart", "class", "score", "random", "p", ""}, {1, 2, 4, 5, 6});
  for (const ConceptRecord& one : record.concepts)
    for (const ConceptScore& score : one.classes)
      table.row({one.name, std::to_string(one.pictures), percent(one.separable), score.name,
                 fmt::format("{:.2f} ± {:.2f}", score.score, score.deviation),
                 fmt::format("{:.2f} ± {:.2f}", score.random_score, score.random_deviation), fmt::format("{:.2g}", score.p),
                 !score.significant                 ? "no different from random sets"
                 : score.score > score.random_score ? "for it"
                                                    : "against it"});
  return fmt::format("{}: {}; {} random sets of {} of {} images of {}\n{}", record.node, record.about, record.sets, record.drawn,
                     record.images, record.data.text(), table.text());
}

std::string shown(const CraftRecord& record) {
  TextTable table({"concept", "importance", "deviation", "most in images"}, {0, 1, 2});
  for (size_t k = 0; k < record.concepts.size(); ++k) {
    std::string images;
    for (size_t i = 0; i < std::min<size_t>(5, record.concepts[k].crops.size()); ++i)
      images += fmt::format("{}{}", i > 0 ? ", " : "", record.concepts[k].crops[i].image);
    table.row({std::to_string(k), fmt::format("{:.3f}", record.concepts[k].importance), fmt::format("{:.3f}", record.concepts[k].deviation),
               images});
  }
  return fmt::format(
      "{}: {}; {} crops of {} pixels from {} images taken for '{}'; what {} concepts leave out of the crops: {}; of the logit: {}\n{}",
      record.node, record.about, record.crops, record.crop, record.images, record.of_class, record.concepts.size(), percent(record.error),
      percent(record.lost), table.text());
}

Looked concepts(const Look& look) {
  const bool given = !look.options.concepts.concepts.empty();
  const Pictures pictures =
      at_most(look.limit, choose_pictures(look.pictures, look.network, look.setting, look.limit, given ? Classes::network : Classes::any));
  if (given) {
    const auto [record, folder] = inspect_concepts(look.network, pictures, look.options, look.out, look.setting);
    return {fields_to_json(record), shown(record), folder};
  }
  const auto [record, folder] = inspect_craft(look.network, pictures, look.options, look.out, look.setting);
  return {fields_to_json(record), shown(record), folder};
}

/** Keys of both ways, each told once. */
std::vector<FieldHelp> concept_keys() {
  std::vector<FieldHelp> keys = help<ConceptsRecord>();
  for (const FieldHelp& found : help<CraftRecord>())
    if (std::none_of(keys.begin(), keys.end(), [&](const FieldHelp& known) { return known.name == found.name; })) {
      keys.push_back(found);
      keys.back().text = "of found ones, " + found.text;
    }
  return keys;
}

/** Of the features' flags, all. */
std::vector<std::string> feature_flags() {
  return flags_among({{"channel", "position", "count", "limit", "data", "split", "images", "batch"}, flags_of<FeatureOptions>()});
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"weights", weights, help<WeightsRecord>, {"channel", "count"}},
      {"activations", activations, help<ActivationsRecord>, {"channel", "count", "data", "split", "images", "batch"}},
      {"neurons", neurons, help<NeuronsRecord>, {"channel", "position", "count", "limit", "data", "split", "images", "batch"}},
      {"clusters",
       clusters,
       help<ClustersRecord>,
       {"clusters", "restarts", "iterations", "standardise", "perplexity", "near", "limit", "data", "split", "images", "batch"}},
      {"features", features, help<FeaturesRecord>, feature_flags()},
      {"concepts", concepts, concept_keys,
       flags_among({{"count", "limit", "data", "split", "images", "batch"}, flags_of<ConceptOptions>()})},
  };
  return all;
}

}  // namespace

void InspectCommand::declare(Flags& flags) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) names.push_back(kind.name);
  flags.choice("KIND", kind_, fmt::format("what to look at: {}", join(names, ", ")), names);
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.value("images", pictures_.images,
              "numbers of images in the data set: 0,1,7 or 0-15; without it the first one (activations) or the first --limit");
  flags.fields(pictures_);
  flags.fields(place_);
  flags.fields(options_);
  flags.fields(foreign_);
  flags.fields(replacing_);
}

std::vector<std::string> InspectCommand::about() const {
  return {
      "weights: filters as pictures, the first layer's in colour. activations: an image's map of every channel. neurons: the images that "
      "drive a channel most, in one pass over any count of images; without --channel those channels that stand out most. clusters: which "
      "images a layer finds alike, by k-means of its answers, and a map of them. features: pictures that are made to drive a channel as "
      "far "
      "as it goes, by climbing its slope, beside the images of the data that drive it most and how many times their number is reached. "
      "concepts: "
      "whether folders of pictures (--concepts) are directions in a layer along which classes grow, beside random sets; without folders, "
      "which concepts the network itself sees in a class's images (CRAFT), how much they matter and where they are.",
      "Selectivity of a channel is (mean answer to its top images − mean answer to all) / deviation over all. Records, pictures, sheets "
      "and "
      "tables lie in inspect/ of the folder; report.html shows them together."};
}

std::vector<std::string> InspectCommand::examples() const {
  return {"convscope inspect weights runs/scratch",
          "convscope inspect activations runs/scratch --node relu4 --images 0,7",
          "convscope inspect neurons resnet20.th --model resnet20 --normalize imagenet --data cifar10 --limit 0 --out /tmp/x",
          "convscope inspect neurons runs/scratch --channel 17 --position 3,4",
          "convscope inspect clusters runs/scratch --clusters 40 --near 17,4",
          "convscope inspect features runs/scratch --node relu6 --channel 0-7",
          "convscope inspect features runs/scratch --objective 'relu6:12 - 0.5*relu6:40; relu4' --draws 4 --diversity 2",
          "convscope inspect features runs/scratch --parametrisation maco",
          "convscope inspect concepts runs/scratch --concepts photos/stripes,photos/dots",
          "convscope inspect concepts runs/scratch --target cat"};
}

std::vector<Mode> InspectCommand::modes() const {
  const std::vector<std::string> all = flags_among({{"out", "node"}, flags_of<NetworkOptions>(), flags_of<Replacing>()});
  std::vector<Mode> modes;
  for (const Kind& kind : kinds()) modes.push_back({kind.name, flags_among({all, kind.flags})});
  modes.push_back({"activations of files (--image)", flags_among({all, {"channel", "count", "image", "batch"}})});
  return modes;
}

size_t InspectCommand::mode(const Flags& flags) const {
  if (kind_.front() == "activations" && flags.given("image")) return kinds().size();
  return static_cast<size_t>(std::find_if(kinds().begin(), kinds().end(), [&](const Kind& k) { return k.name == kind_.front(); }) -
                             kinds().begin());
}

std::vector<std::string> InspectCommand::common_flags() const {
  const bool computes = kind_.empty() || kind_.front() != "weights";
  return computes ? Command::common_flags() : std::vector<std::string>();
}

ExitStatus InspectCommand::run(const Session& session) {
  const auto kind = std::find_if(kinds().begin(), kinds().end(), [&](const Kind& k) { return k.name == kind_.front(); });
  Setting setting = session.setting();
  setting.force = replacing_.force;
  const Network network = told(open_network(network_.front(), foreign_));
  const Path out = folder_of_results(place_.out, network);
  Looked found = kind->look({network, options_, pictures_, place_.limit, out, setting});
  if (!session.ranks->is_root()) return ExitStatus::done;
  write_report(out);
  if (session.common.json) {
    found.json["folder"] = found.folder.string();
    print_json(found.json);
  } else {
    print(found.text);
    print(fmt::format("pictures: {}\nreport: {}\n", found.folder.string(), (out / kReportFile).string()));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> InspectCommand::json_keys() const {
  std::vector<FieldHelp> keys{{"folder", "", "where the record and its pictures lie; files are named from there"}};
  for (const Kind& kind : kinds())
    for (FieldHelp field : kind.keys()) {
      field.text = fmt::format("{}: {}", kind.name, field.text);
      keys.push_back(std::move(field));
    }
  return keys;
}

}  // namespace convscope
