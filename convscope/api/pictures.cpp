#include "convscope/api/pictures.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>

#include "convscope/api/class_index.h"
#include "convscope/api/picture_choice.h"
#include "convscope/base/nearest.h"
#include "convscope/base/split.h"
#include "convscope/base/text.h"
#include "convscope/data/batches.h"
#include "convscope/data/sample_names.h"
#include "convscope/data/sources/array.h"
#include "convscope/data/subset.h"
#include "convscope/tensor/gif.h"
#include "convscope/tensor/npy.h"
#include "convscope/tensor/orientation.h"
#include "convscope/train/evaluator.h"

namespace convscope {

namespace {

constexpr int64_t kNobodyKnows = -1;  // a label

/** Numbers of [N, C, H, W] that lie in [0, 1] but for rounding, as resizing leaves them, are brought into it; others are an error. */
void require_pixels(Tensor& x, const std::string& whose) {
  constexpr float kRounding = 1e-5f;
  const int64_t image = x.shape()[0] > 0 ? x.size() / x.shape()[0] : 1;
  for (int64_t i = 0; i < x.size(); ++i) {
    const float v = x[i];
    require(
        v >= -kRounding && v <= 1 + kRounding,
        "{}: picture {} holds {}, and pixels lie in [0, 1]: divide by 255 where they count up to 255, and leave the normalisation to the "
        "network's `normalize`",
        whose, i / image, v);
    x[i] = std::clamp(v, 0.0f, 1.0f);
  }
}

/** Pictures in memory as a data set. */
class LoosePictures : public Dataset {
 public:
  LoosePictures(Tensor x, std::vector<int64_t> labels, std::vector<std::string> classes)
      : x_(std::move(x)), labels_(std::move(labels)), classes_(std::move(classes)) {
    require(x_.shape().rank() == 4, "pictures {}: [N, C, H, W] was wanted", x_.shape());
    require(labels_.empty() || std::ssize(labels_) == size(), "{} labels for {} pictures", labels_.size(), size());
    require_pixels(x_, "pictures");
  }

  int64_t size() const override { return x_.shape()[0]; }
  Shape image_shape() const override { return {x_.shape()[1], x_.shape()[2], x_.shape()[3]}; }
  const std::vector<std::string>& classes() const override { return classes_; }
  int64_t label(int64_t index) const override { return labels_.empty() ? kNobodyKnows : labels_[static_cast<size_t>(index)]; }
  int64_t number(int64_t index) const override { return index; }
  void pixels(int64_t index, uint64_t, std::span<float> out) const override { std::copy_n(x_.row(index).begin(), out.size(), out.begin()); }

