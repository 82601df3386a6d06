#include "convscope/train/optimiser.h"
#include "convscope/train/optimisers/adam.h"
#include "convscope/train/optimisers/adamw.h"
#include "convscope/train/optimisers/muon.h"
#include "convscope/train/optimisers/rmsprop.h"
#include "convscope/train/optimisers/sgd.h"

namespace convscope {

const Table<Optimiser>& optimisers() {
  static const Table<Optimiser> table{
      "optimiser",
      {
          entry<Sgd, Optimiser>("sgd", "stochastic gradient descent, with momentum where wanted"),
          entry<Adam, Optimiser>("adam", "steps scaled by the gradients' running mean square"),
          entry<AdamW, Optimiser>("adamw", "adam whose weight decay stands apart from the gradient"),
          entry<Rmsprop, Optimiser>("rmsprop", "gradients over the root of their running mean square"),
          entry<Muon, Optimiser>("muon", "orthogonal steps for the kernels of convolutions, sgd for all else"),
      }};
  return table;
}

}  // namespace convscope
