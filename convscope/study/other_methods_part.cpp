#include "convscope/study/other_methods_part.h"

#include "convscope/api/explain.h"
#include "convscope/results/map_quality.h"

namespace convscope {

namespace {

constexpr std::string_view kTold = "insertion";

StudyFigure figure_of(const OtherMethods& asked, const std::string& method, const AttributionRecord& record) {
  StudyFigure figure;
  figure.what = fmt::format("{}: {}, insertion", asked.whose, method);
  figure.unit = "";
  for (const MapQuality& q : *record.quality) {
    if (q.metric != kTold) continue;
    figure.ours = q.value;
    if (q.interval.size() == 2) figure.low = q.interval[0], figure.high = q.interval[1];
    figure.note = fmt::format("Of {} test images; a random network's maps {}, noise {}.", record.maps.size(),
                              quality_number(q.controls.random_network), quality_number(q.controls.random));
  }
  if (const std::string verdict = quality_text(*record.quality); !verdict.empty())
    figure.note += fmt::format(" All measures: {}.", verdict);
  return figure;
}

std::vector<StudyFigure> explain_otherwise(const StudyContext& context, const OtherMethods& asked) {
  const TrainOptions resolved = resolve_options(asked.options);
  Network network = open_network(context.trained(asked.run).string());
  network.name = resolved.model;
  const Pictures some = test_pictures(context, resolved).first(context.limit > 0 ? std::min(context.limit, asked.images) : asked.images);
  std::vector<StudyFigure> figures;
  for (const std::string& method : asked.methods) {
    const ExplainOptions how{.check = true, .check_steps = asked.check_steps};
    figures.push_back(
        figure_of(asked, method, explain(network, parse_choice(method), some, how, context.folder / asked.run, context.setting).record));
  }
  return figures;
}

}  // namespace

std::vector<std::string> OtherMethods::usual_other_methods() {
  return {"gradient-x-input", "integrated-gradients", "smoothgrad", "guided-backprop", "deeplift", "lrp",
          "grad-cam",         "rise,masks=1000",      "random"};
}

Part other_methods_part(const OtherMethods& asked) {
  return {asked.run + "-methods", fmt::format("the same by other methods: {}, each checked", asked.whose), asked.run,
          [asked](const StudyContext& context) { return explain_otherwise(context, asked); }};
}

}  // namespace convscope
