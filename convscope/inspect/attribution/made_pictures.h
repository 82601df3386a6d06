#pragma once

#include <functional>

#include "convscope/subject/subject.h"

namespace convscope {

/** Writes picture `k` [C, H, W] of many; called from several threads. */
using MakePicture = std::function<void(int64_t k, std::span<float> x)>;

/**
 * What the network answers to pictures that are made as they are needed: they fill its batches, and no more of them than a batch is in
 * memory, however many there are. `take` gets each picture's row of the objective's table, in order; `progress` counts them.
 */
void answer_made(Subject& subject, const Objective& objective, int64_t count, const MakePicture& make,
                 const std::function<void(int64_t k, std::span<const float> row)>& take,
                 const std::function<void(int64_t done, int64_t total)>& progress = {});

/** The same, as each picture's number of the objective, [count]; `target_of` picture k. */
std::vector<double> numbers_of_made(Subject& subject, const Objective& objective, int64_t count, const MakePicture& make,
                                    const std::function<int64_t(int64_t k)>& target_of,
                                    const std::function<void(int64_t done, int64_t total)>& progress = {});

}  // namespace convscope
