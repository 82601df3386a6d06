#pragma once

/**
 * A network described in one small JSON file, which `model` takes like a name. docs/architectures.md is its manual.
 * Goals: a file that a person reads and changes; every option of a layer told by the layer alone; an unknown key is an error that names
 * the known ones. Non-goals: a programming language; weights.
 *
 *   {"summary": "two convolutions",
 *    "image": [3, 32, 32], "classes": 10,
 *    "options": {"width": 16},
 *    "blocks": {"basic": {"options": {"filters": 16, "stride": 1}, "layers": [ITEM, …]}},
 *    "layers": [ITEM, …],
 *    "outputs": {"logits": "fc"}}
 *
 * An item has one of these keys, and is what it says:
 *
 *   layer      a member of layers() with its options, beside `frozen`: parameters that are not trained
 *   again      a layer from before once more, with the same weights
 *   layers     items of its own, `repeat` times, numbered from `first` on
 *   block      one of `blocks` with its options, likewise repeated
 *   residual   items whose result is added to what came in, or to that of `shortcut`
 *
 * Each reads what the item before it gives, or what `of` names (`input` is what came into the block, `last` what the item before gave), and
 * is there where `if` is true. `name` is its path, as in PyTorch's state
 * dicts: what is in a named item is called NAME.…, in a repeated one NAME.0.…, and '#' in a name stands for the number.
 */

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "convscope/base/file.h"
#include "convscope/models/model.h"

namespace convscope {

struct Architecture {
  std::string summary = {};
  std::array<int64_t, 3> image = {3, 32, 32};
  int64_t classes = 10;
  Json options = json_object();
  Json blocks = json_object();
  Json layers = json_list();
  Json outputs = json_object();

  void fields(auto&& field) {
    field("summary", summary, "one line for people");
    field("image", image, "channels, rows and columns of the pictures it is meant for; others go in too where its layers allow it");
    field("classes", classes, "how many there are where nothing else says so; a layer's `=classes` is as many as are asked for");
    field("options", options, "names that formulas know, with their values, or {\"value\": …, \"text\": what it means}");
    field("blocks", blocks, "items that are used under a name, each {\"options\": …, \"numbered\": …, \"layers\": […]}");
    field("layers", layers, "the items in the order in which they are computed");
    field("outputs", outputs, "names of answers, each with the item that gives it; the first one, or the one that `output` says");
  }
  void check(std::string_view whose) const;
};

/** From the text of a file; `whose` opens the messages, which are one line. */
Architecture parse_architecture(std::string_view text, std::string_view whose);
Architecture read_architecture(const Path& path);

/** What its options are, `output` among them where it has several. */
std::vector<FieldHelp> options_of(const Architecture& a);
/** The same with other values of its options; an unknown one is an error. */
Architecture with_options(Architecture a, const Json& options, std::string_view whose);

/** Its graph for a batch of one. Bounds on nesting, counts and sizes hold whatever the file says. */
Graph build_architecture(const Architecture& a, const Shape& image, int64_t classes, const Normalization& normalization,
                         std::string_view whose);

/** The member of the family of models that such a file is. */
class ArchitectureModel : public Model {
 public:
  ArchitectureModel(Architecture a, std::string whose) : architecture_(std::move(a)), whose_(std::move(whose)) {}

  Graph build(const Shape& image, int64_t classes, const Normalization& normalization) const override {
    return build_architecture(architecture_, image, classes, normalization, whose_);
  }
  Task usual_task() const override { return {Shape(architecture_.image), architecture_.classes}; }
  const Architecture& architecture() const { return architecture_; }

 protected:
  Value logits(Builder&, Value, int64_t) const override { fail("{}: it has a graph of its own", whose_); }

 private:
  Architecture architecture_;
  std::string whose_;
};

/** Whether formulas know the name by themselves, or the file gives it another meaning: no option can be called so. */
bool has_a_meaning(std::string_view name);

/** Whether it is named like such a file, in letters of any size. */
bool is_architecture_file(const Path& path);

}  // namespace convscope
