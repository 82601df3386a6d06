#include "convscope/results/aliasing_record.h"

#include <cmath>

namespace convscope {

namespace {

constexpr const char *kPublished = "published", *kContribution = "contribution";

/** Takes `published` and `contribution` out of an object. */
ScaledShares taken_shares(Json& from, std::string_view whose) {
  ScaledShares shares;
  for (const auto& [key, target] : {std::pair{kPublished, &shares.published}, std::pair{kContribution, &shares.contribution}}) {
    require(from.is_object() && from.contains(key), "{}: shares '{}' were wanted", whose, key);
    *target = result_from_json<AliasingShares>(from[key], whose);
    const double sum = target->non_aliased + target->aliased + target->tangled + target->no_pass;
    constexpr double kRounding = 1e-6;
    require(std::abs(sum - 1) < kRounding, "{}: shares '{}' add up to {}, not to 1", whose, key, sum);
    from.erase(key);
  }
  return shares;
}

}  // namespace

Json scaled_to_json(const ScaledShares& shares) {
  return {{kPublished, result_to_json(shares.published)}, {kContribution, result_to_json(shares.contribution)}};
}

Json aliasing_to_json(const AliasingRecord& record) {
  Json j = result_to_json(record);
  j["signals"] = Json::array();
  for (const AliasingSignal& signal : record.signals) {
    Json one = result_to_json(signal);
    one.update(scaled_to_json(signal.shares));
    one["maps"] = Json::array();
    for (const AliasingMap& map : signal.maps) one["maps"].push_back(result_to_json(map));
    j["signals"].push_back(std::move(one));
  }
  j["mean"] = scaled_to_json(record.mean);
  return j;
}

AliasingRecord aliasing_from_json(const Json& j, std::string_view whose) {
  Json own = j;
  const Json signals = taken_list(own, "signals", whose);
  require(own.contains("mean"), "{}: a 'mean' was wanted", whose);
  Json mean = own["mean"];
  own.erase("mean");
  AliasingRecord record = result_from_json<AliasingRecord>(own, whose);
  record.mean = taken_shares(mean, whose);
  for (const std::string* file : {&record.per_image, &record.image_table}) require_beside(*file, whose);
  require(record.images >= 1 && !signals.empty(), "{}: {} images and {} signals", whose, record.images, signals.size());
  for (Json one : signals) {
    const Json maps = taken_list(one, "maps", whose);
    const ScaledShares shares = taken_shares(one, whose);
    AliasingSignal signal = result_from_json<AliasingSignal>(one, whose);
    signal.shares = shares;
    require(signal.channels >= 1 && signal.rows >= 1 && signal.columns >= 1 && signal.rate >= 1, "{}: a signal of {} × {} × {} at rate {}",
            whose, signal.channels, signal.rows, signal.columns, signal.rate);
    for (const Json& map : maps) {
      signal.maps.push_back(result_from_json<AliasingMap>(map, whose));
      require_beside(signal.maps.back().npy, whose);
    }
    record.signals.push_back(std::move(signal));
  }
  return record;
}

void remove_beginning_with(const Path& folder, std::string_view beginning) {
  std::error_code none;
  std::vector<Path> earlier;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.is_regular_file(none) && entry.path().filename().string().starts_with(beginning)) earlier.push_back(entry.path());
  for (const Path& file : earlier) std::filesystem::remove(file, none);
}

}  // namespace convscope
