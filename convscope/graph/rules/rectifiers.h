#pragma once

#include "convscope/graph/gradient.h"

namespace convscope {

/**
 * Ways back that treat every rectifier in a way of its own; all else goes back as the gradient does. Rectifiers are told by the operation:
 * relu, relu6, leaky-relu, prelu, elu, celu, selu, gelu, softplus, a clamp that begins with 0, and products x · g(x) (SiLU, hard swish,
 * mish, GELU by hand). What only shapes a gate (the clip inside a hard swish or before an excitation) is none.
 *
 *   guided           down: g · f'(x) · [g > 0] · [f(x) > 0]     Springenberg et al. 2015, there of ReLU
 *   deconvolution    down: g · [g > 0]                          Zeiler and Fergus 2014: what went forward does not matter
 *
 * Max pools send down to their winners in both, Zeiler and Fergus' switches.
 */
std::shared_ptr<const Ruling> guided_ruling();
std::shared_ptr<const Ruling> deconvolution_ruling();

/**
 * The gradient, but for images of which a rectifier lets nothing through: what would open it goes down instead (graph/ops/redirect.h; Olah
 * et al. 2017), of what is to be made large. Of products x · g(x) the gate is the rectifier. It notes `kRedirected` [N, 1]: how many
 * rectifiers were opened so.
 */
std::shared_ptr<const Ruling> redirected_ruling();
inline constexpr std::string_view kRedirected = "redirected";

/** Whether anything that a node depends on is a rectifier; empty: the output. */
bool has_rectifier(const Graph& graph, std::string_view of = {});

}  // namespace convscope
