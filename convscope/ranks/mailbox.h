#pragma once

#include <functional>
#include <string>
#include <vector>

#include "convscope/ranks/ranks.h"

namespace convscope {

/**
 * For work whose parts are done at uneven times: the others post what they find whenever they have it, the root looks now and then, and
 * nobody waits for anybody until the end. That is one word of the root: all is done, or all end early.
 *
 *   others  post … post, close, is_to_stop      the root  arrived … arrived, finish
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
  /** Whether the root has said so by now. */
  bool was_told_to_stop();
  /** Nothing comes any more. Waits for the root's word; true: all end early. */
  bool close();

  // Of the root.
  /** What has come since it was last asked. */
  std::vector<std::string> arrived();
  /** Waits until all have closed, and gives `take` what comes; `stop` is asked on the way: all end early where it is true. Whether they do.
   */
  bool finish(const std::function<void(const std::string& text)>& take, const std::function<bool()>& stop);

 private:
  using Transfers = std::vector<std::unique_ptr<Transfer>>;
  struct Sent {
    uint64_t length = 0;
    std::string text;
    Transfers transfers;
  };
  struct Slot {  // what comes from one rank: a length, then so many bytes
    int from = 0;
    uint64_t length = 0;
    std::string text = {};
    Transfers transfers = {};
    bool has_length = false, closed = false;
  };
  static bool done(Transfers& transfers);
  void send(uint64_t length, std::string text);
  void await_length(Slot& slot);
  void look(Slot& slot, std::vector<std::string>& came);

  Ranks& ranks_;
  std::vector<std::unique_ptr<Sent>> sent_;
  std::vector<std::unique_ptr<Slot>> slots_;
  char word_ = 0;
  Transfers word_transfers_;
};

}  // namespace convscope
