#pragma once

/**
 * Passes: graph in, new graph out; the one a user made never changes. Nodes keep their names where they keep their meaning:
 * a node whose name is in `keep` is still there afterwards and computes what it did.
 */

#include "convscope/graph/graph.h"

namespace convscope {

using Names = std::set<std::string, std::less<>>;

/** Batch norm by running statistics, rrelu by its mean slope, dropout gone. What the network computes when it is not being trained. */
Graph for_inference(const Graph& graph, const Names& keep = {});

/** Batch norm by the batch, with the updates of its running statistics; these count `batches` times its images. */
Graph for_training(const Graph& graph, double batches = 1);

/**
 * Batch norm behind a convolution or linear layer goes into its weights: W' = W s, b' = b s + t (exact in real numbers). Ops of the kinds
 * `apart` stay by themselves: somebody has a rule for them.
 */
Graph fold_batch_norm(const Graph& graph, const Names& keep, const Names& apart = {});

/** Convolution, batch norm, linear and affine take a following add and activation in, unless one of them is of a kind in `apart`. */
Graph fuse_elementwise(const Graph& graph, const Names& keep, const Names& apart = {});

/**
 * A `perturb-mix` whose activation is of a kind in `apart` becomes what it stands for: `<node>/perturb`, the activation as `<node>/act`
 * and a 1×1 convolution. All perturbed maps are then in memory.
 */
Graph part_perturbations(const Graph& graph, const Names& apart);

/** Gradients that come from two sides are added where they are used: an add in front of the backward of an activation or batch norm goes
 * into it. */
Graph fuse_gradient_sums(const Graph& graph, const Names& keep);

/**
 * What a batch norm gave is computed again where the gradient wants it, from its input and the batch's statistics: one pass over memory
 * in exchange for an activation that would be kept from forward to backward. Of chains of residual blocks every second one is kept.
 */
Graph recompute_batch_norm(const Graph& graph, const Names& keep);

/**
 * Everything that depends on the pixels a second time, as `<node>/reference`, of pictures `baseline`: what the network makes of a picture
 * and of its baseline stand side by side for rules that compare them.
 */
Graph with_reference(const Graph& graph);
inline constexpr std::string_view kBaseline = "baseline";
/** The same number of the baseline; of what does not depend on the pixels itself. */
Value reference_of(const Graph& graph, Value v);

/** The network from a node on: its values come in under the node's name. What does not pass through the node still sees the pixels. */
Graph from_node(const Graph& graph, std::string_view node);

/** Only what `roots` and the updates need. */
Graph prune(const Graph& graph, const Names& roots);

/**
 * A strided convolution or pool becomes the same with stride 1, a filter that keeps every rate-th sample one that keeps all, named
 * `<node>/stride-1`, and a node of the old name drops samples. The network's function is unchanged: a max pool's window that hangs over the
 * edge sees what it saw. An error where the node is not strided or the rewriting would change its result.
 */
Graph expose_stride_one(const Graph& graph, std::string_view node);

/** A node that keeps every rate-th sample, and under which name a program gives what it drops them from. */
struct Subsampling {
  std::string node;
  std::string signal;  // `<node>/stride-1`; of a node that only drops samples what it takes
  int64_t rate = 2;
};
/** All that the output depends on, in the order in which the network was declared; a pool of a whole map drops nothing. */
std::vector<Subsampling> subsamplings(const Graph& graph);

}  // namespace convscope
