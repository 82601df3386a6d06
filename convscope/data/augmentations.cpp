#include <set>

#include "convscope/base/split.h"
#include "convscope/data/augmentation.h"
#include "convscope/data/augmentations/corrupt.h"
#include "convscope/data/augmentations/cutout.h"
#include "convscope/data/augmentations/flip.h"
#include "convscope/data/augmentations/pad_crop.h"

namespace convscope {

namespace {

/** And each corruption by its name. */
std::vector<Entry<Augmentation>> with_corruptions(std::vector<Entry<Augmentation>> rows) {
  for (const Entry<Corruption>& corruption : corruptions().rows()) rows.push_back(Corrupt::row(corruption));
  return rows;
}

}  // namespace

const Table<Augmentation>& augmentations() {
  static const Table<Augmentation> table{
      "augmentation", with_corruptions({
                          entry<PadCrop, Augmentation>("pad-crop", "a random crop of the picture with zeros around it"),
                          entry<Flip, Augmentation>("flip", "half of the pictures mirrored, at random"),
                          entry<Cutout, Augmentation>("cutout", "a square blackened at a random place, DeVries and Taylor 2017"),
                      })};
  return table;
}

Augmentations parse_augmentations(std::string_view text) {
  Augmentations all;
  if (text == "none") return all;
  std::set<std::string> names;
  for (const std::string_view part : split(text, '+')) {
    require(!part.empty(), "`augment` '{}': names of augmentations with + between them, or none, were wanted", text);
    const Choice choice = parse_choice(part);
    require(names.insert(choice.name).second, "`augment` '{}': {} stands there twice", text, choice.name);
    all.push_back(augmentations().make(choice));
  }
  return all;
}

}  // namespace convscope