 private:
  Tensor x_;
  std::vector<int64_t> labels_;
  std::vector<std::string> classes_;
};

std::vector<int64_t> counted_up(int64_t count) {
  std::vector<int64_t> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

bool is_array(const std::string& file) { return Path(file).extension() == ".npy"; }

/** An array of pictures as the network takes them, [N, C, H, W] or one [C, H, W], of numbers in [0, 1]. */
Tensor read_array(const std::string& file, const Shape& image) {
  Tensor x = read_npy(file);
  if (x.shape().rank() == 3) x = x.reshaped({1, x.shape()[0], x.shape()[1], x.shape()[2]});
  const Shape& s = x.shape();
  require(s.rank() == 4 && s[1] == image[0] && s[2] == image[1] && s[3] == image[2],
          "{}: an array {}; pictures [N, {}, {}, {}], or one of them, were wanted", file, s, image[0], image[1], image[2]);
  require_pixels(x, file);
  return x;
}

/** Pictures in the files, the arrays' one by one. */
struct ReadPictures {
  std::vector<Tensor> parts;  // [n, C, H, W]
  std::vector<std::string> names;
};

void read_into(ReadPictures& all, const std::string& file, const Network& network, Fit fit) {
  if (!is_array(file)) {
    all.parts.push_back(read_picture(file, network, fit));
    all.names.push_back(file);
    return;
  }
  all.parts.push_back(read_array(file, network.image()));
  for (int64_t n = 0; n < all.parts.back().shape()[0]; ++n) all.names.push_back(fmt::format("{}[{}]", file, n));
}

/** Files with commas between; a name with a comma in it is one file where it is there. */
std::vector<std::string> files_named(const std::string& text) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(text, ignored)) return {text};
  std::vector<std::string> files;
  for (const std::string_view part : split(text, ','))
    if (!part.empty()) files.emplace_back(part);
  return files;
}

Pictures read_files(const PictureOptions& options, const Network& network, const Setting& setting) {
  require(options.images.empty(), "`image` and `images`: one of them, files or numbers in the data set");
  const Shape image = network.image();
  const Fit fit = network.fit(setting);
  ReadPictures read;
  for (const std::string& file : files_named(options.image)) {
    read_into(read, file, network, fit);
    tell_of_more_pictures(file, setting);
  }
  Tensor x({std::ssize(read.names), image[0], image[1], image[2]});
  float* to = x.data();
  for (const Tensor& part : read.parts) to = std::copy_n(part.data(), part.size(), to);
  DataOrigin said;
  said.name = "files";
  said.images = options.image;
  return Pictures(std::move(x), {}, network.classes, "files").from_files(std::move(read.names)).said_as(std::move(said));
}

/** What was asked for, or what the network was trained on; an error where neither is known. */
std::string data_of(const PictureOptions& options, const Network& network) {
  const std::string data = options.data.empty() ? network.trained_on : options.data;
  if (data.empty())
    throw WrongUse("`data` is missing, and the network does not say what it was trained on; `convscope list data` shows what is known");
  return data;
}

/** Whether both are the same folder, however they are said. */
bool same_folder(const Path& a, const Path& b) {
  std::error_code ignored;
  return std::filesystem::equivalent(a, b, ignored);
}

/** The folder that the network was trained on is read as it was then, so that what was held out stays apart. */
void take_options_of_training(Choice& choice, const Path& folder, const Network& network, const Setting& setting) {
  if (network.training && same_folder(network.training->folder, folder)) {
    const Json before = parse_choice(network.training->data).options;
    for (const auto& [key, value] : before.items())
      if (!choice.options.contains(key)) choice.options[key] = value;
  }
  if (!choice.options.contains("resize")) choice.options["resize"] = network.fit(setting) == Fit::crop ? "crop" : "squash";
}

/** As it was said, or the folder of the training wherever the program is called. */
Choice choice_of(const std::string& text, const Network& network, const Setting& setting) {
  if (text != network.trained_on || !network.training || network.training->folder.empty()) return data_choice(text, setting.data_roots);
  Choice choice = parse_choice(network.training->data);
  choice.options["path"] = network.training->folder;
  return choice;
}

/** Whether these can be the network's classes: as many, and of the same names where both have some. */
bool has_classes_of(const Network& network, const Dataset& data) {
  const std::vector<std::string>& names = data.classes();
  const bool known = !only_numbered(network.classes) && !only_numbered(names);
  return std::ssize(names) == network.outputs() && (!known || names == network.classes);
}

/** Of a folder of pictures its path, absolute and without links. */
std::string folder_of_data(const std::string& text, const Network& network, const Setting& setting) {
  const std::optional<Path> folder = image_folder_of(choice_of(text, network, setting));
  return folder ? std::filesystem::canonical(*folder).string() : "";
}

}  // namespace

Pictures::Pictures(std::shared_ptr<const Dataset> data, std::vector<int64_t> numbers, std::string name)
    : data_(std::move(data)), places_(numbers), numbers_(std::move(numbers)), classes_(data_->classes()) {
  said_.name = std::move(name);
  for (const int64_t place : places_)
    require(place >= 0 && place < data_->size(), "{}: no picture {}; there are 0 to {}", this->name(), place, data_->size() - 1);
}

Pictures::Pictures(std::shared_ptr<const Dataset> data, std::string name) : Pictures(data, usual_order(*data), std::move(name)) {}

Pictures::Pictures(Tensor x, std::vector<int64_t> labels, std::vector<std::string> classes, std::string name)
    : Pictures(std::make_shared<LoosePictures>(std::move(x), std::move(labels), std::move(classes)), {}, std::move(name)) {
  places_ = numbers_ = counted_up(data_->size());
}

std::vector<int64_t> Pictures::samples() const {
  std::vector<int64_t> samples;
  for (const int64_t place : places_) samples.push_back(data_->number(place));
  return samples;
}

std::vector<int64_t> Pictures::labels() const {
  std::vector<int64_t> labels;
  for (const int64_t place : places_) labels.push_back(data_->label(place));
  const bool known = std::find(labels.begin(), labels.end(), kNobodyKnows) == labels.end();
  return known ? labels : std::vector<int64_t>();
}

void Pictures::fill(int64_t first, std::span<float> x) const {
  const size_t count = x.size() / static_cast<size_t>(image().size());
  read_batch(*data_, std::span(places_).subspan(static_cast<size_t>(first), count), 0, x, {}, {});
}

Tensor Pictures::pixels() const {
  const Shape s = image();
  Tensor x({size(), s[0], s[1], s[2]});
  fill(0, x.span());
  return x;
}

