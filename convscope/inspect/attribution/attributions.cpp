#include "convscope/inspect/attribution/attribution.h"
#include "convscope/inspect/attribution/gradient.h"
#include "convscope/inspect/attribution/integrated_gradients.h"
#include "convscope/inspect/attribution/occlusion.h"
#include "convscope/inspect/attribution/smoothgrad.h"
#include "convscope/inspect/attribution/training_path.h"

namespace convscope {

const Table<Attribution>& attributions() {
  static const Table<Attribution> table{
      "attribution method",
      {
          entry<GradientAttribution, Attribution>("gradient", "slope of the target's number; Simonyan et al. 2014"),
          entry<GradientTimesInput, Attribution>("gradient-x-input", "slope times pixel; Shrikumar et al. 2016"),
          entry<LossGradient, Attribution>("loss-gradient", "slope of the true class's loss"),
          entry<LossGradientTimesInput, Attribution>("loss-gradient-x-input", "slope of the true class's loss times pixel"),
          entry<GradientImage, Attribution>("gradient-image", "the loss's slope, largest number 1, as a picture"),
          entry<IntegratedGradients, Attribution>("integrated-gradients",
                                                  "slopes on the way from a baseline to the image; Sundararajan et al. 2017"),
          entry<Occlusion, Attribution>("occlusion", "what changes where a window is hidden; Zeiler and Fergus 2014"),
          entry<OcclusionPlusGradient, Attribution>("occlusion-plus-gradient", "mean of occlusion and |gradient| × input"),
          entry<SmoothGrad, Attribution>("smoothgrad", "another method averaged over noisy copies; Smilkov et al. 2017"),
          entry<TrainingPathAttribution, Attribution>("training-path",
                                                      "slopes of the loss added up over a training that was watched (its option `watch`)"),
          entry<RandomAttribution, Attribution>("random", "noise that knows nothing: what any method must be better than"),
      }};
  return table;
}

void normalise_each(Tensor& maps) {
  for (int64_t n = 0; n < maps.shape()[0]; ++n)
    if (const float largest = max_abs(maps.row(n)); largest > 0)
      for (float& v : maps.row(n)) v /= largest;
}

}  // namespace convscope
