#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "convscope/ranks/mailbox.h"

namespace convscope {

/**
 * Who does which of pieces 0 … count−1 of some work whose costs nobody knows: each rank has `hand` of them at first, every so manieth; of
 * those that are left the root gives it another for each that it has done, so that who is faster does more, and nobody waits for an answer
 * while it has a piece in hand.
 *
 *   others  next … next      the root  next, done_by … next, done_by
 */
class Handout {
 public:
  Handout(Ranks& ranks, Mailbox& mailbox, int64_t count, int64_t hand);

  /** The next piece of this rank; nothing: it has none at this moment. */
  std::optional<int64_t> next();
  /** Of the others: nothing comes any more beside what it has in hand. */
  bool is_over() const { return over_; }
  /** Of the root: that rank, itself too, has done one of its pieces. */
  void done_by(int rank);

 private:
  Ranks& ranks_;
  Mailbox& mailbox_;
  std::deque<int64_t> in_hand_;
  int64_t count_, left_;  // pieces from `left_` on are nobody's yet
  bool over_;
};

}  // namespace convscope
