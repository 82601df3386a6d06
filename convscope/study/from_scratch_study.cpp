#include "convscope/study/from_scratch_study.h"

#include "convscope/models/checkpoint.h"

namespace convscope {

std::vector<Part> FromScratchStudy::parts(Scale scale) const {
  const bool quick = scale == Scale::quick;
  const auto training = [quick](std::string name, std::string about, std::string preset, int64_t epochs, std::string what, double published,
                                std::string note) {
    return Part{name, std::move(about), name, [=](const StudyContext& context) {
                  Json options = {{"preset", preset}};
                  if (quick) options["epochs"] = epochs;
                  const TrainingSummary s = context.train(name, options);
                  StudyFigure figure;
                  figure.what = what;
                  figure.published = published;
                  figure.ours = 100 * s.accuracy;
                  figure.low = 100 * s.accuracy_interval_95[0];
                  figure.high = 100 * s.accuracy_interval_95[1];
                  figure.note = note;
                  return std::vector<StudyFigure>{figure};
                }};
  };
  const auto inside = [](const StudyContext& context) {
    const Path run = context.folder / "published";
    require(std::filesystem::exists(run / kLastNetwork), "{}: there is no trained network yet", run.string());
    for (const char* kind : {"weights", "activations", "neurons"}) (void)context.inspect(kind, run);
    const Json clusters = context.inspect("clusters", run);
    const auto figure = [&](const char* what, const char* key, const char* note) {
      StudyFigure f;
      f.what = what;
      f.ours = 100 * clusters.at(key).get<double>();
      f.note = note;
      return f;
    };
    return std::vector<StudyFigure>{
        figure("clusters of the last convolution: purity", "purity", "2000 test images, 40 clusters; published are pictures alone."),
        figure("the same by chance", "chance", "Labels shuffled among the images."),
    };
  };
  return {
      training("published", "the network as published, its initial weights unscaled", "scratch-published", 4,
               "test accuracy, published recipe", 72, quick ? "4 of 32 epochs." : "Published after 32 epochs; it had not converged."),
      training("right", "the same set right: He's initial weights, batch norm by channel, shuffled", "scratch", 4,
               "test accuracy, set right", kUnknown, quick ? "4 epochs." : "Not published so."),
      {"inside", "weights, activations, neurons and clusters of the published network", "published", inside},
  };
}

}  // namespace convscope
