#pragma once

#include <span>

#include "convscope/engine/program.h"
#include "convscope/ranks/ranks.h"

namespace convscope {

/** Which part of a batch a rank has, and the program that takes it through the network. */
struct ShardInStep {
  int64_t shard;
  Program* program;  // compiled with `Request::part_of`
  RunContext context;
};

/** How a batch is cut, the same on all ranks. */
struct BatchInShards {
  int64_t images, shards;
  bool sums;  // the objective is the sum over a shard's images, else their mean
};

/**
 * Takes the shards of a batch through the network together, so that each batch norm has the statistics of the whole batch, and each
 * gradient those that belong to them. `mine` are this rank's shards that have images, in their order. With n_k of the batch's n images in
 * shard k, mean m_k, variance v_k, and slopes s_k of the objective of the shard, which counts w_k times in that of the batch:
 *
 *   mean = Σ n_k / n · m_k    variance = Σ n_k / n · (v_k + (m_k − mean)²)    slopes for shard k = n_k / (n w_k) · Σ w_j s_j
 *
 * (Chan et al. 1983 for the first two). Each rank hears the numbers of all shards and adds them up in the shards' order, in double
 * precision, so that no byte depends on who has which shard.
 */
void run_in_step(Ranks& ranks, const BatchInShards& batch, std::span<const ShardInStep> mine);

}  // namespace convscope