Image Pictures::visible(int64_t n) const {
  const Shape s = image();
  Tensor x({1, s[0], s[1], s[2]});
  data_->pixels(places_[static_cast<size_t>(n)], 0, x.span());
  return convscope::visible(x, 0);
}

std::shared_ptr<const Dataset> Pictures::dataset() const {
  bool all = size() == data_->size();
  for (size_t n = 0; all && n < places_.size(); ++n) all = places_[n] == static_cast<int64_t>(n);
  if (all) return data_;
  return std::make_shared<Subset>(data_, places_);
}

Pictures Pictures::at(std::span<const int64_t> places) const {
  Pictures some = *this;
  some.places_.clear();
  some.numbers_.clear();
  some.files_.clear();
  for (const int64_t place : places) {
    const auto n = static_cast<size_t>(place);
    some.places_.push_back(places_[n]);
    some.numbers_.push_back(numbers_[n]);
    if (!files_.empty()) some.files_.push_back(files_[n]);
  }
  return some;
}

Pictures Pictures::first(int64_t count) const { return at(counted_up(std::min(count, size()))); }

Pictures Pictures::distinct() const {
  std::map<int64_t, int64_t> place_of_number;
  for (int64_t n = size() - 1; n >= 0; --n) place_of_number[numbers_[static_cast<size_t>(n)]] = n;
  std::vector<int64_t> places;
  for (const auto& [number, place] : place_of_number) places.push_back(place);
  return at(places);
}

int64_t Pictures::place_of(int64_t number) const { return std::lower_bound(numbers_.begin(), numbers_.end(), number) - numbers_.begin(); }

Pictures Pictures::numbered(std::vector<int64_t> numbers) const {
  Pictures same = *this;
  same.numbers_ = std::move(numbers);
  return same;
}

Pictures Pictures::named_by(const Network& network) const {
  Pictures same = *this;
  // A network from elsewhere may know its classes by number alone.
  if (!only_numbered(network.classes)) same.classes_ = network.classes;
  return same;
}

Pictures Pictures::said_as(DataOrigin said) const {
  Pictures same = *this;
  same.said_ = std::move(said);
  return same;
}

DataOrigin Pictures::where() const {
  DataOrigin all = said_;
  all.count = size();
  all.digest = digest_of_names(files_.empty() ? sample_names(Subset(data_, places_)) : files_);
  return all;
}

Pictures Pictures::from_files(std::vector<std::string> files) const {
  Pictures same = *this;
  same.files_ = std::move(files);
  return same;
}

Pictures choose_pictures(const PictureOptions& options, const Network& network, const Setting& setting, int64_t usual, Classes classes) {
  require_use(usual >= 0, "`limit` {}: a count of images was wanted; 0: all", usual);
  if (!options.image.empty()) return read_files(options, network, setting);
  const std::string text = data_of(options, network);
  const auto data = open_data(text, parse_split(options.split), network, setting, classes);
  const PictureChoice chosen =
      options.images.empty() ? PictureChoice{usual_order(*data), true} : choose_numbers(options.images, data, network, setting);
  const DataOrigin said{.name = text,
                        .folder = data->size() > 0 && !data->file(0).empty() ? folder_of_data(text, network, setting) : "",
                        .split = options.split,
                        .limit = chosen.all_that_suit ? usual : 0,
                        .images = options.images};
  const Pictures own = Pictures(data, chosen.numbers, text).said_as(said);
  const Pictures all = has_classes_of(network, *data) ? own.named_by(network) : own;
  if (usual == 0 || !chosen.all_that_suit || all.size() <= usual) return all;
  if (!options.images.empty())
    setting.tell(fmt::format("`images` {}: {} of {}, and the first {} of them are taken; {}+random:{} draws some", options.images,
                             all.size(), data->size(), usual, options.images, usual));
  return all.first(usual);
}

int64_t seen_in_training(const Network& network, const Dataset& data) {
  if (!network.training || data.size() == 0 || data.file(0).empty()) return 0;
  const std::set<Path> seen = training_files(*network.training, data.file(0).parent_path().parent_path());
  int64_t count = 0;
  for (int64_t i = 0; i < data.size(); ++i) count += static_cast<int64_t>(seen.contains(data.file(i)));
  return count;
}

