#include "convscope/study/explain_into.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "convscope/base/json_file.h"
#include "convscope/base/split.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/models/model.h"
#include "convscope/report/attribution_sheet.h"
#include "convscope/report/colour_map.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
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
    for (const std::string_view part : split(std::string_view(target).substr(colon + 1), ':')) {
      const auto place = whole_number(part);
      require(place.has_value(), "--target '{}': NODE:CHANNEL or NODE:CHANNEL:ROW:COLUMN was wanted", target);
      places.push_back(*place);
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

}  // namespace

Path attribution_folder(const Path& folder, const AttributionRecord& record) {
  return folder / kAttributions / folder_name_of(record.method);
}

AttributionRecord explain_into(const Path& folder, Subject& subject, const Pictures& pictures, const ExplainOptions& options) {
  Choice made = options.method;
  if (made.name == "training-path" && !made.options.contains("run")) made.options["run"] = options.run;
  const auto method = attributions().make(made);
  const std::vector<std::string> scales{"own", "shared"};
  require(options.colour_scale == "own" || options.colour_scale == "shared", "--colour-scale: no '{}'{}", options.colour_scale,
          known_names(options.colour_scale, scales));
  const bool loss = method->of_true_loss();
  require(!loss || options.target == "predicted" || options.target == "true",
          "{}: it is of the true class's loss, so it has no target '{}'; gradient and its kin have", options.method.name, options.target);
  const std::string target = loss ? "true" : options.target;
  Question question = question_of(target, options.of, pictures, subject);
  question.seed = options.seed;
  const Maps maps = method->explain(subject, pictures.x, question);
  const Tensor confidences = softmax(subject.logits(pictures.x));

  AttributionRecord record{.method = origin(options.method),
                           .network = options.network,
                           .data = pictures.data,
                           .of = loss                              ? "loss"
                                 : question.objective.node.empty() ? options.of
                                                                   : question.objective.node,
                           .sign = method->has_sign(),
                           .colour_scale = options.colour_scale,
                           .maps = {}};
  std::vector<std::vector<float>> planes;
  float largest = 0;
  for (int64_t n = 0; n < pictures.x.shape()[0]; ++n) {
    planes.push_back(plane_of(maps.values, n));
    largest = std::max(largest, max_abs(planes.back()));
  }
  const Path place = attribution_folder(folder, record);
  make_folder(place);
  std::vector<ExplainedPicture> drawn;
  for (size_t n = 0; n < planes.size(); ++n) {
    const int64_t at = static_cast<int64_t>(n), number = question.targets[n];
    const float own = max_abs(planes[n]), limit = options.colour_scale == "shared" ? largest : own;
    AttributionMap map;
    map.image = pictures.numbers[n];
    if (!pictures.sources.empty()) map.source = pictures.sources[n];
    map.target = target;
    map.index = number;
    map.name = target;
    if (question.objective.node.empty()) {
      map.name = class_name(pictures.classes, number);
      map.confidence = confidences.row(at)[static_cast<size_t>(number)];
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
    write_png(place / map.input, drawn.back().input);
    write_png(place / map.png, drawn.back().map);
    const Shape& s = maps.values.shape();
    write_npy(place / map.npy, Tensor({s[1], s[2], s[3]}, maps.values.row(at)));
    record.maps.push_back(std::move(map));
  }
  write_json(place / kAttributionFile, fields_to_json(record));
  write_figure(place, "sheet", attribution_sheet(record, drawn));
  return record;
}

}  // namespace convscope
