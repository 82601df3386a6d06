#include "convscope/study/other_methods_part.h"

#include <algorithm>

#include "convscope/api/explain.h"
#include "convscope/results/map_quality.h"

namespace convscope {

namespace {

/** A figure for each measure, insertion first: it is the one that tables of methods are read by. */
std::vector<StudyFigure> figures_of(const OtherMethods& asked, const std::string& method, const AttributionRecord& record) {
  std::vector<StudyFigure> all;
  for (const MapQuality& q : *record.quality) {
    StudyFigure figure;
    figure.what = fmt::format("{}: {}, {}", asked.whose, method, q.metric);
    figure.unit = "";
    figure.ours = q.value;
    if (q.interval.size() == 2) figure.low = q.interval[0], figure.high = q.interval[1];
    figure.note =
        fmt::format("Of {} test images, {} is better; a random network's maps {}, noise {}, the centre {}.", record.maps.size(), q.better,
                    quality_number(q.controls.random_network), quality_number(q.controls.random), quality_number(q.controls.centre));
    if (!q.verdict.empty()) figure.note += fmt::format(" {}.", q.verdict);
    if (!q.curve.empty()) figure.note += fmt::format(" It {}.", curve_text(q));
    all.push_back(std::move(figure));
  }
  std::stable_partition(all.begin(), all.end(), [](const StudyFigure& f) { return f.what.ends_with(", insertion"); });
  return all;
}

std::vector<StudyFigure> explain_otherwise(const StudyContext& context, const OtherMethods& asked) {
  const TrainOptions resolved = resolve_options(asked.options);
  Network network = open_network(context.trained(asked.run).string());
  network.name = resolved.model;
  const Pictures some = test_pictures(context, resolved).first(context.limit > 0 ? std::min(context.limit, asked.images) : asked.images);
  std::vector<StudyFigure> figures;
  for (const std::string& method : asked.methods) {
    const ExplainOptions how{.check = true, .check_steps = asked.check_steps};
    const AttributionRecord record = explain(network, parse_choice(method), some, how, context.folder / asked.run, context.setting).record;
    for (StudyFigure& figure : figures_of(asked, method, record)) figures.push_back(std::move(figure));
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
