#include "convscope/attack/attack.h"
#include "convscope/attack/iterative.h"
#include "convscope/attack/single_step.h"

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
          entry<NoiseAttack, Attack>("noise", "random signs: what any attack must be better than"),
          entry<GradientImageAttack, Attack>("gradient-image", "the slope itself as a picture, without the image"),
      }};
  return table;
}

}  // namespace convscope