std::shared_ptr<const Dataset> open_data(const std::string& text, Split split, const Network& network, const Setting& setting,
                                         Classes classes) {
  Choice choice = choice_of(text, network, setting);
  const std::optional<Path> folder = image_folder_of(choice);
  if (folder) take_options_of_training(choice, *folder, network, setting);
  auto data = open_dataset(choice, split, setting.data_roots, network.image());
  if (const Decoding* decoding = decoding_of(*data)) setting.tell(decoding_text(folder ? folder->string() : choice.name, *decoding));
  if (const std::string read = array_text(*data); !read.empty()) setting.tell(read);
  if (folder) data = with_classes_of(std::move(data), {network.classes, network.class_ids}, *folder);
  if (classes == Classes::any && !has_classes_of(network, *data)) {
    setting.tell(fmt::format("{}: its {} classes are not the network's {}; pictures keep the names of their own", text,
                             data->classes().size(), network.outputs()));
    return data;
  }
  check_fits(network.graph, *data);
  check_classes(network.classes, data->classes());
  const int64_t seen = split == Split::test ? seen_in_training(network, *data) : 0;
  if (seen > 0)
    setting.tell(fmt::format("TRAINED ON: {} OF THESE {} TEST PICTURES ARE PICTURES THAT THE NETWORK LEARNT FROM", seen, data->size()));
  return data;
}

void check_pictures(const Network& network, const Pictures& pictures, Classes of) {
  const Shape wanted = network.image(), came = pictures.image();
  require(wanted == came, "the network takes pictures of {}, those of {} are of {}", wanted, pictures.name(), came);
  const int64_t outputs = network.outputs(), named = std::ssize(pictures.classes());
  require(named == 0 || named == outputs || of == Classes::any, "the network tells {} classes apart, the pictures of {} have {}", outputs,
          pictures.name(), named);
  const int64_t classes = named == 0 ? outputs : named;
  for (const int64_t label : pictures.labels())
    require(label >= 0 && label < classes, "a picture of {} is of class {}: {} classes 0 to {}", pictures.name(), label,
            classes == outputs ? "the network has" : "they have", classes - 1);
}

bool is_shrunk_much(const Decoding& d) {
  constexpr double kMuch = 2;
  return d.shrunk >= kMuch;
}

std::string decoding_text(std::string_view name, const Decoding& d) {
  std::string text = fmt::format("{}: {} pictures read in {:.1f} s, {:.0f} a second", name, d.images, d.seconds,
                                 static_cast<double>(d.images) / d.seconds);
  if (d.scaled > 0)
    text += fmt::format("; decode=scaled: {} of them decoded smaller, {:.2f} levels of 255 from exact ones on average", d.scaled, d.strays);
  if (!d.left_out.empty()) text += "; " + d.left_out;
  if (is_shrunk_much(d))
    text += fmt::format("; shrunk to {}×{}, 1/{:.1f} of their sides on average, and what is finer is lost", d.picture[1], d.picture[2],
                        d.shrunk);
  return text;
}

Tensor read_picture(const std::string& file, const Network& network, Fit fit) {
  const Shape wanted = network.image();
  const std::string bytes = network.orients() ? read_file(file) : "";
  Image image = bytes.empty() ? read_image(file) : oriented(parse_image(bytes, file), orientation_of(bytes));
  if (image.channels != wanted[0]) {
    require(wanted[0] == 1 || wanted[0] == 3, "{}: the network takes pictures of {} channels; a file has 1 or 3", file, wanted[0]);
    image = with_channels(std::move(image), wanted[0]);
  }
  return to_tensor(fitted(std::move(image), wanted[1], wanted[2], fit));
}

void tell_of_more_pictures(const std::string& file, const Setting& setting) {
  constexpr size_t kHead = 6;
  std::ifstream in(file, std::ios::binary);
  std::string head(kHead, ' ');
  if (!in.read(head.data(), kHead) || !is_gif(head)) return;
  if (has_more_pictures(read_file(file))) setting.tell(fmt::format("{}: it has several pictures; the first one alone is used", file));
}

Image visible(const Tensor& x, int64_t n) {
  const Shape& s = x.shape();
  const int64_t channels = s[1] == 3 ? 3 : 1;
  return to_image(Tensor({channels, s[2], s[3]}, x.row(n).first(static_cast<size_t>(channels * s[2] * s[3]))));
}

int64_t parse_class(std::string_view text, std::span<const std::string> classes) {
  const auto found = std::find(classes.begin(), classes.end(), text);
  if (found != classes.end()) return found - classes.begin();
  const auto number = value_of<int64_t>(text);
  require(number.has_value(), "no class '{}'{}", text, known_names(text, classes));
  require(*number >= 0 && *number < std::ssize(classes), "class {}: the network has classes 0 to {}", *number, classes.size() - 1);
  return *number;
}

std::string class_name(std::span<const std::string> classes, int64_t y) {
  return y >= 0 && y < std::ssize(classes) ? classes[static_cast<size_t>(y)] : std::to_string(y);
}

}  // namespace convscope
