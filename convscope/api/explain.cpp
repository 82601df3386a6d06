#include "convscope/api/explain.h"

#include <algorithm>

#include "convscope/api/map_check.h"
#include "convscope/api/provenance.h"
#include "convscope/api/shared_question.h"
#include "convscope/base/json_file.h"
#include "convscope/base/machine.h"
#include "convscope/base/sha256.h"
#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/base/timer.h"
#include "convscope/base/written_numbers.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/models/model.h"
#include "convscope/ranks/in_order.h"
#include "convscope/ranks/numbers_text.h"
#include "convscope/report/attribution/attribution_sheet.h"
#include "convscope/report/draw/colour_map.h"
#include "convscope/results/question.h"
#include "convscope/results/run_folder.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

Objective::Of parse_of(const std::string& of) {
  const std::vector<std::string> known{"logits", "softmax", "loss"};
  require(std::find(known.begin(), known.end(), of) != known.end(), "`of`: no '{}'{}", of, known_names(of, known));
  return of == "logits" ? Objective::Of::logits : of == "softmax" ? Objective::Of::softmax : Objective::Of::loss;
}

/** "conv1:3", "conv1:3:0:4" → the node and its number. */
void ask_of_node(const std::string& target, size_t colon, Subject& subject, Question& question) {
  question.objective.node = target.substr(0, colon);
  const Shape shape = subject.shape(question.objective.node);
  std::vector<int64_t> places;
  for (const std::string_view part : split(std::string_view(target).substr(colon + 1), ':')) {
    const auto place = value_of<int64_t>(part);
    require(place.has_value(), "`target` '{}': NODE:CHANNEL or NODE:CHANNEL:ROW:COLUMN was wanted", target);
    places.push_back(*place);
  }
  require(places.size() == 1 || (places.size() == 3 && shape.rank() == 3), "`target` '{}': node '{}' gives {}; NODE:CHANNEL{} was wanted",
          target, question.objective.node, shape, shape.rank() == 3 ? " or NODE:CHANNEL:ROW:COLUMN" : "");
  for (size_t axis = 0; axis < places.size(); ++axis)
    require(places[axis] >= 0 && places[axis] < shape[static_cast<int>(axis)], "`target` '{}': node '{}' gives {}, {} is outside", target,
            question.objective.node, shape, places[axis]);
  question.objective.positions = places.size() == 3;
  const int64_t number = places.size() == 3 ? (places[0] * shape[1] + places[1]) * shape[2] + places[2] : places[0];
  question.targets.assign(question.numbers.size(), number);
}

/** What people say as what the family takes; `predicted` is left open until there are logits. */
Question question_of(const std::string& target, const std::string& of, const Pictures& pictures, Subject& subject) {
  Question question;
  question.labels = pictures.labels();
  question.numbers = pictures.numbers();
  question.objective.of = parse_of(of);
  if (target == "predicted") return question;
  if (target == "true") {
    require(!question.labels.empty(), "`target` true: nobody knows the classes of these files");
    question.targets = question.labels;
  } else if (const size_t colon = target.find(':'); colon != std::string::npos) {
    ask_of_node(target, colon, subject, question);
  } else {
    question.targets.assign(question.numbers.size(), parse_class(target, pictures.classes()));
  }
  return question;
}

/** [H, W] */
std::vector<float> plane_of(const Tensor& maps, int64_t n, ShownChannels channels) {
  std::vector<float> plane(static_cast<size_t>(maps.shape()[2] * maps.shape()[3]));
  flatten_channels(maps.row(n), channels, plane);
  return plane;
}

/** What a person would see of a map [3, H, W]. */
Image in_colour(const Tensor& maps, int64_t n, double gain) {
  Tensor picture(maps.shape().with_batch(1));
  for (int64_t i = 0; i < picture.size(); ++i)
    picture[i] = static_cast<float>(std::clamp(gain * maps.row(n)[static_cast<size_t>(i)], 0.0, 1.0));
  return visible(picture, 0);
}

