#pragma once

/**
 * Results are kept by the question that they answer: the same question replaces its answer, another one stands beside it, so that nothing
 * is mixed and nothing is lost. A question is what was asked (the folder's name) of which network and data (the record tells).
 */

#include <optional>

#include "convscope/base/file.h"
#include "convscope/results/provenance.h"

namespace convscope {

/** A folder's name: "integrated-gradients-target-3-images-0-7", "pgd-steps-10-linf-1_255+2_255". */
class QuestionName {
 public:
  /** `what` is a kind, or a method with its options. */
  explicit QuestionName(std::string_view what);
  /** Said as well, where there is a value: "-target-3". Of lists, "1/255,2/255" becomes "1_255+2_255". */
  QuestionName& with(std::string_view key, std::string_view value);
  /** Which images, where they were chosen: split and numbers; of drawn ones the seed, of those in a file which these were. And in what
   * precision it was computed, where that is not fp32. */
  QuestionName& of(const Provenance& origin);

  /** At most 100 letters; of a longer name the end is a digest of all of it. */
  std::string text() const;

 private:
  std::string name_;
};

/** Where the answer to a question lies or will lie: in `parent` under its name; with a digest behind it where that is taken by another
 * network's, or other data's. `file` is the record's name. */
Path question_folder(const Path& parent, const QuestionName& name, std::string_view file, const Provenance& origin);

/** What a record tells of its origin; nothing where there is no such file, or a damaged one. */
std::optional<Provenance> origin_in(const Path& record);

/** "fp32" where the record does not tell. */
std::string precision_of(const Provenance& origin);

/** Whether both are of the same network and data, as far as they tell. */
bool same_origin(const Provenance& a, const Provenance& b);

/** An error where the answer is of more images than the new one and would be lost; none where somebody wants it so, or where the network's
 * file has changed since, as by further training. */
void require_no_loss(const Path& record, const Provenance& now, bool force);

/** Removes what an earlier answer left in its folder: pictures, arrays, tables and figures, also in `folders` beneath it. What has another
 * ending is not ours, and `others` are of another question. */
void remove_answer(const Path& folder, std::string_view file, std::span<const std::string_view> folders = {},
                   std::span<const std::string_view> others = {});

/**
 * An answer that takes long lies beside its place until it is whole; one that never is leaves the earlier answer as it was. Each has a
 * folder of its own, `PLACE.part-PROCESS-COUNT`, locked as long as it lives: several may work at the same question, and what a process that
 * died left is removed by the next.
 */
class StagedAnswer {
 public:
  explicit StagedAnswer(const Path& place);
  ~StagedAnswer();
  StagedAnswer(const StagedAnswer&) = delete;
  StagedAnswer& operator=(const StagedAnswer&) = delete;

  /** Where it is written. */
  const Path& folder() const { return part_; }
  /** Brings it to its place, beside what lies there. */
  void finish();

 private:
  Path place_, part_;
  std::optional<FolderLock> lock_;
};

}  // namespace convscope
