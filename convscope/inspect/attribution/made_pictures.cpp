#include "convscope/inspect/attribution/made_pictures.h"

#include <algorithm>

#include "convscope/base/threads.h"

namespace convscope {

namespace {

/** Batch by batch; `answered` gets the first picture's number and the table of the batch. */
template <typename Answered>
void in_made_batches(Subject& subject, const Objective& objective, int64_t count, const MakePicture& make, Answered&& answered) {
  const Shape image = subject.image();
  for (int64_t first = 0; first < count; first += subject.batch()) {
    Tensor x({std::min(subject.batch(), count - first), image[0], image[1], image[2]});
    parallel(x.shape()[0], 1, [&](int64_t begin, int64_t end) {
      for (int64_t k = begin; k < end; ++k) make(first + k, x.row(k));
    });
    answered(first, subject.table(x, objective));
  }
}

}  // namespace

void answer_made(Subject& subject, const Objective& objective, int64_t count, const MakePicture& make,
                 const std::function<void(int64_t k, std::span<const float> row)>& take,
                 const std::function<void(int64_t done, int64_t total)>& progress) {
  in_made_batches(subject, objective, count, make, [&](int64_t first, const Tensor& table) {
    for (int64_t k = 0; k < table.shape()[0]; ++k) take(first + k, table.row(k));
    if (progress) progress(first + table.shape()[0], count);
  });
}

std::vector<double> numbers_of_made(Subject& subject, const Objective& objective, int64_t count, const MakePicture& make,
                                    const std::function<int64_t(int64_t k)>& target_of,
                                    const std::function<void(int64_t done, int64_t total)>& progress) {
  std::vector<double> all;
  in_made_batches(subject, objective, count, make, [&](int64_t first, const Tensor& table) {
    std::vector<int64_t> targets;
    for (int64_t k = 0; k < table.shape()[0]; ++k) targets.push_back(target_of(first + k));
    const std::vector<double> some = values(table, objective, targets);
    all.insert(all.end(), some.begin(), some.end());
    if (progress) progress(first + table.shape()[0], count);
  });
  return all;
}

}  // namespace convscope
