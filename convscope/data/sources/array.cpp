#include "convscope/data/sources/array.h"

#include <algorithm>
#include <utility>

#include "convscope/base/join.h"
#include "convscope/base/json_file.h"
#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

class ArrayPictures : public Dataset {
 public:
  ArrayPictures(Tensor x, PictureArray told, std::string text) : x_(std::move(x)), told_(std::move(told)), text_(std::move(text)) {}

  int64_t size() const override { return x_.shape()[0]; }
  Shape image_shape() const override { return {x_.shape()[1], x_.shape()[2], x_.shape()[3]}; }
  const std::vector<std::string>& classes() const override { return told_.classes; }
  int64_t label(int64_t index) const override { return told_.labels[static_cast<size_t>(index)]; }
  int64_t number(int64_t index) const override { return told_.numbers[static_cast<size_t>(index)]; }
  void pixels(int64_t index, uint64_t, std::span<float> out) const override { std::copy_n(x_.row(index).begin(), out.size(), out.begin()); }

  const std::string& text() const { return text_; }

 private:
  Tensor x_;
  PictureArray told_;
  std::string text_;
};

}  // namespace

void PictureArray::check(std::string_view whose) const {
  require(pictures.find('/') == std::string::npos && !pictures.empty(), "{}: pictures '{}'; the name of a file beside it was wanted", whose,
          pictures);
  (void)parse_split(split);
  require(labels.size() == numbers.size(), "{}: {} labels and {} numbers", whose, labels.size(), numbers.size());
  for (const int64_t label : labels)
    require(label >= 0 && label < std::ssize(classes), "{}: a picture of class {}; there are {} classes", whose, label, classes.size());
  for (const int64_t number : numbers) require(number >= 0, "{}: a picture of number {}", whose, number);
}

std::string ArraySource::how_to_get(const Path&) const { return "`attack` leaves it: runs/x/attacks/pgd-linf-8_255"; }

std::shared_ptr<const Dataset> ArraySource::load(Split split, const Path&) const {
  require(!options_.path.empty(), "array: its path is missing: array,path=runs/x/attacks/pgd-linf-8_255");
  const Path folder = options_.path, file = folder / kPictureArrayFile;
  PictureArray told = record_from_json<PictureArray>(read_json(file), file.string());
  require(parse_split(told.split) == split, "{}: its pictures are of the split {}; `split` {} was asked for", file.string(), told.split,
          split_name(split));
  const Path array = folder / told.pictures;
  Tensor x = read_npy(array);
  require(x.shape().rank() == 4 && x.shape()[0] == std::ssize(told.labels), "{}: an array {}; {} pictures [N, C, H, W] were wanted",
          array.string(), x.shape(), told.labels.size());
  require(all_finite(x.span()), "{}: a number that is not finite", array.string());
  const auto [low, high] = std::ranges::minmax(x.span());
  const std::string beyond = low < 0 || high > 1 ? fmt::format(", of numbers from {:.4g} to {:.4g}", low, high) : "";
  std::string text = fmt::format("{}: {} pictures as floats{}: {}", array.string(), x.shape()[0], beyond, told.origin);
  return std::make_shared<ArrayPictures>(std::move(x), std::move(told), std::move(text));
}

std::optional<Path> array_folder(const Path& folder) {
  std::error_code ignored;
  if (std::filesystem::exists(folder / kPictureArrayFile, ignored)) return folder;
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "attacks", ignored))
    if (std::filesystem::exists(entry.path() / kPictureArrayFile, ignored)) all.push_back(entry.path().string());
  if (all.empty()) return std::nullopt;
  std::sort(all.begin(), all.end());
  require(all.size() == 1, "{}: pictures of {} attacks lie there; say which: {}", folder.string(), all.size(), join(all, ", "));
  return all.front();
}

std::string array_text(const Dataset& data) {
  const auto* pictures = dynamic_cast<const ArrayPictures*>(&data);
  return pictures ? pictures->text() : "";
}

}  // namespace convscope
