#pragma once

/** What the aliasing study published of shares of frequencies, and the four of them by name. */

#include "convscope/results/aliasing_record.h"
#include "convscope/results/result.h"

namespace convscope {

/** The four, in percent, in the order of the study's pies. */
struct Percents {
  double non_aliased, aliased, tangled, no_pass;
};

struct Named {
  const char* name;
  double Percents::*published;
  double AliasingShares::*share;
};
inline constexpr Named kFour[] = {{"non-aliased", &Percents::non_aliased, &AliasingShares::non_aliased},
                                  {"aliased", &Percents::aliased, &AliasingShares::aliased},
                                  {"aliased-tangled", &Percents::tangled, &AliasingShares::tangled},
                                  {"no pass", &Percents::no_pass, &AliasingShares::no_pass}};

// Figures of the study, in percent; read off its pies and curves.
inline constexpr Percents kImagenetMean{13.7, 3.8, 46.1, 36.4}, kToyMean{11.8, 8.8, 49.5, 29.9};
inline constexpr Percents kImagenetLayers[] = {{15, 5, 6, 75},  {5, 0, 1, 95},   {15, 11, 44, 31}, {22, 4, 23, 51},
                                               {30, 4, 44, 21}, {14, 4, 66, 14}, {9, 1, 86, 3},    {1, 0, 98, 0}};
inline constexpr Percents kToyLayers[] = {{11, 13, 38, 39}, {8, 11, 50, 31}, {21, 5, 41, 33}, {8, 6, 69, 17}};
inline constexpr Percents kImagenetMedians{13.6, 3.9, 46.6, 35.8};  // of right and of wrong images alike
struct PublishedPoint {
  double epsilon, top1, top5, median;
};
inline constexpr PublishedPoint kImagenetCurve[] = {{0, 73.3, 91.4, kUnknown}, {0.0001, 68, 89.5, 50.5}, {0.0005, 44.5, 79, 50.5},
                                                    {0.001, 21, 64.5, 50.5},   {0.005, 0.3, 8, 51},      {0.01, 0, 1.5, 52},
                                                    {0.05, 0, 0, 53.5}};

/** The image whose two frequency maps it shows, in the sorted list of ImageNet's validation images. */
inline constexpr int64_t kPublishedMapImage = 5287;

}  // namespace convscope
