#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "convscope/engine/program.h"
#include "convscope/ranks/ranks.h"

namespace convscope {

/** A part of a batch, and the program that takes it through the network. */
struct ShardInStep {
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
 *
 * The first shard, of all, whose own statistics were not finite before they came to the others; known to all ranks that have one.
 */
std::optional<int64_t> run_in_step(Ranks& ranks, const BatchInShards& batch, std::span<const ShardInStep> mine);

/** Where a shard's program stops. */
struct ShardMeetings {
  int64_t shard;
  std::vector<std::string> names;  // Program::meetings
};
/** An error where one of these stops elsewhere than the first shard of the batch, whose numbers would then be added to others. */
void require_alike_meetings(Ranks& ranks, std::span<const ShardMeetings> mine);

}  // namespace convscope
