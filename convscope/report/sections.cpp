#include "convscope/report/aliasing/aliasing_section.h"
#include "convscope/report/attack/attack_section.h"
#include "convscope/report/attribution/attribution_section.h"
#include "convscope/report/comparison/comparison_section.h"
#include "convscope/report/evaluation/confusion_section.h"
#include "convscope/report/evaluation/consistency_section.h"
#include "convscope/report/evaluation/corruptions_section.h"
#include "convscope/report/evaluation/fourier_section.h"
#include "convscope/report/evaluation/predictions_section.h"
#include "convscope/report/inspect/activations_section.h"
#include "convscope/report/inspect/clusters_section.h"
#include "convscope/report/inspect/concepts_section.h"
#include "convscope/report/inspect/features_section.h"
#include "convscope/report/inspect/neurons_section.h"
#include "convscope/report/inspect/weights_section.h"
#include "convscope/report/oscillations/oscillations_section.h"
#include "convscope/report/page/section.h"
#include "convscope/report/perturbative/perturbative_section.h"
#include "convscope/report/study/antialiasing_section.h"
#include "convscope/report/study/study_section.h"
#include "convscope/report/training/seeds_section.h"
#include "convscope/report/training/training_section.h"
#include "convscope/report/watch/watch_section.h"

namespace convscope {

const Table<Section>& sections() {
  static const Table<Section> table{
      "section",
      {
          entry<StudySection, Section>("study", "published figures beside ours"),
          entry<SeedsSection, Section>("seeds", "accuracies of a training with several seeds, their mean and its interval"),
          entry<ComparisonSection, Section>(
              "comparison", "several runs: accuracies, differences on the same images, curves under attack, maps side by side"),
          entry<TrainingSection, Section>("training", "learning curves, final and best accuracy, recipe, machine, speed"),
          entry<ConfusionSection, Section>("confusion", "who is taken for whom: matrix and most confused pairs"),
          entry<CorruptionsSection, Section>("corruptions", "accuracy on corrupted pictures: curves over severity, each corruption, means"),
          entry<PredictionsSection, Section>("predictions", "test images with class, prediction and confidence; most confident mistakes"),
          entry<ConsistencySection, Section>("consistency", "whether answers stay when pictures move"),
          entry<FourierSection, Section>("fourier", "errors under noise of each frequency, and where the gradient's energy is"),
          entry<AttributionSection, Section>("attribution", "which pixels matter, image by image, methods side by side"),
          entry<WatchSection, Section>("watch", "attributions while the network learned, with a slider over the frames"),
          entry<AttackSection, Section>("attack", "attacks: robustness curves, pictures, who is turned into whom"),
          entry<WeightsSection, Section>("weights", "filters of layers as pictures"),
          entry<ActivationsSection, Section>("activations", "what layers give for images, channel by channel"),
          entry<NeuronsSection, Section>("neurons", "images that drive neurons most"),
          entry<FeaturesSection, Section>("features", "pictures made to drive channels, beside the images that do"),
          entry<ConceptsSection, Section>("concepts", "what people or the network itself call concepts, and how much they matter"),
          entry<ClustersSection, Section>("clusters", "images that a layer finds alike, and a map of them"),
          entry<AliasingSection, Section>("aliasing",
                                          "what happens to frequencies where samples are dropped: shares, maps, right and wrong images"),
          entry<AntialiasingSection, Section>("antialiasing", "the same network with each way to drop samples, side by side"),
          entry<OscillationsSection, Section>("oscillations", "networks that tell oscillations apart, by size and noise"),
          entry<PerturbativeSection, Section>("perturbative",
                                              "masks in the place of convolutions: curves, meters, sizes, what masks cannot do"),
      }};
  return table;
}

}  // namespace convscope
