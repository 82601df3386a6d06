#include "convscope/ranks/mailbox.h"

#include <algorithm>
#include <limits>

#include "convscope/base/timer.h"

namespace convscope {

namespace {
constexpr int kMail = 3, kWord = 4;  // tags
constexpr uint64_t kNoMore = std::numeric_limits<uint64_t>::max();
constexpr char kAllDone = 'd', kStop = 's';
}  // namespace

Mailbox::Mailbox(Ranks& ranks) : ranks_(ranks) {
  if (!ranks_.is_root()) {
    ranks_.start_receive(0, kWord, {&word_, 1}, word_transfers_);
    return;
  }
  for (int from = 1; from < ranks_.size(); ++from) {
    slots_.push_back(std::make_unique<Slot>(Slot{.from = from}));
    await_length(*slots_.back());
  }
}

Mailbox::~Mailbox() = default;

bool Mailbox::done(Transfers& transfers) {
  std::erase_if(transfers, [](const std::unique_ptr<Transfer>& transfer) { return transfer->done(); });
  return transfers.empty();
}

void Mailbox::send(uint64_t length, std::string text) {
  std::erase_if(sent_, [](const std::unique_ptr<Sent>& sent) { return done(sent->transfers); });
  sent_.push_back(std::make_unique<Sent>(Sent{length, std::move(text), {}}));
  Sent& sent = *sent_.back();
  ranks_.start_send(0, kMail, bytes_of(std::span<const uint64_t>(&sent.length, 1)), sent.transfers);
  ranks_.start_send(0, kMail, sent.text, sent.transfers);
}

void Mailbox::post(std::string text) {
  const uint64_t length = text.size();
  send(length, std::move(text));
}

bool Mailbox::was_told_to_stop() { return done(word_transfers_) && word_ == kStop; }

bool Mailbox::close() {
  send(kNoMore, "");
  const Timer timer;
  const auto all_left = [&] {
    std::erase_if(sent_, [](const std::unique_ptr<Sent>& sent) { return done(sent->transfers); });
    return sent_.empty();
  };
  while (!all_left() || !done(word_transfers_)) Ranks::pause_after(timer.seconds());
  ranks_.seconds_ += timer.seconds();
  return word_ == kStop;
}

void Mailbox::await_length(Slot& slot) {
  slot.has_length = false;
  ranks_.start_receive(slot.from, kMail, room_of(std::span<uint64_t>(&slot.length, 1)), slot.transfers);
}

void Mailbox::look(Slot& slot, std::vector<std::string>& came) {
  while (!slot.closed && done(slot.transfers)) {
    if (slot.has_length) {
      came.push_back(std::move(slot.text));
      await_length(slot);
    } else if (slot.length == kNoMore) {
      slot.closed = true;
    } else {
      slot.has_length = true;
      slot.text.assign(slot.length, '\0');
      ranks_.start_receive(slot.from, kMail, slot.text, slot.transfers);
    }
  }
}

std::vector<std::string> Mailbox::arrived() {
  std::vector<std::string> came;
  for (const auto& slot : slots_) look(*slot, came);
  return came;
}

bool Mailbox::finish(const std::function<void(const std::string&)>& take, const std::function<bool()>& stop) {
  char word = 0;
  Transfers words;
  const auto say = [&](char what) {
    word = what;
    for (const auto& slot : slots_) ranks_.start_send(slot->from, kWord, {&word, 1}, words);
  };
  const auto closed = [](const std::unique_ptr<Slot>& slot) { return slot->closed; };
  Timer timer;
  for (;;) {
    const std::vector<std::string> came = arrived();
    for (const std::string& text : came) take(text);
    if (word == 0 && stop && stop()) say(kStop);
    if (std::all_of(slots_.begin(), slots_.end(), closed)) break;
    if (!came.empty())
      timer.restart();
    else
      Ranks::pause_after(timer.seconds());
  }
  if (word == 0) say(kAllDone);
  ranks_.wait(std::move(words));
  return word == kStop;
}

}  // namespace convscope