/** The method with what is said beside it. */
Choice asked_of(Choice method, const ExplainOptions& options) {
  method = with_numbers(std::move(method), attributions().at(method.name).options);
  // Occlusion of all outputs has no target; who asks for one, or for a loss, means the other measure.
  const bool occlusion = method.name == "occlusion" || method.name == "occlusion-plus-gradient";
  if (occlusion && !method.options.contains("measure") && (options.target != "predicted" || options.of == "loss"))
    method.options["measure"] = "target";
  if (!options.node.empty()) {
    const auto& known = attributions().at(method.name).options;
    require(std::any_of(known.begin(), known.end(), [](const FieldHelp& field) { return field.name == "node"; }),
            "`node` is for class activation maps; '{}' is of the pixels", method.name);
    require(!method.options.contains("node"), "{}: node is said twice", method.name);
    method.options["node"] = options.node;
  }
  if (options.tolerance.empty()) return method;
  require(method.name == "integrated-gradients", "`tolerance` is for integrated-gradients; '{}' promises no completeness", method.name);
  const auto share = share_of(options.tolerance);
  require(share && *share > 0, "`tolerance` '{}': a share such as 1% or 0.01 was wanted", options.tolerance);
  method.options["tolerance"] = *share;
  return method;
}

/** One that reads what was recorded in a training finds it where the network was trained. */
std::unique_ptr<Attribution> made(Choice method, const Path& run) {
  if (method.name == "training-path" && !method.options.contains("run")) method.options["run"] = run.string();
  return attributions().make(method);
}

AttributionMap map_of(const Question& question, const std::string& target, const Pictures& pictures, const Tensor& confidences,
                      const Maps& maps, size_t n) {
  const int64_t number = question.targets[n];
  AttributionMap map;
  map.image = question.numbers[n];
  if (!pictures.files().empty()) map.source = pictures.files()[n];
  map.target = target;
  map.index = number;
  map.name = target;
  if (question.objective.node.empty()) {
    map.name = class_name(pictures.classes(), number);
    map.confidence = confidences.row(static_cast<int64_t>(n))[static_cast<size_t>(number)];
  }
  if (!question.labels.empty()) map.label = class_name(pictures.classes(), question.labels[n]);
  if (!maps.completeness.empty()) {
    map.completeness_gap = maps.completeness[n].gap;
    map.difference = maps.completeness[n].difference;
    map.steps = maps.completeness[n].steps;
    map.absorbed = maps.completeness[n].absorbed.value_or(kUnknown);
  }
  if (!maps.notes.empty()) map.note = maps.notes[n];
  if (!maps.surrogates.empty()) {
    const Surrogate& fit = maps.surrogates[n];
    map.superpixels = fit.superpixels;
    map.samples = fit.samples;
    map.r2 = fit.r2;
    map.stability = fit.stability;
  }
  return map;
}

/** What people asked for, where the method answers it. */
std::string target_text(Answers answers, const std::string& target) {
  return answers == Answers::nothing || answers == Answers::activations ? "none" : answers == Answers::all_outputs ? "all" : target;
}

/** What all maps of a method have in common; the method's name and the maps are still missing. */
AttributionRecord record_of(const Attribution& method, const Maps& maps, const ExplainOptions& options, const Question& question) {
  const Answers answers = method.answers();
  const int64_t channels = maps.values.shape()[1];
  AttributionRecord record;
  record.of = answers == Answers::true_loss     ? "loss"
              : answers == Answers::nothing     ? "nothing"
              : answers == Answers::activations ? "activations"
              : question.objective.node.empty() ? options.of
                                                : question.objective.node;
  record.explains = said_of(answers, record.of) + (maps.over.empty() ? "" : ", " + maps.over);
  record.sign = method.has_sign();
  record.gain = channels == 3 ? method.picture_gain() : 0;
  record.legend = record.gain > 0 ? fmt::format("times {:.4g}: bright where it grows with the colour; black where it falls", record.gain)
                                  : method.legend();
  if (channels > 1) record.channels = record.gain > 0 ? "colours" : name_of(method.shown_channels());
  record.colour_scale = options.colour_scale;
  return record;
}

/** What maps took, of all images together. */
struct Taken {
  Passes passes;
  double seconds = 0;
};

/** What the method came to. */
struct Found {
  Tensor logits;  // [N, Y]
  Maps maps;
  Taken taken;
};

