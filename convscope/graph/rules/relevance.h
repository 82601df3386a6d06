#pragma once

#include "convscope/graph/gradient.h"

namespace convscope {

/**
 * Layer-wise relevance propagation, Bach et al. 2015, as a way back. What comes down is relevance R; a layer z = Σ x w + b shares it out by
 *
 *   R_i = x̃_i Σ_j w̃_ij R_j / stab(z̃_j),   stab(z) = z + ε sign z,   sign 0 = 1
 *
 *   epsilon       x̃ = x, w̃ = w; the bias takes its share
 *   gamma         w + γ w⁺ where z > 0, w + γ w⁻ where z < 0; for x < 0 the other way round; Andéol et al. 2021
 *   z-plus        x⁺ w⁺ + x⁻ w⁻: what speaks for it
 *   alpha-beta    α times that, minus β = α − 1 times x⁺ w⁻ + x⁻ w⁺
 *   z-box         x w − l w⁺ − h w⁻, l and h what black and white pixels are to the layer; Montavon et al. 2017
 *   w-square      w², whatever x
 *   flat          the same for all
 *
 * w⁺ = max(w, 0); biases are treated as weights of an input 1 that is above 0. For all other operations:
 *
 *   functions of one number, lrn             pass it on
 *   sums, means, batch norms by themselves   by epsilon
 *   max-pool, copies, concatenation          to where the number came from
 *   products with a gate                     all to the signal, the gate being a constant; of equals, half each
 *   standardize                              as linear, 1 / √variance being a constant
 *   the normalisation of pixels              passes it on: a pixel's relevance is that of its normalised number
 *   anything else                            is an error: nothing falls through to the plain gradient
 *
 * Batch norm goes into its convolution first. Biases, stabilisers and numbers that nothing speaks for absorb relevance; kAbsorbed notes
 * how much, [N, 1], layer by layer from the layers' own numbers, so that what arrives and what was absorbed must make the output.
 */
enum class LayerRule { epsilon, gamma, z_plus, alpha_beta, z_box, w_square, flat };
LayerRule layer_rule_of(std::string_view name, std::string_view option);
std::string_view name_of(LayerRule rule);

struct RelevanceRules {
  LayerRule convolution = LayerRule::z_plus, dense = LayerRule::epsilon;
  /** Of layers that see pixels, maybe normalised; none: as the others. By z-box of those that see nothing else: features have no limits. */
  std::optional<LayerRule> first;
  double epsilon = 1e-6;  // of the rule of that name; all others stabilise by 1e-6
  double gamma = 0.25;
  double alpha = 2;
  bool biases = true;        // false: they are left out of what relevance is shared out by
  bool probability = false;  // excitation backprop: begins with 1 instead of the output
};
std::shared_ptr<const Ruling> relevance_ruling(const RelevanceRules& rules);
inline constexpr std::string_view kAbsorbed = "absorbed";

}  // namespace convscope
