#include "convscope/report/aliasing/right_and_wrong.h"

#include <vector>

#include "convscope/report/aliasing/aliasing_category.h"
#include "convscope/report/draw/box_plot.h"

namespace convscope {

namespace {

std::optional<BoxOfValues> box_of_share(std::span<const AliasingShares> images, const AliasingCategory& c) {
  if (images.empty()) return {};
  std::vector<double> values;
  for (const AliasingShares& s : images) values.push_back(s.*c.share);
  return box_of(std::move(values));
}

/** No pass first. */
std::vector<BoxPair> pairs_of(std::span<const AliasingShares> right, std::span<const AliasingShares> wrong) {
  std::vector<BoxPair> pairs;
  for (const size_t k : kNoPassFirst) {
    const AliasingCategory& c = kAliasingCategories[k];
    pairs.push_back({c.name, c.colour, box_of_share(right, c), box_of_share(wrong, c)});
  }
  return pairs;
}

}  // namespace

Figure right_and_wrong(std::span<const AliasingShares> right, std::span<const AliasingShares> wrong, std::string_view title,
                       std::string_view subtitle) {
  const BoxGroups groups{"✓", "x",
                         fmt::format("✓ {} images named right, paler · x {} named wrong · logit axis", right.size(), wrong.size())};
  return box_pairs(pairs_of(right, wrong), groups,
                   {fmt::format("Right and wrong images: {}", title), std::string(title), {std::string(subtitle)}});
}

std::string right_and_wrong_csv(std::span<const AliasingShares> right, std::span<const AliasingShares> wrong) {
  std::string csv = "category,group,images,low,quartile_1,median,quartile_3,high,outliers\n";
  const auto line = [&](const std::string& category, const char* group, size_t images, const std::optional<BoxOfValues>& b) {
    if (b)
      csv += fmt::format("{},{},{},{:.6f},{:.6f},{:.6f},{:.6f},{:.6f},{}\n", category, group, images, b->low, b->quartile_1, b->median,
                         b->quartile_3, b->high, b->outliers.size());
  };
  for (const BoxPair& pair : pairs_of(right, wrong)) {
    line(pair.name, "correct", right.size(), pair.first);
    line(pair.name, "incorrect", wrong.size(), pair.second);
  }
  return csv;
}

}  // namespace convscope
