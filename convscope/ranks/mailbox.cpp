#include "convscope/ranks/mailbox.h"

#include <algorithm>
#include <limits>

#include "convscope/base/timer.h"

namespace convscope {

namespace {
constexpr int kToRoot = 3, kFromRoot = 4;  // tags
// In the place of a length.
constexpr uint64_t kNoMore = std::numeric_limits<uint64_t>::max(), kAllEndEarly = kNoMore - 1;
bool is_last_word(uint64_t length) { return length >= kAllEndEarly; }
}  // namespace

Mailbox::Mailbox(Ranks& ranks) : ranks_(ranks) {
  for (int from = ranks_.is_root() ? 1 : 0; from < (ranks_.is_root() ? ranks_.size() : 1); ++from) {
    slots_.push_back(std::make_unique<Slot>(Slot{.from = from}));
    await_length(*slots_.back());
  }
}

Mailbox::~Mailbox() = default;

bool Mailbox::done(Transfers& transfers) {
  std::erase_if(transfers, [](const std::unique_ptr<Transfer>& transfer) { return transfer->done(); });
  return transfers.empty();
}

int Mailbox::tag(int from) const { return from == 0 ? kFromRoot : kToRoot; }

bool Mailbox::all_left() {
  std::erase_if(sent_, [](const std::unique_ptr<Sent>& sent) { return done(sent->transfers); });
  return sent_.empty();
}

void Mailbox::send(int to, uint64_t length, std::string text) {
  (void)all_left();
  sent_.push_back(std::make_unique<Sent>(Sent{length, std::move(text), {}}));
  Sent& sent = *sent_.back();
  ranks_.start_send(to, tag(ranks_.rank()), bytes_of(std::span<const uint64_t>(&sent.length, 1)), sent.transfers);
  ranks_.start_send(to, tag(ranks_.rank()), sent.text, sent.transfers);
}

void Mailbox::post(std::string text) { tell(0, std::move(text)); }

void Mailbox::tell(int rank, std::string text) {
  if (word_ != 0) return;  // who was told to end reads nothing any more
  const uint64_t length = text.size();
  send(rank, length, std::move(text));
}

std::vector<std::string> Mailbox::told() {
  (void)was_told_to_stop();
  std::vector<std::string> all;
  for (Mail& mail : unread_) all.push_back(std::move(mail.text));
  unread_.clear();
  return all;
}

bool Mailbox::was_told_to_stop() {
  look(*slots_.front(), unread_);
  return slots_.front()->last_word == kAllEndEarly;
}

bool Mailbox::close() {
  send(0, kNoMore, "");
  const Timer timer;
  for (;;) {
    const bool stop = was_told_to_stop();
    if (all_left() && slots_.front()->last_word != 0) {
      ranks_.seconds_ += timer.seconds();
      return stop;
    }
    pause_after(timer.seconds());
  }
}

void Mailbox::await_length(Slot& slot) {
  slot.has_length = false;
  ranks_.start_receive(slot.from, tag(slot.from), room_of(std::span<uint64_t>(&slot.length, 1)), slot.transfers);
}

void Mailbox::look(Slot& slot, std::vector<Mail>& came) {
  while (slot.last_word == 0 && done(slot.transfers)) {
    if (slot.has_length) {
      came.push_back({slot.from, std::move(slot.text)});
      await_length(slot);
    } else if (is_last_word(slot.length)) {
      slot.last_word = slot.length;
    } else {
      slot.has_length = true;
      slot.text.assign(slot.length, '\0');
      ranks_.start_receive(slot.from, tag(slot.from), slot.text, slot.transfers);
    }
  }
}

std::vector<Mailbox::Mail> Mailbox::arrived() {
  std::vector<Mail> came;
  for (const auto& slot : slots_) look(*slot, came);
  return came;
}

bool Mailbox::finish(const std::function<void(const Mail&)>& take, const std::function<bool()>& stop) {
  const auto say = [&](uint64_t what) {
    word_ = what;
    for (const auto& slot : slots_) send(slot->from, what, "");
  };
  const auto closed = [](const std::unique_ptr<Slot>& slot) { return slot->last_word != 0; };
  Timer timer;
  for (;;) {
    const std::vector<Mail> came = arrived();
    for (const Mail& mail : came) take(mail);
    if (word_ == 0 && stop && stop()) say(kAllEndEarly);
    if (std::all_of(slots_.begin(), slots_.end(), closed)) break;
    if (!came.empty())
      timer.restart();
    else
      pause_after(timer.seconds());
  }
  if (word_ == 0) say(kNoMore);
  const Timer leaving;
  while (!all_left()) pause_after(leaving.seconds());
  ranks_.seconds_ += leaving.seconds();
  return word_ == kAllEndEarly;
}

}  // namespace convscope
