#include "convscope/results/aliasing_numbers.h"

#include "convscope/tensor/npy.h"

namespace convscope {

namespace {

/** [4, 2]. */
ScaledShares shares_at(const float* p) {
  const auto one = [p](int k) { return AliasingShares{p[k], p[2 + k], p[4 + k], p[6 + k]}; };
  return {one(0), one(1)};
}

}  // namespace

AliasingShares legacy_of(const AliasingShares& e) {
  const double all = 1 + e.aliased;
  return {e.non_aliased / all, e.aliased / all, e.tangled / all, (e.no_pass + e.aliased) / all};
}

AliasingShares exclusive_of(const AliasingShares& l) {
  const double all = 1 / (1 - l.aliased), aliased = l.aliased * all;
  return {l.non_aliased * all, aliased, l.tangled * all, l.no_pass * all - aliased};
}

AliasingShares mean_shares(std::span<const AliasingShares> all) {
  AliasingShares mean;
  const double count = static_cast<double>(all.size());
  for (const AliasingShares& s : all) {
    mean.non_aliased += s.non_aliased / count;
    mean.aliased += s.aliased / count;
    mean.tangled += s.tangled / count;
    mean.no_pass += s.no_pass / count;
  }
  return mean;
}

AliasingNumbers::AliasingNumbers(const Path& folder, const AliasingRecord& record)
    : shares_(read_npy(folder / record.per_image)), table_(read_npy(folder / record.image_table)) {
  const Shape wanted{record.images, std::ssize(record.signals), 4, 2}, rows{record.images, 4};
  require(shares_.shape() == wanted, "{}: an array {}, {} was wanted", (folder / record.per_image).string(), shares_.shape(), wanted);
  require(table_.shape() == rows, "{}: an array {}, {} was wanted", (folder / record.image_table).string(), table_.shape(), rows);
  for (const float share : shares_.span())
    require(share >= 0 && share <= 1, "{}: shares lie between 0 and 1, got {}", (folder / record.per_image).string(), share);
}

ScaledShares AliasingNumbers::at(int64_t image, int64_t signal) const {
  return shares_at(shares_.data() + (image * signals() + signal) * 8);
}

ScaledShares AliasingNumbers::of_image(int64_t image) const {
  ScaledShares sum;
  for (int64_t s = 0; s < signals(); ++s) {
    const ScaledShares one = at(image, s);
    add(sum.published, one.published, 1.0 / static_cast<double>(signals()));
    add(sum.contribution, one.contribution, 1.0 / static_cast<double>(signals()));
  }
  return sum;
}

std::vector<ScaledShares> AliasingNumbers::of_images(int correct_one) const {
  std::vector<ScaledShares> all;
  for (int64_t n = 0; n < images(); ++n)
    if (correct(n) == correct_one) all.push_back(of_image(n));
  return all;
}

AccountedShares in_both_accountings(const AliasingRecord& record, const AliasingNumbers& numbers) {
  const auto as_it_is = [](const AliasingShares& s) { return s; };
  return record.accounting == "legacy" ? AccountedShares{numbers.mean(exclusive_of), numbers.mean(as_it_is)}
                                       : AccountedShares{numbers.mean(as_it_is), numbers.mean(legacy_of)};
}

void AliasingNumbers::add(AliasingShares& to, const AliasingShares& more, double times) {
  to.non_aliased += times * more.non_aliased;
  to.aliased += times * more.aliased;
  to.tangled += times * more.tangled;
  to.no_pass += times * more.no_pass;
}

std::string channel_shares_file(size_t s) { return fmt::format("channel-shares-{:02}.npy", s); }

std::vector<ScaledShares> channel_shares(const Path& file) {
  const Tensor shares = read_npy(file);
  const Shape& s = shares.shape();
  require(s.rank() == 3 && s[0] >= 1 && s[1] == 4 && s[2] == 2, "{}: an array {}, [channels, 4, 2] was wanted", file.string(), s);
  std::vector<ScaledShares> all;
  for (int64_t c = 0; c < s[0]; ++c) all.push_back(shares_at(shares.row(c).data()));
  return all;
}

}  // namespace convscope
