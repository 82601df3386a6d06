#include "convscope/cli/commands/inspect.h"

#include <algorithm>
#include <numeric>

#include "convscope/base/json_file.h"
#include "convscope/cli/output.h"
#include "convscope/data/locate.h"
#include "convscope/report/page.h"
#include "convscope/results/activations_record.h"
#include "convscope/results/clusters_record.h"
#include "convscope/results/inspection.h"
#include "convscope/results/neurons_record.h"
#include "convscope/results/weights_record.h"

namespace convscope {

namespace {

/** A member of the kinds, and which flags mean something to it. */
struct Kind {
  std::string name;
  Inspected (*look)(const Inspection&);
  std::vector<FieldHelp> (*keys)();
  std::vector<std::string> flags;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all{
      {"weights", inspect_weights, help<WeightsRecord>, {"channel", "count"}},
      {"activations", inspect_activations, help<ActivationsRecord>, {"channel", "count", "data", "split", "images", "image", "batch"}},
      {"neurons", inspect_neurons, help<NeuronsRecord>, {"channel", "position", "count", "limit", "data", "split", "images", "batch"}},
      {"clusters",
       inspect_clusters,
       help<ClustersRecord>,
       {"clusters", "restarts", "iterations", "standardise", "limit", "data", "split", "images", "batch"}},
  };
  return all;
}

/** A flag that some kinds know and this one does not. */
void require_meant(const Kind& kind, const Flags& flags) {
  std::vector<std::string> others;
  for (const Kind& other : kinds())
    for (const std::string& flag : other.flags)
      if (flags.given(flag) && std::find(kind.flags.begin(), kind.flags.end(), flag) == kind.flags.end()) {
        if (!others.empty() && others.front() != flag) continue;
        if (others.empty()) others.push_back(flag);
        others.push_back(other.name);
      }
  if (!others.empty())
    throw UsageError(
        fmt::format("inspect {}: --{} is for {}", kind.name, others.front(), fmt::join(others.begin() + 1, others.end(), ", ")));
}

}  // namespace

NetworkSubject subject_of(const Inspection& look) {
  require(look.options.batch >= 0, "--batch {}: at least 1 image goes through at once; 0: as suits", look.options.batch);
  return {look.network.graph,
          look.network.weights(),
          {.batch = look.options.batch > 0 ? look.options.batch : usual_batch(look.network.image()),
           .precision = precision_of(look.common.precision)}};
}

LookedAt images_of(const Inspection& look) {
  const std::string name = data_of(look.pictures, look.network);
  LookedAt images{open_data(name, parse_split(look.pictures.split), look.network, data_roots(look.common.data_root)),
                  {},
                  fmt::format("{}, {}", name, look.pictures.split)};
  require(look.options.limit >= 0, "--limit {}: a count of images was wanted; 0: all", look.options.limit);
  if (look.pictures.images.empty()) {
    const int64_t all = images.data->size();
    images.indices.resize(static_cast<size_t>(look.options.limit > 0 ? std::min(look.options.limit, all) : all));
    std::iota(images.indices.begin(), images.indices.end(), 0);
  } else {
    images.indices = parse_numbers(look.pictures.images, images.data->size(), "--images");
    std::sort(images.indices.begin(), images.indices.end());
    images.indices.erase(std::unique(images.indices.begin(), images.indices.end()), images.indices.end());
  }
  require(!images.indices.empty(), "{}: no images in it", name);
  return images;
}

Image visible(const Tensor& x, int64_t n) { return to_image(shown_channels(x, n)); }

Image visible(const Dataset& data, int64_t index) {
  const Shape s = data.image_shape();
  Tensor x({1, s[0], s[1], s[2]});
  data.pixels(index, 0, x.span());
  return visible(x, 0);
}

int64_t count_of(const InspectOptions& options, int64_t usual) {
  require(options.count >= 0, "--count {}: at least 1 was wanted; 0: {}", options.count, usual);
  return options.count > 0 ? options.count : usual;
}

void write_record(const Path& folder, std::string_view kind, const Json& json) {
  make_folder(folder);
  write_json(inspection_file(folder, kind), json);
}

Json inspect_run(const std::string& kind, const Path& run, const CommonOptions& common) {
  const auto found = std::find_if(kinds().begin(), kinds().end(), [&](const Kind& k) { return k.name == kind; });
  require(found != kinds().end(), "nothing inside is called '{}'", kind);
  const Network network = open_network(run.string());
  return found->look({network, InspectOptions{}, PictureOptions{}, common, run}).json;
}

void InspectCommand::declare(Flags& flags) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) names.push_back(kind.name);
  flags.choice("KIND", kind_, "what to look at: " + fmt::format("{}", fmt::join(names, ", ")), names);
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.value("images", pictures_.images,
              "numbers of images in the data set: 0,1,7 or 0-15; without it the first one (activations) or the first --limit");
  flags.fields(pictures_);
  flags.fields(options_);
  flags.fields(foreign_);
}

std::vector<std::string> InspectCommand::about() const {
  return {
      "weights: filters as pictures, the first layer's in colour. activations: an image's map of every channel. neurons: the images that "
      "drive a channel most, in one pass over any count of images; without --channel those channels that stand out most. clusters: which "
      "images a layer finds alike, by k-means of its answers, and a map of them.",
      "Selectivity of a channel is (mean answer to its top images − mean answer to all) / deviation over all. Records, pictures, sheets "
      "and "
      "tables lie in inspect/ of the folder; report.html shows them together."};
}

std::vector<std::string> InspectCommand::examples() const {
  return {"convscope inspect weights runs/scratch", "convscope inspect activations runs/scratch --node relu4 --images 0,7",
          "convscope inspect neurons resnet20.th --model resnet20 --normalize imagenet --data cifar10 --limit 0 --out /tmp/x",
          "convscope inspect neurons runs/scratch --channel 17 --position 3,4", "convscope inspect clusters runs/scratch --clusters 40"};
}

ExitStatus InspectCommand::run(const Session& session) {
  const auto kind = std::find_if(kinds().begin(), kinds().end(), [&](const Kind& k) { return k.name == kind_.front(); });
  require_meant(*kind, session.flags);
  const Network network = open_network(network_.front(), foreign_);
  const Inspection look{network, options_, pictures_, session.common, folder_of_results(options_.out, network_.front())};
  Inspected found = kind->look(look);
  write_report(look.out);
  if (session.common.json) {
    found.json["folder"] = found.folder.string();
    print_json(found.json);
  } else {
    print(found.text);
    print(fmt::format("pictures: {}\nreport: {}\n", found.folder.string(), (look.out / kReportFile).string()));
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
