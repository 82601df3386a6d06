#include <algorithm>
#include <cmath>

#include "convscope/inspect/attribution/ablation.h"
#include "convscope/inspect/attribution/attribution.h"
#include "convscope/inspect/attribution/blur_ig.h"
#include "convscope/inspect/attribution/cam.h"
#include "convscope/inspect/attribution/deeplift.h"
#include "convscope/inspect/attribution/expected_gradients.h"
#include "convscope/inspect/attribution/full_grad.h"
#include "convscope/inspect/attribution/gradient.h"
#include "convscope/inspect/attribution/guided_ig.h"
#include "convscope/inspect/attribution/integrated_gradients.h"
#include "convscope/inspect/attribution/masking_cam.h"
#include "convscope/inspect/attribution/occlusion.h"
#include "convscope/inspect/attribution/rectified.h"
#include "convscope/inspect/attribution/relevance.h"
#include "convscope/inspect/attribution/rise.h"
#include "convscope/inspect/attribution/smoothgrad.h"
#include "convscope/inspect/attribution/surrogate.h"
#include "convscope/inspect/attribution/training_path.h"
#include "convscope/inspect/attribution/xrai.h"

namespace convscope {

namespace {

/** The row of a class `T(design, T::Options)`: one class serves several methods. */
template <typename T, typename Design>
Entry<Attribution> entry_of(std::string name, std::string summary, Design design) {
  using Options = typename T::Options;
  return {name, std::move(summary), help<Options>(), [name, design](const Json& j) -> std::unique_ptr<Attribution> {
            return std::make_unique<T>(design, fields_from_json<Options>(j, name));
          }};
}

}  // namespace

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
          entry<GuidedIntegratedGradients, Attribution>("guided-ig",
                                                        "integrated gradients, pixels of small slopes first; Kapishnikov et al. 2021"),
          entry<BlurIntegratedGradients, Attribution>("blur-ig",
                                                      "integrated gradients from a blurred image to the sharp one; Xu et al. 2020"),
          entry<ExpectedGradients, Attribution>("expected-gradients", "integrated gradients' mean over baselines; Erion et al. 2019"),
          entry<Occlusion, Attribution>("occlusion", "what changes where a window is hidden; Zeiler and Fergus 2014"),
          entry<OcclusionPlusGradient, Attribution>("occlusion-plus-gradient", "mean of occlusion and |gradient| × input"),
          entry<Rise, Attribution>("rise", "mean answer to pictures seen through random masks that show the pixel; Petsiuk et al. 2018"),
          entry<FeatureAblation, Attribution>("feature-ablation", "what falls where a superpixel is hidden"),
          entry<ShapleySampling, Attribution>("shapley-sampling",
                                              "what a superpixel adds to others before it, in random orders; Štrumbelj and Kononenko 2010"),
          entry<KernelShap, Attribution>("kernel-shap", "Shapley values of superpixels by least squares; Lundberg and Lee 2017"),
          entry<Lime, Attribution>("lime", "a linear model of which superpixels are seen; Ribeiro et al. 2016"),
          entry<Xrai, Attribution>("xrai", "integrated gradients by regions; Kapishnikov et al. 2019"),
          entry<SmoothGrad, Attribution>("smoothgrad", "another method averaged over noisy copies; Smilkov et al. 2017"),
          entry_of<Rectified>("guided-backprop", "slope that rectifiers let through only where it is above 0; Springenberg et al. 2015",
                              Rectified::Way::guided),
          entry_of<Rectified>("deconvolution", "what comes down where rectifiers only look at the way back; Zeiler and Fergus 2014",
                              Rectified::Way::deconvolution),
          entry_of<Cam>("grad-cam", "a node's channels weighted by their mean slope; Selvaraju et al. 2017", CamWeights::grad),
          entry_of<Cam>("grad-cam++", "weighted by slopes above 0, by their powers; Chattopadhyay et al. 2018", CamWeights::grad_plus_plus),
          entry_of<Cam>("xgrad-cam", "weighted by slopes where the channel is active; Fu et al. 2020", CamWeights::xgrad),
          entry_of<Cam>("hires-cam", "slope times activation, position by position; Draelos and Carin 2020", CamWeights::hires),
          entry_of<Cam>("layer-cam", "slopes above 0 times activation, also of early nodes; Jiang et al. 2021", CamWeights::layer),
          entry_of<Cam>("eigen-cam", "what a node's activations have in common, of no class; Muhammad and Yeasin 2020", CamWeights::eigen),
          entry<ScoreCam, Attribution>("score-cam", "channels weighted by what the network sees through them; Wang et al. 2020"),
          entry<AblationCam, Attribution>("ablation-cam", "channels weighted by what is lost without them; Desai and Ramaswamy 2020"),
          entry<FullGrad, Attribution>("full-grad", "slope times input and what each bias adds; Srinivas and Fleuret 2019"),
          entry<DeepLift, Attribution>("deeplift", "differences from a baseline's, shared out layer by layer; Shrikumar et al. 2017"),
          entry<Relevance, Attribution>("lrp", "the output shared out layer by layer down to the pixels; Bach et al. 2015"),
          entry<Excitation, Attribution>("excitation-backprop", "where a random walk down what excites it arrives; Zhang et al. 2016"),
          entry<TrainingPathAttribution, Attribution>("training-path",
                                                      "slopes of the loss added up over a training that was watched (its option `watch`)"),
          entry<RandomAttribution, Attribution>("random", "noise that knows nothing: what any method must be better than"),
      }};
  return table;
}