std::string as_text(const Found& found) {
  const Maps& maps = found.maps;
  const std::span<const int64_t> extents = maps.values.shape().extents();
  const std::string parts[] = {text_of(extents),
                               text_of(std::span<const float>(maps.values.span())),
                               text_of(std::span<const Completeness>(maps.completeness)),
                               maps.over,
                               packed(maps.notes),
                               text_of(std::span<const Surrogate>(maps.surrogates)),
                               text_of(std::span<const float>(found.logits.span())),
                               text_of(std::span<const Taken>(&found.taken, 1))};
  return packed(parts);
}

/** Of the method for some pictures; `images` are asked about by all ranks together. */
Found found_for(const Attribution& method, NetworkSubject& subject, const Pictures& pictures, int64_t images, Question question) {
  Found found;
  const Tensor x = pictures.pixels();
  found.logits = subject.logits(x);
  if (question.targets.empty())
    for (int64_t n = 0; n < pictures.size(); ++n) question.targets.push_back(argmax(found.logits.row(n)));
  const Passes before = subject.passes();
  const Timer timer;
  subject.share_passes_of(images);
  found.maps = method.explain(subject, x, question);
  subject.share_passes_of(0);
  const Passes after = subject.passes();
  found.taken = {{after.forward - before.forward, after.backward - before.backward}, timer.seconds()};
  return found;
}

/** Puts what somebody has found for the images at `rows` where it belongs among all of them. */
void put(std::string_view text, std::span<const int64_t> rows, int64_t images, Found& all) {
  const std::vector<std::string> parts = unpacked(text);
  const auto shape = values_in<int64_t>(parts[0]);
  const auto values = values_in<float>(parts[1]);
  const auto completeness = values_in<Completeness>(parts[2]);
  const std::vector<std::string> notes = unpacked(parts[4]);
  const auto surrogates = values_in<Surrogate>(parts[5]);
  const auto logits = values_in<float>(parts[6]);
  const Taken taken = values_in<Taken>(parts[7]).front();
  const int64_t inner = std::ssize(values) / shape[0], classes = std::ssize(logits) / shape[0];
  Maps& maps = all.maps;
  if (maps.values.size() == 0) {
    all.logits = Tensor({images, classes});
    maps.values = Tensor({images, shape[1], shape[2], shape[3]});
    maps.completeness.resize(completeness.empty() ? 0 : static_cast<size_t>(images));
    maps.notes.resize(notes.empty() ? 0 : static_cast<size_t>(images));
    maps.surrogates.resize(surrogates.empty() ? 0 : static_cast<size_t>(images));
    maps.over = parts[3];
  }
  all.taken.passes.forward += taken.passes.forward;
  all.taken.passes.backward += taken.passes.backward;
  all.taken.seconds += taken.seconds;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto from = static_cast<int64_t>(i);
    const auto to = static_cast<size_t>(rows[i]);
    std::copy_n(values.begin() + from * inner, inner, maps.values.row(rows[i]).begin());
    std::copy_n(logits.begin() + from * classes, classes, all.logits.row(rows[i]).begin());
    if (!completeness.empty()) maps.completeness[to] = completeness[i];
    if (!notes.empty()) maps.notes[to] = notes[i];
    if (!surrogates.empty()) maps.surrogates[to] = surrogates[i];
  }
}

/**
 * Who has which images: on request pieces that fill a program by themselves, where there are two of them and more for each rank; of fewer
 * images every so manieth is a rank's, for those of one fill programs together.
 */
std::vector<std::vector<int64_t>> pieces_for(int64_t ranks, int64_t batch, int64_t images) {
  const bool many = images >= 2 * ranks * batch;
  std::vector<std::vector<int64_t>> pieces(static_cast<size_t>(many ? (images + batch - 1) / batch : std::min(ranks, images)));
  for (int64_t n = 0; n < images; ++n) pieces[static_cast<size_t>(many ? n / batch : n % ranks)].push_back(n);
  return pieces;
}

