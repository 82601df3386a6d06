#pragma once

#include <span>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/results/aliasing_record.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

/** The published programs count what is aliased as no pass too: then all shares are of 1 + aliased. */
AliasingShares legacy_of(const AliasingShares& exclusive);
/** The other way round. */
AliasingShares exclusive_of(const AliasingShares& legacy);

/** The mean, each weighing the same. */
AliasingShares mean_shares(std::span<const AliasingShares> all);

/** Each image's shares behind an aliasing record. */
class AliasingNumbers {
 public:
  /** From the arrays that lie beside the record in `folder`. */
  AliasingNumbers(const Path& folder, const AliasingRecord& record);

  int64_t images() const { return shares_.shape()[0]; }
  int64_t signals() const { return shares_.shape()[1]; }
  /** As they were recorded. */
  ScaledShares at(int64_t image, int64_t signal) const;
  /** Mean over the signals. */
  ScaledShares of_image(int64_t image) const;
  /** 1 right, 0 wrong, −1 unknown. */
  int correct(int64_t image) const { return static_cast<int>(table_.row(image)[3]); }

  /** Of all images that are so: 1 right, 0 wrong. */
  std::vector<ScaledShares> of_images(int correct) const;

  /** Mean over images, then over signals, with each image's shares changed by `as`. */
  template <typename As>
  ScaledShares mean(As as) const {
    ScaledShares sum;
    for (int64_t n = 0; n < images(); ++n)
      for (int64_t s = 0; s < signals(); ++s) {
        const ScaledShares one = at(n, s);
        add(sum.published, as(one.published), 1.0 / static_cast<double>(images() * signals()));
        add(sum.contribution, as(one.contribution), 1.0 / static_cast<double>(images() * signals()));
      }
    return sum;
  }

 private:
  static void add(AliasingShares& to, const AliasingShares& more, double times);

  Tensor shares_, table_;
};

/** The same mean in both ways of counting. */
struct AccountedShares {
  ScaledShares exclusive, legacy;
};
AccountedShares in_both_accountings(const AliasingRecord& record, const AliasingNumbers& numbers);

/** [C, 4, 2] as `alias --save channelwise` leaves it: shares of each channel. */
std::vector<ScaledShares> channel_shares(const Path& file);
/** Its name for signal `s`. */
std::string channel_shares_file(size_t s);

}  // namespace convscope
