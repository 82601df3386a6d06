#include "convscope/results/neurons_record.h"

namespace convscope {

Json neurons_to_json(const NeuronsRecord& record) {
  Json j = result_to_json(record);
  j["neurons"] = Json::array();
  for (const NeuronRecord& neuron : record.neurons) {
    Json one = result_to_json(neuron);
    for (const char* place : {"row", "column"})
      if (one[place] == -1) one[place] = nullptr;
    one["top"] = Json::array();
    for (const NeuronImage& image : neuron.top) one["top"].push_back(result_to_json(image));
    j["neurons"].push_back(std::move(one));
  }
  return j;
}

NeuronsRecord neurons_from_json(const Json& j, std::string_view whose) {
  Json own = j;
  const Json neurons = taken_list(own, "neurons", whose);
  NeuronsRecord record = result_from_json<NeuronsRecord>(own, whose);
  require(record.columns >= 1, "{}: {} columns", whose, record.columns);
  require(record.size.size() == 2 && record.size[0] >= 1 && record.size[1] >= 1, "{}: images of size [{}]", whose,
          fmt::join(record.size, ", "));
  for (Json one : neurons) {
    const Json top = taken_list(one, "top", whose);
    for (const char* place : {"row", "column"})
      if (one.contains(place) && one[place].is_null()) one.erase(place);
    NeuronRecord neuron = result_from_json<NeuronRecord>(one, whose);
    require_beside(neuron.tiles, whose);
    for (const Json& image : top) {
      neuron.top.push_back(result_from_json<NeuronImage>(image, whose));
      const size_t extents = neuron.top.back().field.size();
      require(extents == 0 || extents == 4, "{}: a field of {} numbers; 4 were wanted", whose, extents);
    }
    record.neurons.push_back(std::move(neuron));
  }
  return record;
}

}  // namespace convscope
