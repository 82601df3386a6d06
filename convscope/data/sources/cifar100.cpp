#include "convscope/data/sources/cifar100.h"

namespace convscope {

namespace {

std::vector<std::string> groups() {
  return {"aquatic_mammals",
          "fish",
          "flowers",
          "food_containers",
          "fruit_and_vegetables",
          "household_electrical_devices",
          "household_furniture",
          "insects",
          "large_carnivores",
          "large_man-made_outdoor_things",
          "large_natural_outdoor_scenes",
          "large_omnivores_and_herbivores",
          "medium_mammals",
          "non-insect_invertebrates",
          "people",
          "reptiles",
          "small_mammals",
          "trees",
          "vehicles_1",
          "vehicles_2"};
}

std::vector<std::string> fine_classes() {
  return {"apple",       "aquarium_fish", "baby",         "bear",       "beaver",       "bed",        "bee",         "beetle",   "bicycle",
          "bottle",      "bowl",          "boy",          "bridge",     "bus",          "butterfly",  "camel",       "can",      "castle",
          "caterpillar", "cattle",        "chair",        "chimpanzee", "clock",        "cloud",      "cockroach",   "couch",    "crab",
          "crocodile",   "cup",           "dinosaur",     "dolphin",    "elephant",     "flatfish",   "forest",      "fox",      "girl",
          "hamster",     "house",         "kangaroo",     "keyboard",   "lamp",         "lawn_mower", "leopard",     "lion",     "lizard",
          "lobster",     "man",           "maple_tree",   "motorcycle", "mountain",     "mouse",      "mushroom",    "oak_tree", "orange",
          "orchid",      "otter",         "palm_tree",    "pear",       "pickup_truck", "pine_tree",  "plain",       "plate",    "poppy",
          "porcupine",   "possum",        "rabbit",       "raccoon",    "ray",          "road",       "rocket",      "rose",     "sea",
          "seal",        "shark",         "shrew",        "skunk",      "skyscraper",   "snail",      "snake",       "spider",   "squirrel",
          "streetcar",   "sunflower",     "sweet_pepper", "table",      "tank",         "telephone",  "television",  "tiger",    "tractor",
          "train",       "trout",         "tulip",        "turtle",     "wardrobe",     "whale",      "willow_tree", "wolf",     "woman",
          "worm"};
}

}  // namespace

std::vector<DataFile> Cifar100::files(Split split) const {
  if (split == Split::test) return {{"test.bin", bytes_of(10000, 2), ""}};
  return {{"train.bin", bytes_of(50000, 2), ""}};
}

std::vector<int64_t> Cifar100::per_class(Split split) const {
  const size_t classes = options_.coarse ? 20 : 100;
  return std::vector<int64_t>(classes, (split == Split::train ? 50000 : 10000) / static_cast<int64_t>(classes));
}

CifarFiles::Format Cifar100::format() const {
  return {
      .labels = 2,
      .label = options_.coarse ? 0 : 1,
      .archive = "cifar-100-binary.tar.gz",
      .md5 = "03b5dce01913d631647c71ecec9e9cb8",
      .archive_folder = "cifar-100-binary",
      .names_file = options_.coarse ? "coarse_label_names.txt" : "fine_label_names.txt",
      .classes = options_.coarse ? groups() : fine_classes(),
  };
}

}  // namespace convscope