/** The root's maps and targets, on every rank. */
void hear_what_is_checked(Ranks& ranks, Tensor& maps, std::vector<int64_t>& targets) {
  std::string told;
  if (ranks.is_root()) {
    const std::string parts[] = {text_of(maps.shape().extents()), text_of(std::span<const float>(maps.span())),
                                 text_of(std::span<const int64_t>(targets))};
    told = packed(parts);
  }
  const std::vector<std::string> parts = unpacked(ranks.from_root(told));
  if (ranks.is_root()) return;
  const auto extents = values_in<int64_t>(parts[0]);
  maps = Tensor(Shape(extents), values_in<float>(parts[1]));
  targets = values_in<int64_t>(parts[2]);
}

/** An image's share of it; the memory is that of all. */
MapCost cost_of(const Taken& taken, int64_t images, double memory) {
  const auto each = [&](double all) { return all / static_cast<double>(std::max<int64_t>(1, images)); };
  return {each(static_cast<double>(taken.passes.forward)), each(static_cast<double>(taken.passes.backward)), each(taken.seconds), memory};
}

/** What the colours of each map stand for. */
void set_limits(AttributionRecord& record, std::span<const std::vector<float>> planes) {
  const double full = record.gain > 0 ? 1 / record.gain : 0;
  float largest = 0;
  for (const std::vector<float>& plane : planes) largest = std::max(largest, max_abs(plane));
  for (size_t n = 0; n < planes.size(); ++n) {
    AttributionMap& map = record.maps[n];
    const float own = max_abs(planes[n]), limit = record.colour_scale == "shared" ? largest : own;
    map.low = record.sign && full == 0 ? -limit : 0;
    map.high = full > 0 ? full : limit;
    map.zero = own == 0;
  }
}

void write_maps(const Path& place, AttributionRecord& record, const Tensor& maps, std::span<const std::vector<float>> planes,
                const Tensor& x) {
  remove_answer(place, kAttributionFile);
  make_folder(place);
  const Shape& s = maps.shape();
  const ColourMap colours = record.sign ? ColourMap::diverging : ColourMap::inferno;
  std::vector<ExplainedPicture> drawn;
  for (size_t n = 0; n < planes.size(); ++n) {
    AttributionMap& map = record.maps[n];
    const int64_t at = static_cast<int64_t>(n);
    const std::string stem = fmt::format("{:05}", map.image);
    map.input = stem + "-image.png";
    map.png = stem + ".png";
    map.npy = stem + ".npy";
    drawn.push_back({visible(x, at),
                     record.gain > 0 ? in_colour(maps, at, record.gain) : coloured(planes[n], s[2], s[3], {colours, map.low, map.high})});
    write_png(place / map.input, drawn.back().input);
    write_png(place / map.png, drawn.back().map);
    write_npy(place / map.npy, Tensor({s[1], s[2], s[3]}, maps.row(at)));
  }
  record.array = "maps.npy";
  write_npy(place / record.array, maps);
  write_json(place / kAttributionFile, fields_to_json(record));
  write_figure(place, "sheet", attribution_sheet(record, drawn));
}

}  // namespace

void check_question(const Choice& method, const ExplainOptions& options) {
  const auto asked = attributions().make(asked_of(method, options));
  (void)parse_of(options.of);
  const std::vector<std::string> scales{"own", "shared"};
  require(options.colour_scale == "own" || options.colour_scale == "shared", "`colour_scale`: no '{}'{}", options.colour_scale,
          known_names(options.colour_scale, scales));
  require_answerable(*asked, method.name, options.target, options.of);
  require_checkable(method, options);
}

Path attribution_folder(const Path& folder, const AttributionRecord& record) {
  const auto said = [&](const char* option, const char* usual) {
    const std::string value = record.options.value(option, usual);
    return value == usual ? std::string() : value;
  };
  const QuestionName name = QuestionName(record.method)
                                .with("target", said("target", "predicted"))
                                .with("of", said("of", "logits"))
                                .with("scale", said("colour_scale", "own"))
                                .of(record);
  return question_folder(folder / kAttributions, name, kAttributionFile, record);
}

