#pragma once

/**
 * What an attack that takes long has found, image by image, in a file that grows as it goes: whoever stops it loses what was on its way
 * and nothing else, and the same question goes on to the same results.
 * Not a goal: to be read by others. It is removed when the answer is whole.
 */

#include <map>
#include <optional>
#include <string>

#include "convscope/attack/attack.h"
#include "convscope/base/file.h"
#include "convscope/base/timer.h"

namespace convscope {

/** What one image of a part came to, and what it took. */
struct AttackedImage {
  int64_t part = 0, row = 0, slopes = 0, looks = 0;
  bool flat = false;
  double nearest = 0;  // infinite where nothing was looked for
  double seconds = 0;  // of the part so far
  std::vector<Outcome> radius = {};
  std::vector<float> x = {};  // empty: of no account

  /** Of a result. Pictures of later parts that reach nothing are of no account. */
  static AttackedImage of(int64_t part, int64_t row, const AttackResult& result, int64_t slopes, int64_t looks);
  /** Whether it may be of this result. */
  bool fits(const AttackResult& result) const;
  /** Into a result that it fits. */
  void put_into(AttackResult& result) const;

  /** As bytes with a check sum, one behind the other; `take` reads the first of them and goes on behind it, nothing where it is not whole.
   */
  std::string bytes() const;
  static std::optional<AttackedImage> take(std::string_view& bytes);
};

class AttackLog {
 public:
  /** Goes on with the file where it is there and of the same question, a line; whatever else lies there is replaced. What an end in the
   * middle of a word left is cut off. */
  AttackLog(Path file, std::string_view question, int64_t classes);

  /** Images that it knows of, of all parts. */
  int64_t known() const { return known_; }
  /** Puts what it knows of a part into the result; of the images that are wanted those that it does not know. */
  std::vector<int64_t> go_on(int64_t part, std::span<const int64_t> wanted, AttackResult& result);
  /** An image of a part is done, and the result has it. */
  void keep(int64_t part, int64_t row, const AttackResult& result, int64_t slopes, int64_t looks);
  /** What a part took, in earlier runs too. */
  double seconds(int64_t part) const;
  /** What all parts took in earlier runs. */
  double seconds_before() const;
  void remove() const;

 private:
  /** How many of the bytes are whole entries. */
  size_t read(std::string_view bytes);
  bool is_possible(const AttackedImage& entry) const;

  Path file_;
  int64_t classes_;
  int64_t known_ = 0;
  std::map<int64_t, std::vector<AttackedImage>> entries_;  // of each part, from earlier runs
  std::map<int64_t, double> before_;                       // seconds
  std::map<int64_t, Timer> timers_;
};

}  // namespace convscope
