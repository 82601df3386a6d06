#include "convscope/api/map_check.h"

#include <map>

#include "convscope/api/redrawn_network.h"
#include "convscope/api/table_cells.h"
#include "convscope/base/text.h"
#include "convscope/inspect/attribution/quality/check_maps.h"
#include "convscope/ranks/in_order.h"
#include "convscope/ranks/numbers_text.h"

namespace convscope {

namespace {

// A network that was trained here began with the weights of its seed; controls must not be those.
constexpr uint64_t kRandomSeed = 0x6d61702063686563, kRedrawnSeed = 0x6d6170206361736b;

}  // namespace

void require_checkable(const Choice& method, const ExplainOptions& options) {
  require(options.check || options.boxes.empty(), "`boxes` is for `check`");
  if (!options.check) return;
  require(method.name != "training-path",
          "`check`: training-path reads what was recorded; it has no maps of other pictures and networks to be held against");
  require(options.target.find(':') == std::string::npos,
          "`check`: quality is measured by the probability of a class, and `target` '{}' is a node's number", options.target);
  require(options.check_steps >= 0 && options.check_steps <= 100'000, "`check_steps` {}: 0 to 100000 were wanted", options.check_steps);
  require(options.check_draws >= 1 && options.check_draws <= 10'000, "`check_draws` {}: 1 to 10000 were wanted", options.check_draws);
}

std::vector<std::vector<PixelBox>> boxes_of(const std::string& file, std::span<const int64_t> images, const Shape& image) {
  if (file.empty()) return {};
  const std::string text = read_table(file);
  const std::vector<std::string_view> lines = lines_of(text);
  constexpr std::string_view kHeading[] = {"image", "left", "top", "right", "bottom"};
  require(cells_of(lines.front()) == Cells(std::begin(kHeading), std::end(kHeading)), "`boxes` {}: its heading is '{}'; {} was wanted",
          file, lines.front(), "image,left,top,right,bottom");
  std::map<int64_t, std::vector<PixelBox>> all;
  for (size_t i = 1; i < lines.size(); ++i) {
    if (is_blank(lines[i])) continue;
    const Cells cells = cells_of(lines[i]);
    std::vector<int64_t> numbers;
    for (const std::string_view cell : cells)
      if (const auto number = value_of<int64_t>(cell)) numbers.push_back(*number);
    require(cells.size() == std::size(kHeading) && numbers.size() == cells.size(), "{}, line {}: five whole numbers were wanted", file,
            i + 1);
    const PixelBox box{numbers[1], numbers[2], numbers[3], numbers[4]};
    require(
        box.left >= 0 && box.left < box.right && box.right <= image[2] && box.top >= 0 && box.top < box.bottom && box.bottom <= image[1],
        "{}, line {}: no box within pictures of {} × {}", file, i + 1, image[1], image[2]);
    all[numbers[0]].push_back(box);
  }
  std::vector<std::vector<PixelBox>> boxes;
  for (const int64_t n : images) {
    const auto found = all.find(n);
    require(found != all.end(), "{}: no box of image {}", file, n);
    boxes.push_back(found->second);
  }
  return boxes;
}

std::vector<MapQuality> check_maps_of(const Network& network, const Attribution& method, NetworkSubject& subject, const Tensor& x,
                                      const Question& question, const Tensor& maps, const ExplainOptions& options,
                                      std::vector<std::vector<PixelBox>> boxes, const Setting& setting) {
  NetworkSubject random = subject_of(randomised(network, kRandomSeed ^ setting.seed), setting, subject.batch());
  RedrawnNetwork redrawn(network, setting, kRedrawnSeed ^ setting.seed, subject.batch());
  const CheckedNetworks networks{subject, random, redrawn.subject(), redrawn.stages(), [&](int64_t stage) { redrawn.set_state(stage); }};
  Ranks& ranks = *setting.ranks;
  const ShareOut by_ranks = [&](int64_t count, const auto& work, const auto& take) {
    const auto told = [&](int64_t piece) {
      std::vector<std::string> parts;
      for (const MeasuredOnce& once : work(piece)) {
        parts.push_back(text_of(std::span<const double>(once.numbers)));
        std::vector<std::string> states;
        for (const std::vector<double>& state : once.curve) states.push_back(text_of(std::span<const double>(state)));
        parts.push_back(packed(states));
        parts.push_back(text_of(std::span<const int64_t>(&once.passes, 1)));
        parts.push_back(text_of(std::span<const double>(&once.seconds, 1)));
      }
      return packed(parts);
    };
    in_order(ranks, count, told, [&](int64_t piece, std::string_view text) {
      const std::vector<std::string> parts = unpacked(text);
      std::vector<MeasuredOnce> found;
      for (size_t i = 0; i < parts.size(); i += 4) {
        std::vector<std::vector<double>> curve;
        for (const std::string& state : unpacked(parts[i + 1])) curve.push_back(values_in<double>(state));
        found.push_back({values_in<double>(parts[i]), std::move(curve), values_in<int64_t>(parts[i + 2]).front(),
                         values_in<double>(parts[i + 3]).front()});
      }
      take(piece, std::move(found));
    });
  };
  return check_maps(method, networks, x, question, maps,
                    {.steps = options.check_steps, .draws = options.check_draws, .boxes = std::move(boxes)},
                    ranks.is_root() ? setting.progress : nullptr, by_ranks);
}

}  // namespace convscope
