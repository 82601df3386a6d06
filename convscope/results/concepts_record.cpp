#include "convscope/results/concepts_record.h"

namespace convscope {

void ConceptRecord::check(std::string_view whose) const { require_beside(tiles, whose); }

void ConceptsRecord::check(std::string_view whose) const { require(columns >= 1, "{}: {} columns", whose, columns); }

std::string score_text(const ConceptScore& score) {
  const std::string told = fmt::format("grows in {:.0f} % of {} images, along random sets in {:.0f} %", 100 * score.score, score.images,
                                       100 * score.random_score);
  if (!score.significant) return told + ": no different from random sets";
  return fmt::format("{}: {} (p {:.1g})", told, score.score > score.random_score ? "speaks for the class" : "speaks against the class",
                     score.p);
}

}  // namespace convscope
