#include "convscope/ranks/in_order.h"

#include <map>

#include "convscope/base/timer.h"
#include "convscope/ranks/handout.h"
#include "convscope/ranks/numbers_text.h"

namespace convscope {

namespace {

constexpr int64_t kHand = 2;  // the one that is worked on, and the next

void work_for_root(Mailbox& mailbox, Handout& handout, const std::function<std::string(int64_t)>& work) {
  Timer timer;
  for (;;) {
    if (const std::optional<int64_t> piece = handout.next()) {
      mailbox.post(text_of(std::span<const int64_t>(&*piece, 1)) + work(*piece));
      timer.restart();
    } else if (handout.is_over()) {
      break;
    } else {
      Mailbox::pause_after(timer.seconds());
    }
  }
  mailbox.close();
}

}  // namespace

void in_order(Ranks& ranks, int64_t count, const std::function<std::string(int64_t)>& work,
              const std::function<void(int64_t, std::string_view)>& take) {
  Mailbox mailbox(ranks);
  Handout handout(ranks, mailbox, count, kHand);
  if (!ranks.is_root()) return work_for_root(mailbox, handout, work);
  std::map<int64_t, std::string> done;  // whose turn has not come
  int64_t taken = 0;
  const auto keep = [&](int from, int64_t piece, std::string bytes) {
    handout.done_by(from);
    done.emplace(piece, std::move(bytes));
    for (auto next = done.find(taken); next != done.end(); next = done.find(++taken)) {
      take(taken, next->second);
      done.erase(next);
    }
  };
  Timer timer;
  while (taken < count) {
    for (const Mailbox::Mail& mail : mailbox.arrived()) {
      keep(mail.from, values_in<int64_t>(mail.text.substr(0, sizeof(int64_t))).front(), mail.text.substr(sizeof(int64_t)));
      timer.restart();
    }
    if (const std::optional<int64_t> piece = handout.next()) {
      keep(0, *piece, work(*piece));
      timer.restart();
    } else if (taken < count) {
      Mailbox::pause_after(timer.seconds());
    }
  }
  (void)mailbox.finish([](const Mailbox::Mail&) {}, {});
}

}  // namespace convscope
