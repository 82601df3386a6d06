#include <algorithm>
#include <numeric>

#include "convscope/api/inspect/looks.h"
#include "convscope/api/provenance.h"
#include "convscope/base/join.h"
#include "convscope/base/split.h"
#include "convscope/data/picture_files.h"
#include "convscope/inspect/activations/layers.h"
#include "convscope/inspect/concepts/directions.h"
#include "convscope/report/draw/montage.h"
#include "convscope/results/spread.h"

namespace convscope {

namespace {

constexpr int64_t kColumns = 5, kTileSide = 96, kMostTiles = 10;
constexpr int64_t kMostPictures = 500;  // of a concept
constexpr int64_t kUsualCount = 50;     // images of each class
constexpr size_t kUsualClasses = 10;
constexpr double kLevel = 0.05;

/** A concept as people name it: NAME=FOLDER, or a folder that is called like it. */
struct Named {
  std::string name, folder;
  std::vector<std::string> files;
};

std::vector<Named> named_concepts(const std::string& said, const Setting& setting) {
  std::vector<Named> all;
  for (const std::string_view part : split(said, ',')) {
    const size_t equals = part.find('=');
    Named one;
    one.folder = std::string(equals == std::string_view::npos ? part : part.substr(equals + 1));
    require_use(!one.folder.empty(), "`concepts` '{}': folders of pictures were wanted, with commas between", said);
    const Path path(one.folder);
    one.name = equals == std::string_view::npos ? (path.has_filename() ? path : path.parent_path()).filename().string()
                                                : std::string(part.substr(0, equals));
    std::error_code none;
    require(std::filesystem::is_directory(path, none), "concept '{}': there is no folder {}", one.name, one.folder);
    one.files = picture_files(std::span(&one.folder, 1));
    require(one.files.size() >= 2, "concept '{}': {} has {} picture{}; at least 2 were wanted", one.name, one.folder, one.files.size(),
            one.files.size() == 1 ? "" : "s");
    if (std::ssize(one.files) > kMostPictures) {
      setting.tell(fmt::format("concept '{}': the first {} of {} pictures are taken", one.name, kMostPictures, one.files.size()));
      one.files.resize(static_cast<size_t>(kMostPictures));
    }
    require_use(std::none_of(all.begin(), all.end(), [&](const Named& other) { return other.name == one.name; }),
                "`concepts`: two are called '{}'; NAME=FOLDER gives one another name", one.name);
    all.push_back(std::move(one));
  }
  return all;
}

/** The classes that are asked for, or those that most pictures are of; and places of their pictures. */
void choose_classes(const Pictures& pictures, const Network& network, std::span<const int64_t> labels, const std::string& said,
                    int64_t count, const Setting& setting, DirectionQuestion& question) {
  const int64_t outputs = network.outputs();
  std::vector<std::vector<int64_t>> places(static_cast<size_t>(outputs));
  for (size_t n = 0; n < labels.size(); ++n) places[static_cast<size_t>(labels[n])].push_back(static_cast<int64_t>(n));
  const std::vector<std::string>& names = std::ssize(pictures.classes()) == outputs ? pictures.classes() : network.classes;
  if (!said.empty()) {
    for (const std::string_view one : split(said, ',')) {
      std::vector<std::string> known = names;
      for (int64_t y = std::ssize(known); y < outputs; ++y) known.push_back(std::to_string(y));
      question.classes.push_back(parse_class(one, known));
      require(!places[static_cast<size_t>(question.classes.back())].empty(), "concepts: none of the {} images of {} is of class '{}'",
              pictures.size(), pictures.name(), one);
    }
  } else {
    std::vector<int64_t> order(static_cast<size_t>(outputs));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int64_t a, int64_t b) { return places[static_cast<size_t>(a)].size() > places[static_cast<size_t>(b)].size(); });
    const auto with_images =
        static_cast<size_t>(std::count_if(places.begin(), places.end(), [](const std::vector<int64_t>& own) { return !own.empty(); }));
    order.resize(std::min(with_images, kUsualClasses));
    std::sort(order.begin(), order.end());
    question.classes = order;
    if (with_images > kUsualClasses)
      setting.tell(fmt::format("concepts: the {} of {} classes that have most images; `target` names others", kUsualClasses, with_images));
  }
  for (const int64_t y : question.classes) {
    std::vector<int64_t> own = places[static_cast<size_t>(y)];
    own.resize(std::min(own.size(), static_cast<size_t>(count)));
    question.of_class.push_back(std::move(own));
  }
}

Tensor at_places(const Pictures& pictures, std::span<const int64_t> places) { return pictures.at(places).pixels(); }

ConceptScore score_of(const DirectionScore& own, const DirectionScore& random, const std::string& name, int64_t images, int64_t tests) {
  ConceptScore score;
  score.name = name;
  score.images = images;
  const Spread scores = spread_of(own.scores), others = spread_of(random.scores);
  score.score = scores.mean;
  score.deviation = scores.deviation;
  score.random_score = others.mean;
  score.random_deviation = others.deviation;
  score.p = own.p;
  score.significant = score.p * static_cast<double>(tests) < kLevel;
  return score;
}

