#include "convscope/cli/commands/explain.h"

#include <algorithm>
#include <cmath>

#include "convscope/cli/output.h"
#include "convscope/data/locate.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/models/model.h"
#include "convscope/report/attribution_sheet.h"
#include "convscope/report/colour_map.h"
#include "convscope/report/page.h"
#include "convscope/subject/network_subject.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

/** "1%" or "0.01". */
std::string share_of(std::string text) {
  const bool hundredths = text.ends_with('%');
  if (hundredths) text.pop_back();
  const auto share = value_of<double>(text);
  require(share && *share > 0, "--tolerance '{}': a share such as 1% or 0.01 was wanted", text);
  return fmt::format("{}", hundredths ? *share / 100 : *share);
}

Objective::Of parse_of(const std::string& of) {
  const std::vector<std::string> known{"logits", "softmax", "loss"};
  require(std::find(known.begin(), known.end(), of) != known.end(), "--of: no '{}'{}", of, known_names(of, known));
  return of == "logits" ? Objective::Of::logits : of == "softmax" ? Objective::Of::softmax : Objective::Of::loss;
}

/** `--target` as what the family takes. */
Question question_of(const std::string& target, const std::string& of, const Pictures& pictures, Subject& subject) {
  Question question;
  question.labels = pictures.labels;
  question.numbers = pictures.numbers;
  question.objective.of = parse_of(of);
  const size_t count = pictures.numbers.size();
  if (target == "predicted") {
    question.targets = predicted(subject, pictures.x);
  } else if (target == "true") {
    require(!pictures.labels.empty(), "--target true: nobody knows the classes of these files");
    question.targets = pictures.labels;
  } else if (const size_t colon = target.find(':'); colon != std::string::npos) {
    question.objective.node = target.substr(0, colon);
    const Shape shape = subject.shape(question.objective.node);
    std::vector<int64_t> places;
    for (size_t begin = colon + 1; begin <= target.size();) {
      const size_t end = std::min(target.find(':', begin), target.size());
      const auto place = value_of<int64_t>(std::string_view(target).substr(begin, end - begin));
      require(place.has_value(), "--target '{}': NODE:CHANNEL or NODE:CHANNEL:ROW:COLUMN was wanted", target);
      places.push_back(*place);
      begin = end + 1;
    }
    require(places.size() == 1 || (places.size() == 3 && shape.rank() == 3), "--target '{}': node '{}' gives {}; NODE:CHANNEL{} was wanted",
            target, question.objective.node, shape, shape.rank() == 3 ? " or NODE:CHANNEL:ROW:COLUMN" : "");
    for (size_t axis = 0; axis < places.size(); ++axis)
      require(places[axis] >= 0 && places[axis] < shape[static_cast<int>(axis)], "--target '{}': node '{}' gives {}, {} is outside", target,
              question.objective.node, shape, places[axis]);
    question.objective.positions = places.size() == 3;
    const int64_t number = places.size() == 3 ? (places[0] * shape[1] + places[1]) * shape[2] + places[2] : places[0];
    question.targets.assign(count, number);
  } else {
    question.targets.assign(count, parse_class(target, pictures.classes));
  }
  return question;
}

/** [H, W]: channels added up. */
std::vector<float> plane_of(const Tensor& maps, int64_t n) {
  const int64_t channels = maps.shape()[1], size = maps.shape()[2] * maps.shape()[3];
  std::vector<float> plane(static_cast<size_t>(size));
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t i = 0; i < size; ++i) plane[static_cast<size_t>(i)] += maps.row(n)[static_cast<size_t>(c * size + i)];
  return plane;
}

/** Image n as people can see it: networks may take other counts of channels than 1 or 3. */
Tensor shown_channels(const Tensor& x, int64_t n) {
  const Shape& s = x.shape();
  const int64_t channels = s[1] == 3 ? 3 : 1;
  return {{channels, s[2], s[3]}, x.row(n).first(static_cast<size_t>(channels * s[2] * s[3]))};
}

std::string shown(const AttributionRecord& record) {
  TextTable table({"image", "target", "confidence", "scale", "gap"}, {2});
  for (const AttributionMap& map : record.maps) {
    const std::string gap =
        std::isnan(map.completeness_gap) ? "" : fmt::format("{:.2g} of {:.3g} ({} steps)", map.completeness_gap, map.difference, map.steps);
    table.row({map.source.empty() ? fmt::format("{} {}", map.image, map.label) : map.source,
               std::isnan(map.confidence) ? map.target : map.name, std::isnan(map.confidence) ? "" : percent(map.confidence),
               scale_text(map, record.sign), gap});
  }
  return table.text();
}

}  // namespace

void ExplainCommand::declare(Flags& flags) {
  flags.argument("METHOD", method_, "a member of `convscope list attribution`, with its options: occlusion,window=6");
  flags.argument("NET", network_, std::string(kNetworkArgument));
  flags.fields(pictures_);
  flags.fields(options_);
  flags.fields(foreign_);
}

std::vector<std::string> ExplainCommand::about() const {
  return {
      "Draws which pixels a number of the network depends on. Maps with a sign are blue below zero and red above; others go from black to "
      "yellow. Under each picture stands what its colours mean; a map that is zero everywhere is said to be so.",
      "Beside the pictures lie the maps as .npy, a sheet, and report.html."};
}

