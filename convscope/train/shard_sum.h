#pragma once

/**
 * The sum of what the shards of a batch give, the same bits however many ranks share them out.
 *
 * A batch is cut into K shards, whatever computes them. Their numbers are added along a binary tree over the shards, which K alone decides:
 *
 *   level 0  0   1   2   3   4   5        K = 6; the node (l, i) is the sum of shards i 2ˡ … (i+1) 2ˡ − 1,
 *   level 1  0 + 1   2 + 3   4 + 5        made of (l−1, 2i) + (l−1, 2i+1);
 *   level 2  01  +  23                    what has no partner waits for the nodes to its left
 *   level 3       0123  +  45
 *
 * Rank r of R has shards K r / R … K (r+1) / R − 1. It adds up what nodes it has whole; of these each rank gets the slice of numbers that
 * it owns, adds on along the same tree, and hands its slice of the sum to all: 2 (R−1) / R times the numbers go over each rank's wire where
 * its shards are one node, as in every other way to do it, and of a sum no number was added in another order.
 */

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "convscope/ranks/ranks.h"

namespace convscope {

/** Images of a shard of a batch of `count`: [first, last); the first shard has some, the last ones may have none. */
struct ShardOfBatch {
  int64_t first = 0, last = 0;
  int64_t count() const { return last - first; }
};
ShardOfBatch shard_of_batch(int64_t count, int64_t shard, int64_t shards);

/** Shards that a rank of `size` has: [first, last). */
struct ShardsOfRank {
  int64_t first = 0, last = 0;
};
inline ShardsOfRank shards_of_rank(int64_t shards, int64_t rank, int64_t size) {
  return {shards * rank / size, shards * (rank + 1) / size};
}

class ShardSum {
 public:
  /** What a rank tells of a shard besides its numbers. */
  struct Report {
    double loss = 0;      // sum over its images; not finite: its numbers are of no use
    int64_t correct = 0;  // images
    int64_t stop = 0;     // 1: somebody asked its rank to end
  };

  /** An error where the ranks do not divide the shards. */
  ShardSum(int64_t shards, int64_t numbers, std::shared_ptr<Ranks> ranks);

  int64_t shards() const { return shards_; }
  /** Those of this rank: [first, last). */
  int64_t first() const { return of(ranks_->rank()).first; }
  int64_t last() const { return of(ranks_->rank()).last; }

  /** Room for the numbers of this rank's next shard, whatever stands in it. */
  std::span<float> next();
  /** They are there. */
  void add(const Report& report);

  /** The sum over all shards, on every rank, when all of this rank's are added; valid until the next `next`. */
  std::span<float> total();
  /** Of the last total, by shard. */
  std::span<const Report> reports() const { return reports_; }

 private:
  struct Node {
    int level;
    int64_t index;
  };
  struct Part {
    Node node;
    std::vector<float> numbers;
  };
  static bool join(const Node& left, const Node& right) {
    return left.level == right.level && right.index == left.index + 1 && right.index % 2 == 1;
  }
  ShardsOfRank of(int rank) const { return shards_of_rank(shards_, rank, ranks_->size()); }
  /** The nodes that a rank has whole, from left to right. */
  std::vector<Node> nodes_of(int rank) const;
  std::vector<float> room();
  void exchange();
  /** [first, last) of the numbers. */
  size_t slice(int rank) const;

  int64_t shards_;
  size_t numbers_;
  std::shared_ptr<Ranks> ranks_;
  std::vector<Part> parts_;                // what is added up so far
  std::vector<std::vector<float>> free_;   // rooms that nobody uses
  std::deque<std::vector<float>> slices_;  // of the numbers that this rank sums: what the others send
  std::vector<float> next_, total_;
  std::vector<Report> reports_;
  int64_t added_ = 0;
};

}  // namespace convscope
