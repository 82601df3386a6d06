#pragma once

#include <string>

#include "convscope/study/study.h"

namespace convscope {

/** A training that is watched before its updates, as a film of the same test images. */
struct FilmedTraining {
  std::string name, about;
  Json options;
  WatchOptions watch;
  double published;  // frames of the study's film
};

/** A part of its own: trains in a folder of that name, where the film lies whole; the page shows it too. */
Part film_part(const FilmedTraining& film);

}  // namespace convscope