Explanation explain(const Network& network, const Choice& said, const Pictures& pictures, const ExplainOptions& options, const Path& folder,
                    const Setting& setting) {
  check_question(said, options);
  const Choice choice = asked_of(said, options);
  const auto method = made(choice, network.run);
  check_pictures(network, pictures);
  const auto boxes = boxes_of(options.boxes, pictures.numbers(), pictures.image());
  AttributionRecord asked;
  asked.came_from(provenance_of(network, pictures, fields_to_json(options), setting));
  asked.method = origin(choice);
  if (!options.boxes.empty()) asked.boxes_sha256 = digest_of_file<Sha256>(options.boxes);
  Ranks& ranks = *setting.ranks;
  require_alike_question(ranks, asked, *pictures.dataset());
  const Path place = folder.empty() || !ranks.is_root() ? Path() : attribution_folder(folder, asked);
  if (!place.empty()) require_no_loss(place / kAttributionFile, asked, setting.force);
  require(place.empty() || options.boxes.empty() ||
              std::filesystem::weakly_canonical(options.boxes).parent_path() != std::filesystem::weakly_canonical(place),
          "`boxes` {} lies in the folder of the answer, where all is replaced: put it elsewhere", options.boxes);
  NetworkSubject subject = subject_of(network, setting, options.batch);
  // Programs that an earlier question left, and other ranks, would make it little by chance.
  const bool memory_is_known = ranks.is_alone() && !subject.has_programs();
  const int64_t memory_before = resident_bytes();
  reset_peak_resident();
  const Answers answers = method->answers();
  const std::string target = answers == Answers::true_loss ? "true" : options.target;
  const auto asked_about = [&](const Pictures& some) {
    Question question = question_of(target, options.of, some, subject);
    question.seed = setting.seed;
    if (ranks.is_root()) question.progress = setting.progress;
    return question;
  };
  Question question = asked_about(pictures);
  const int64_t images = pictures.size();
  Found found;
  if (ranks.is_alone()) {
    found = found_for(*method, subject, pictures, images, question);
  } else {
    const auto pieces = pieces_for(ranks.size(), subject.batch(), images);
    const auto rows = [&](int64_t piece) -> std::span<const int64_t> { return pieces[static_cast<size_t>(piece)]; };
    const auto look = [&](int64_t piece) {
      const Pictures own = pictures.at(rows(piece));
      return as_text(found_for(*method, subject, own, images, asked_about(own)));
    };
    in_order(ranks, std::ssize(pieces), look, [&](int64_t piece, std::string_view text) { put(text, rows(piece), images, found); });
  }
  const double memory = memory_is_known ? static_cast<double>(std::max<int64_t>(0, peak_resident_bytes() - memory_before)) : kUnknown;
  if (ranks.is_root() && question.targets.empty())
    for (int64_t n = 0; n < images; ++n) question.targets.push_back(argmax(found.logits.row(n)));
  if (options.check && !ranks.is_alone()) hear_what_is_checked(ranks, found.maps.values, question.targets);
  const Tensor x = options.check || !place.empty() ? pictures.pixels() : Tensor();
  const Maps& maps = found.maps;
  const auto checked = [&] { return check_maps_of(network, *method, subject, x, question, maps.values, options, boxes, setting); };
  if (!ranks.is_root()) {
    if (options.check) (void)checked();
    return {record_of_root(ranks, AttributionRecord()), {}};
  }

  AttributionRecord record = record_of(*method, maps, options, question);
  record.came_from(asked);
  record.method = asked.method;
  record.boxes_sha256 = asked.boxes_sha256;
  const Tensor confidences = softmax(found.logits);
  std::vector<std::vector<float>> planes;
  for (size_t n = 0; n < question.targets.size(); ++n) {
    record.maps.push_back(map_of(question, target_text(answers, target), pictures, confidences, maps, n));
    planes.push_back(plane_of(maps.values, static_cast<int64_t>(n), method->shown_channels()));
  }
  set_limits(record, planes);
  if (options.check) {
    record.cost = cost_of(found.taken, images, memory);
    record.quality = checked();
  }
  if (!place.empty()) write_maps(place, record, maps.values, planes, x);
  record = record_of_root(ranks, record);
  return {std::move(record), std::move(found.maps.values)};
}

}  // namespace convscope
