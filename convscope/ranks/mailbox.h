#pragma once

#include <functional>
#include <string>
#include <vector>

#include "convscope/ranks/ranks.h"

namespace convscope {

/**
 * For work whose parts are done at uneven times: the others post what they find whenever they have it, the root looks now and then, tells
 * one of them something where it likes, and nobody waits for anybody until the end. That is one word of the root: all is done, or all end
 * early.
 *
 *   others  post, told … post, told, close      the root  arrived, tell … arrived, tell, finish
 *
 * All ranks make one together; the root must come to `finish`, the others to `close`, whatever happens to the work between.
 */
class Mailbox {
 public:
  explicit Mailbox(Ranks& ranks);
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  // Of the others.
  void post(std::string text);
  /** What the root has told since it was last asked. */
  std::vector<std::string> told();
  /** Whether the root has said so by now. */
  bool was_told_to_stop();
  /** Nothing comes any more. Waits for the root's word; true: all end early. */
  bool close();

  // Of the root.
  struct Mail {
    int from;
    std::string text;
  };
  /** What has come since it was last asked. */
  std::vector<Mail> arrived();
  void tell(int rank, std::string text);
  /** Waits until all have closed, and gives `take` what comes; `stop` is asked on the way: all end early where it is true. Whether they do.
   */
  bool finish(const std::function<void(const Mail& mail)>& take, const std::function<bool()>& stop);

  /** Sleeps for as long as somebody should who has waited so long in vain. */
  static void pause_after(double seconds) { Ranks::pause_after(seconds); }

 private:
  using Transfers = std::vector<std::unique_ptr<Transfer>>;
  struct Sent {
    uint64_t length = 0;
    std::string text;
    Transfers transfers;
  };
  struct Slot {  // what comes from one rank: a length, then so many bytes; or a last word in the place of a length
    int from = 0;
    uint64_t length = 0;
    std::string text = {};
    Transfers transfers = {};
    bool has_length = false;
    uint64_t last_word = 0;  // 0: not yet
  };
  static bool done(Transfers& transfers);
  int tag(int from) const;
  void send(int to, uint64_t length, std::string text);
  bool all_left();
  void await_length(Slot& slot);
  void look(Slot& slot, std::vector<Mail>& came);

  Ranks& ranks_;
  std::vector<std::unique_ptr<Sent>> sent_;
  std::vector<std::unique_ptr<Slot>> slots_;  // of the root one for each other rank; of the others the root's
  uint64_t word_ = 0;                         // of the root: its last one; 0: not yet
  std::vector<Mail> unread_;                  // of the others: it came while somebody asked for the last word
};

}  // namespace convscope
