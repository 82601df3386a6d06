#include "convscope/data/views.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "convscope/base/nearest.h"
#include "convscope/data/move.h"

namespace convscope {

namespace {

class SeenIn : public Dataset {
 public:
  SeenIn(const View& view, std::shared_ptr<const Dataset> base) : view_(view), base_(std::move(base)) {}

  int64_t size() const override { return base_->size(); }
  Shape image_shape() const override { return base_->image_shape(); }
  const std::vector<std::string>& classes() const override { return base_->classes(); }
  int64_t label(int64_t index) const override { return base_->label(index); }
  int64_t number(int64_t index) const override { return base_->number(index); }
  Path file(int64_t index) const override { return base_->file(index); }
  void pixels(int64_t index, uint64_t epoch, std::span<float> out) const override {
    base_->pixels(index, epoch, out);
    if (view_.row != 0 || view_.column != 0) move_reflected(image_shape(), view_.row, view_.column, out);
    if (view_.mirrored) mirror(image_shape(), out);
  }

 private:
  View view_;
  std::shared_ptr<const Dataset> base_;
};

/** The views and their mirror images, which share their weights. */
std::vector<View> with_mirror_images(std::vector<View> views) {
  for (size_t i = 0, count = views.size(); i < count; ++i) {
    views[i].weight /= 2;
    views.push_back(views[i]);
    views.back().mirrored = true;
  }
  return views;
}

}  // namespace

std::vector<View> views_named(std::string_view name) {
  if (name == "one") return {{}};
  if (name == "mirror") return with_mirror_images({{}});
  if (name == "mirror-shift")
    return with_mirror_images({{.weight = 0.5}, {.weight = 0.25, .row = -1, .column = -1}, {.weight = 0.25, .row = 1, .column = 1}});
  const std::vector<std::string> known{"one", "mirror", "mirror-shift"};
  fail("no `views` '{}'{}", name, known_names(name, known));
}

std::shared_ptr<const Dataset> seen_in(const View& view, std::shared_ptr<const Dataset> data) {
  if (!view.mirrored && view.row == 0 && view.column == 0) return data;
  const Shape image = data->image_shape();
  require(image[1] > std::abs(view.row) && image[2] > std::abs(view.column), "pictures {} are too small to be moved by {} and {} pixels",
          image, view.row, view.column);
  return std::make_shared<SeenIn>(view, std::move(data));
}

}  // namespace convscope