std::vector<std::string> ExplainCommand::examples() const {
  return {"convscope explain gradient-x-input runs/fashion --images 0-7",
          "convscope explain integrated-gradients,steps=20 runs/fashion --tolerance 1%",
          "convscope explain occlusion resnet20.th --model resnet20 --normalize imagenet --data cifar10 --images 3,8 --out /tmp/x"};
}

ExitStatus ExplainCommand::run(const Session& session) {
  Choice choice = parse_choice(method_.front());
  if (!options_.tolerance.empty()) {
    require(choice.name == "integrated-gradients", "--tolerance is for integrated-gradients; '{}' promises no completeness", choice.name);
    choice.options["tolerance"] = share_of(options_.tolerance);
  }
  const auto method = attributions().make(choice);
  const std::vector<std::string> scales{"own", "shared"};
  require(options_.colour_scale == "own" || options_.colour_scale == "shared", "--colour-scale: no '{}'{}", options_.colour_scale,
          known_names(options_.colour_scale, scales));
  const Network network = open_network(network_.front(), foreign_);
  const Path out = folder_of_results(options_.out, network_.front());
  const Pictures pictures = choose_pictures(pictures_, network, data_roots(session.common.data_root));
  NetworkSubject subject(
      network.graph, network.weights(),
      {.batch = options_.batch > 0 ? options_.batch : usual_batch(network.image()), .precision = precision_of(session.common.precision)});
  Question question = question_of(options_.target, options_.of, pictures, subject);
  question.seed = static_cast<uint64_t>(session.common.seed);
  const Maps maps = method->explain(subject, pictures.x, question);
  const Tensor confidences = softmax(subject.logits(pictures.x));

  AttributionRecord record{.method = origin(choice),
                           .network = network.name,
                           .data = pictures.data,
                           .of = question.objective.node.empty() ? options_.of : question.objective.node,
                           .sign = method->has_sign(),
                           .colour_scale = options_.colour_scale,
                           .maps = {}};
  std::vector<std::vector<float>> planes;
  float largest = 0;
  for (int64_t n = 0; n < pictures.x.shape()[0]; ++n) {
    planes.push_back(plane_of(maps.values, n));
    largest = std::max(largest, max_abs(planes.back()));
  }
  const Path folder = out / kAttributions / folder_name_of(record.method);
  make_folder(folder);
  std::vector<ExplainedPicture> drawn;
  for (size_t n = 0; n < planes.size(); ++n) {
    const int64_t at = static_cast<int64_t>(n), target = question.targets[n];
    const float own = max_abs(planes[n]), limit = options_.colour_scale == "shared" ? largest : own;
    AttributionMap map;
    map.image = pictures.numbers[n];
    if (!pictures.sources.empty()) map.source = pictures.sources[n];
    map.target = options_.target;
    map.index = target;
    if (question.objective.node.empty()) {
      map.name = class_name(pictures.classes, target);
      map.confidence = confidences.row(at)[static_cast<size_t>(target)];
    } else {
      map.name = options_.target;
    }
    if (!pictures.labels.empty()) map.label = class_name(pictures.classes, pictures.labels[n]);
    map.low = record.sign ? -limit : 0;
    map.high = limit;
    map.zero = own == 0;
    if (!maps.completeness.empty()) {
      map.completeness_gap = maps.completeness[n].gap;
      map.difference = maps.completeness[n].difference;
      map.steps = maps.completeness[n].steps;
    }
    const std::string stem = fmt::format("{:05}", map.image);
    map.input = stem + "-image.png";
    map.png = stem + ".png";
    map.npy = stem + ".npy";
    const ColourMap colours = record.sign ? ColourMap::diverging : ColourMap::inferno;
    drawn.push_back({to_image(shown_channels(pictures.x, at)),
                     coloured(planes[n], pictures.x.shape()[2], pictures.x.shape()[3], {colours, map.low, map.high})});
    write_png(folder / map.input, drawn.back().input);
    write_png(folder / map.png, drawn.back().map);
    const Shape& s = maps.values.shape();
    write_npy(folder / map.npy, Tensor({s[1], s[2], s[3]}, maps.values.row(at)));
    record.maps.push_back(std::move(map));
  }
  const Json json = attribution_to_json(record);
  write_file(folder / kAttributionFile, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  write_figure(folder, "sheet", attribution_sheet(record, drawn));
  write_report(out);

  if (session.common.json) {
    Json with_paths = json;
    for (Json& map : with_paths["maps"])
      for (const char* file : {"input", "png", "npy"}) map[file] = (folder / map[file].get<std::string>()).string();
    print_json(with_paths);
  } else {
    print(shown(record));
    print(fmt::format("maps and sheet: {}\nreport: {}\n", folder.string(), (out / kReportFile).string()));
  }
  return ExitStatus::done;
}

std::vector<FieldHelp> ExplainCommand::json_keys() const {
  std::vector<FieldHelp> keys = help<AttributionRecord>();
  keys.push_back({"maps", "", "one for each image:"});
  for (FieldHelp field : help<AttributionMap>()) {
    field.name = "maps[]." + field.name;
    keys.push_back(field);
  }
  return keys;
}

}  // namespace convscope