void require_answerable(const Attribution& method, std::string_view name, std::string_view target, std::string_view of) {
  const Answers answers = method.answers();
  const bool no_target = target == "predicted" || (target == "true" && answers == Answers::true_loss);
  const bool node = target.find(':') != std::string_view::npos;
  if (answers == Answers::true_loss) {
    require(no_target, "{}: it is of the true class's loss, so it has no `target` '{}'; gradient and its kin have", name, target);
    require(of == "logits" || of == "loss", "{}: it is of the true class's loss, so it is not `of` {}; gradient and its kin can be", name,
            of);
  } else if (answers == Answers::nothing) {
    require(no_target, "{}: it asks nothing of the network, so it has no `target` '{}'", name, target);
    require(of == "logits", "{}: it asks nothing of the network, so it is not `of` {}", name, of);
  } else if (answers == Answers::activations) {
    require(no_target, "{}: it is of a node's activations whatever the class, so it has no `target` '{}'", name, target);
    require(of == "logits", "{}: it is of a node's activations, so it is not `of` {}", name, of);
  } else if (answers == Answers::all_outputs) {
    require(no_target, "{}: it measures the change of all outputs, so it has no `target` '{}'; the method's option measure=target has",
            name, target);
  }
  if (answers == Answers::all_outputs || answers == Answers::all_and_target) {
    require(of != "loss",
            "{}: it measures the change of all outputs, and a loss is of one class; the method's option measure=target takes it", name);
    require(!node, "{}: it measures the change of all outputs, so it is not of a node; the method's option measure=target is", name);
  }
  require(!node || of == "logits", "`target` '{}': a node's number is no class's, so it is not `of` {}", target, of);
}

std::string said_of(Answers answers, std::string_view of) {
  const bool known = of == "logits" || of == "softmax" || of == "loss";
  switch (answers) {
    case Answers::true_loss:
      return "the loss of the true class";
    case Answers::nothing:
      return "nothing: noise";
    case Answers::activations:
      return "no class: what activations have in common";
    case Answers::all_outputs:
      return fmt::format("the {} of all classes at once", of);
    case Answers::all_and_target:
      return fmt::format("the {} of all classes at once, and the target's", of);
    case Answers::target:
      break;
  }
  if (!known) return fmt::format("node {}", of);
  return fmt::format("the {} of the target", of == "logits" ? "logit" : of);
}

std::string name_of(ShownChannels channels) {
  return channels == ShownChannels::added ? "added" : channels == ShownChannels::farthest ? "farthest" : "";
}

void flatten_channels(std::span<const float> map, ShownChannels channels, std::vector<float>& plane) {
  std::copy_n(map.begin(), plane.size(), plane.begin());
  for (size_t first = plane.size(); first < map.size(); first += plane.size())
    for (size_t i = 0; i < plane.size(); ++i) {
      const float next = map[first + i];
      if (channels != ShownChannels::farthest)
        plane[i] += next;
      else if (std::abs(next) > std::abs(plane[i]))
        plane[i] = next;
    }
}

void normalise_each(Tensor& maps) {
  for (int64_t n = 0; n < maps.shape()[0]; ++n)
    if (const float largest = max_abs(maps.row(n)); largest > 0)
      for (float& v : maps.row(n)) v /= largest;
}

}  // namespace convscope
