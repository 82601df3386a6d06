#pragma once

#include <functional>
#include <map>

#include "convscope/report/draw/colour_map.h"
#include "convscope/results/watch_record.h"

namespace convscope {

/** The colours of all frames of a method. */
struct FilmScale {
  ColourScale colours;
  double beyond = 0;  // share of its maps that have numbers beyond the limits; they get the limits' colours
};

/** A recording seen once from end to end. */
struct WatchSurvey {
  std::vector<int64_t> updates;   // [F] of all frames
  std::vector<FilmScale> scales;  // [M]
};

/**
 * One scale for a whole film, so that its frames compare: nine of ten maps fit into it. The largest of all would be that of a single
 * moment, and leave the rest without colours.
 */
WatchSurvey survey(const Path& folder, const WatchRecord& record);

/** A map in the colours of its film. */
Image film_map(const WatchFrames& frames, int64_t f, int64_t m, int64_t n, const FilmScale& scale);

/** "blue −0.31 … 0.31 red in all frames; 9.8 % of the maps reach beyond". */
std::string scale_text(const WatchedMethod& method, const FilmScale& scale);

/** All frames one after the other, with few of them in memory. */
void for_each_frame(const Path& folder, const WatchRecord& record, const std::function<void(const WatchFrames&, int64_t f)>& see);

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
  FilmScale scale_;
  int64_t method_, last_update_, scaled_, across_ = 1;
  std::vector<Image> inputs_;  // [N] grey, [H, W]
  Image still_;                // what all frames share
  std::map<std::pair<std::string, bool>, Image> words_;
};

}  // namespace convscope
