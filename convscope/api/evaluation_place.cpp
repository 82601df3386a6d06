#include "convscope/api/evaluation_place.h"

#include <optional>

#include "convscope/results/question.h"

namespace convscope {

namespace {

/** "resnet20 on cifar10, test"; with where they lie, where the other one's have the same names. */
std::string said_beside(const Provenance& one, const Provenance& other) {
  std::string network = one.network.name, data = one.data.text();
  if (network == other.network.name && one.network.file != other.network.file)
    network += one.network.file.empty() ? " without a file" : fmt::format(" ({})", one.network.file);
  if (data == other.data.text() && one.data.folder != other.data.folder) data += fmt::format(" ({})", one.data.folder);
  return fmt::format("{} on {}", network, data);
}

}  // namespace

void require_evaluation_place(const Path& file, const Provenance& now, const Setting& setting) {
  if (setting.force) return;
  const std::optional<Provenance> before = origin_in(file);
  const bool told = before && !before->network.name.empty() && !before->data.name.empty();
  require(!told || same_origin(*before, now),
          "{}: it is of {}, and would be replaced by one of {}; `force` replaces it, another `out` keeps both", file.string(),
          before ? said_beside(*before, now) : "", before ? said_beside(now, *before) : "");
  require(!told || precision_of(*before) == precision_of(now),
          "{}: it was computed in {}, and would be replaced by one in {}; `force` replaces it, another `out` keeps both", file.string(),
          before ? precision_of(*before) : "", precision_of(now));
  require_no_loss(file, now, false);
}

}  // namespace convscope
