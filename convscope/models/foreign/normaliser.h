#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "convscope/nn/normalize.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/**
 * Mean and deviation that lie among a network's weights, because it was saved together with the layer that prepares its pixels:
 * `torch.nn.Sequential(normalize, net)` (`0.mean`, `0.std`), MadryLab's robustness (`normalizer.new_mean`, `new_std`).
 */
struct Normaliser {
  std::string mean, std;  // their names
  Normalization values;   // for pixels in [0, 1], also where they are told for 0 … 255
};

/** Whether both are the same but for rounding; one number stands for all channels. */
bool alike(const Normalization& a, const Normalization& b);

/** Takes them, and copies of them under other names, out of `tensors`; nothing where there are none. `whose` opens the messages. */
std::optional<Normaliser> take_normaliser(std::map<std::string, Tensor>& tensors, std::string_view whose);

}  // namespace convscope
