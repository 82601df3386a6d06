#include "convscope/ranks/handout.h"

#include <algorithm>

#include "convscope/ranks/numbers_text.h"

namespace convscope {

Handout::Handout(Ranks& ranks, Mailbox& mailbox, int64_t count, int64_t hand)
    : ranks_(ranks), mailbox_(mailbox), count_(count), left_(std::min(count, hand * ranks.size())), over_(left_ == count) {
  for (int64_t piece = ranks_.rank(); piece < left_; piece += ranks_.size()) in_hand_.push_back(piece);
}

std::optional<int64_t> Handout::next() {
  if (!ranks_.is_root() && !over_)
    for (const std::string& piece : mailbox_.told()) {
      if (piece.empty())
        over_ = true;
      else
        in_hand_.push_back(values_in<int64_t>(piece).front());
    }
  if (in_hand_.empty()) return std::nullopt;
  const int64_t piece = in_hand_.front();
  in_hand_.pop_front();
  return piece;
}

void Handout::done_by(int rank) {
  if (left_ == count_) return;
  const int64_t piece = left_++;
  if (rank == ranks_.rank())
    in_hand_.push_back(piece);
  else
    mailbox_.tell(rank, text_of(std::span<const int64_t>(&piece, 1)));
  for (int other = 1; left_ == count_ && other < ranks_.size(); ++other) mailbox_.tell(other, "");
}

}  // namespace convscope
