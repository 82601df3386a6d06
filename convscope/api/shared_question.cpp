#include "convscope/api/shared_question.h"

#include "convscope/data/sample_names.h"

namespace convscope {

void require_alike_question(Ranks& ranks, const Provenance& origin, const Dataset& pictures) {
  if (ranks.is_alone()) return;
  require_alike_question(ranks, origin);
  const SharedFact same[] = {{"the digest of pixels", digest_of_pixels(pictures)}};
  require_alike(ranks, same);
}

void require_alike_question(Ranks& ranks, const Provenance& origin) {
  if (ranks.is_alone()) return;
  std::vector<SharedFact> same{{"the network", origin.network.name},
                               {"the digest of the network's file", origin.network.sha256},
                               {"the preprocessing", origin.network.preprocessing},
                               {"the data", origin.data.text()},
                               {"the count of images", std::to_string(origin.data.count)},
                               {"the list of images", origin.data.digest},
                               {"the seed", std::to_string(origin.seed)}};
  for (const auto& [name, value] : origin.options.items()) same.push_back({fmt::format("`{}`", name), value.dump()});
  require_alike(ranks, same);
}

}  // namespace convscope
