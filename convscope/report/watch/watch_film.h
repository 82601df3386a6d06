#pragma once

#include <map>

#include "convscope/report/draw/colour_map.h"
#include "convscope/results/watch_survey.h"

namespace convscope {

/** The colours of all frames of a method. */
ColourScale film_colours(const WatchedMethod& method, const WatchScale& scale);

/** A map in the colours of its film. */
Image film_map(const WatchFrames& frames, int64_t f, int64_t m, int64_t n, const ColourScale& colours);

/** "blue −0.31 … 0.31 red in all frames; 9.8 % of the maps reach beyond". */
std::string scale_text(const WatchedMethod& method, const WatchScale& scale);

/** "the logit of the target, the true class of each image; red: …": what a film is of, and what its colours mean. */
std::string about_film(const WatchRecord& record, const WatchedMethod& method);

/**
 * Draws the frames of one method: for each image itself, its map, the map over it at half strength, and what the network takes it for;
 * above them the count of updates and the scale.
 */
class WatchFilm {
 public:
  WatchFilm(const Path& folder, const WatchRecord& record, const WatchSurvey& seen, int64_t method);
  int64_t rows() const { return still_.rows; }
  int64_t columns() const { return still_.columns; }
  Image frame(const WatchFrames& frames, int64_t f);

 private:
  struct Place {
    int64_t row, column;
  };
  Place cell(int64_t n) const;
  void draw_words(Image& image, Place place, const std::string& text, bool muted);

  const WatchRecord& record_;
  WatchScale scale_;
  ColourScale colours_;
  int64_t method_, last_update_, scaled_, across_ = 1;
  std::vector<Image> inputs_;  // [N] grey, [H, W]
  Image still_;                // what all frames share
  std::map<std::pair<std::string, bool>, Image> words_;
};

}  // namespace convscope