void write_concepts(const Path& folder, ConceptsRecord& record, const std::vector<std::vector<Image>>& tiles) {
  clear_place(folder, ConceptsRecord::kKind);
  std::string csv = "concept,class,images,score,deviation,random_score,random_deviation,p,significant\n";
  for (size_t k = 0; k < record.concepts.size(); ++k) {
    ConceptRecord& one = record.concepts[k];
    one.tiles = fmt::format("concept-{:03}.png", k);
    write_png(folder / one.tiles, montage(tiles[k], record.columns));
    for (const ConceptScore& score : one.classes)
      csv += fmt::format("{},{},{},{},{},{},{},{},{}\n", csv_cell(one.name), csv_cell(score.name), score.images, score.score,
                         score.deviation, score.random_score, score.random_deviation, score.p, score.significant);
  }
  write_file(folder / "concepts.csv", csv);
  write_record(folder, ConceptsRecord::kKind, fields_to_json(record));
}

}  // namespace

Inspected<ConceptsRecord> inspect_concepts(const Network& network, const Pictures& some, const InspectOptions& options, const Path& out,
                                           const Setting& setting) {
  const ConceptOptions& said = options.concepts;
  require_use(!said.concepts.empty(), "`concepts` is missing: folders of pictures, each a concept, with commas between");
  require_use(said.sets >= 2 && said.sets <= 1000, "`sets` {}: 2 to 1000 were wanted", said.sets);
  check_pictures(network, some, Classes::network);
  const Graph& graph = network.graph;
  DirectionQuestion question;
  question.node = options.node.empty() ? answer_of_convolution(graph, Which::last) : require_layer(graph, options.node);
  const Pictures pictures = some.distinct();
  const std::vector<int64_t> labels = known_labels(pictures, "concepts");
  choose_classes(pictures, network, labels, said.target, count_of(options, kUsualCount), setting, question);

  const Shape image = network.image();
  std::vector<std::vector<Image>> tiles;
  const std::vector<Named> named = named_concepts(said.concepts, setting);
  const Fit fit = network.fit(setting);
  for (const Named& one : named) {
    Tensor x({std::ssize(one.files), image[0], image[1], image[2]});
    tiles.emplace_back();
    for (int64_t n = 0; n < x.shape()[0]; ++n) {
      const Tensor picture = read_picture(one.files[static_cast<size_t>(n)], network, fit);
      std::copy_n(picture.data(), picture.size(), x.row(n).data());
      if (n < kMostTiles) tiles.back().push_back(shrunk(visible(x, n), kTileSide));
    }
    question.concepts.push_back({one.name, std::move(x)});
  }
  question.pictures = pictures.size();
  question.sets = said.sets;
  question.seed = setting.seed;
  question.read = [&](std::span<const int64_t> places) { return at_places(pictures, places); };
  question.progress = setting.progress;

  ConceptsRecord record;
  record.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  std::vector<std::string> names;
  for (const Named& one : named) names.push_back(one.name);
  const Path folder = out.empty() ? Path()
                                  : place_of_look(out, ConceptsRecord::kKind,
                                                  name_of_look(ConceptsRecord::kKind, question.node, options)
                                                      .with("", fmt::format("{}", join(names, "+")))
                                                      .with("target", said.target)
                                                      .with("sets", said.sets == ConceptOptions().sets ? "" : std::to_string(said.sets)),
                                                  record, setting);
  NetworkSubject subject = subject_of(network, setting, options.batch);
  const ConceptDirections found = concept_directions(subject, question);
  record.node = question.node;
  record.about = where_in_network(graph, question.node);
  record.images = pictures.size();
  record.sets = said.sets;
  record.drawn = found.drawn;
  record.columns = kColumns;
  const auto tests = std::ssize(named) * std::ssize(question.classes);
  const auto is_one_way = [](const DirectionScore& s) {
    return std::all_of(s.scores.begin(), s.scores.end(), [](double share) { return share == 0 || share == 1; });
  };
  if (std::all_of(found.random.begin(), found.random.end(), is_one_way))
    setting.tell(
        fmt::format("behind '{}' the network is linear: a direction is the same for all images of a class; an earlier `node` tells "
                    "them apart",
                    question.node));
  for (size_t k = 0; k < named.size(); ++k) {
    ConceptRecord one;
    one.name = named[k].name;
    one.folder = named[k].folder;
    one.pictures = std::ssize(named[k].files);
    one.separable = found.separable[k];
    for (size_t y = 0; y < question.classes.size(); ++y)
      one.classes.push_back(score_of(found.concepts[k][y], found.random[y], class_name(pictures.classes(), question.classes[y]),
                                     std::ssize(question.of_class[y]), tests));
    record.concepts.push_back(std::move(one));
  }
  if (folder.empty()) return {std::move(record), {}};
  write_concepts(folder, record, tiles);
  return {std::move(record), folder};
}

}  // namespace convscope
