#include "convscope/attack/apgd.h"
#include "convscope/attack/attack.h"
#include "convscope/attack/autoattack.h"
#include "convscope/attack/elastic_net.h"
#include "convscope/attack/fab.h"
#include "convscope/attack/hop_skip_jump.h"
#include "convscope/attack/iterative.h"
#include "convscope/attack/nearest_adversary.h"
#include "convscope/attack/single_step.h"
#include "convscope/attack/spatial.h"
#include "convscope/attack/square.h"

namespace convscope {

const Table<Attack>& attacks() {
  static const Table<Attack> table{
      "attack",
      {
          entry<Fgsm, Attack>("fgsm", "one step along the slope's signs; Goodfellow et al. 2015"),
          entry<NormedGradient, Attack>("normed-gradient", "one step along the slope, divided by its norm"),
          entry<IteratedFgsm, Attack>("ifgsm", "small steps along the slope's signs; Kurakin et al. 2017"),
          entry<Pgd, Attack>("pgd", "projected gradient descent; Madry et al. 2018"),
          entry<MomentumFgsm, Attack>("mifgsm", "steps along the signs of remembered slopes; Dong et al. 2018"),
          entry<Descent, Attack>("descent", "plain steps until the class is reached with confidence"),
          entry<ApgdCe, Attack>("apgd-ce", "steps whose size halves by itself, by cross-entropy; Croce and Hein 2020"),
          entry<ApgdDlr, Attack>("apgd-dlr", "the same by the difference of logits ratio"),
          entry<ApgdT, Attack>("apgd-t", "the same towards each of the likeliest classes"),
          entry<Fab, Attack>("fab", "the nearest picture beyond a boundary, linearised again and again; Croce and Hein 2020"),
          entry<FabT, Attack>("fab-t", "the same towards each of the likeliest classes"),
          entry<DeepFool, Attack>("deepfool", "steps to the boundary that seems nearest; Moosavi-Dezfooli et al. 2016"),
          entry<CarliniWagner, Attack>("cw", "the nearest picture in l2 by Adam, with a search for its weight; Carlini and Wagner 2017"),
          entry<ElasticNet, Attack>("ead", "the nearest picture in l1 beside l2, with shrinking; Chen et al. 2018"),
          entry<HopSkipJump, Attack>("hopskipjump", "the nearest picture by decisions alone; Chen, Jordan and Wainwright 2020"),
          entry<Square, Attack>("square", "random squares, without slopes; Andriushchenko et al. 2020"),
          entry<Spatial, Attack>("spatial", "the image turned and shifted; Engstrom et al. 2019"),
          entry<AutoAttack, Attack>("autoattack", "apgd, fab and square, each on what is left: what is right in the end withstood all"),
          entry<NoiseAttack, Attack>("noise", "random signs: what any attack must be better than"),
          entry<GradientImageAttack, Attack>("gradient-image", "the slope itself as a picture, without the image"),
      }};
  return table;
}

}  // namespace convscope
