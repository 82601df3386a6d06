#include "convscope/results/activations_record.h"

namespace convscope {

Json activations_to_json(const ActivationsRecord& record) {
  Json j = result_to_json(record);
  j["images"] = Json::array();
  for (const ImageAnswers& image : record.images) {
    Json one = result_to_json(image);
    one["channels"] = Json::array();
    for (const ChannelAnswer& channel : image.channels) one["channels"].push_back(result_to_json(channel));
    j["images"].push_back(std::move(one));
  }
  return j;
}

ActivationsRecord activations_from_json(const Json& j, std::string_view whose) {
  Json own = j;
  const Json images = taken_list(own, "images", whose);
  ActivationsRecord record = result_from_json<ActivationsRecord>(own, whose);
  for (Json one : images) {
    const Json channels = taken_list(one, "channels", whose);
    ImageAnswers image = result_from_json<ImageAnswers>(one, whose);
    for (const Json& channel : channels) image.channels.push_back(result_from_json<ChannelAnswer>(channel, whose));
    for (const std::string* file : {&image.input, &image.tiles, &image.npy}) require_beside(*file, whose);
    record.images.push_back(std::move(image));
  }
  require(record.columns >= 1 && record.shape.size() == 3, "{}: {} columns of maps of {} extents", whose, record.columns,
          record.shape.size());
  return record;
}

}  // namespace convscope
