#include "convscope/study/film_part.h"

#include <algorithm>

#include "convscope/results/watch_record.h"

namespace convscope {

namespace {

StudyFigure count_figure(std::string what, double published, int64_t ours, const char* unit, std::string note) {
  StudyFigure f;
  f.what = std::move(what);
  f.published = published;
  f.ours = static_cast<double>(ours);
  f.unit = unit;
  f.note = std::move(note);
  return f;
}

int64_t lines_in(const Path& file) {
  const std::string text = read_file(file);
  return std::count(text.begin(), text.end(), '\n');
}

std::vector<StudyFigure> make_film(const StudyContext& context, const FilmedTraining& film) {
  (void)context.train(film.name, film.options, film.watch);
  const Path folder = context.folder / film.name / kWatch;
  const WatchRecord record = read_watch(folder);
  int64_t frames = 0;
  for (const Path& file : frame_files(folder)) frames += read_frames(file, record).count();
  return {count_figure(
              fmt::format("film, {}: frames", film.about), film.published, frames, "frames",
              fmt::format("Of {} images, one before {}; {}. Published is read off the film's own count.", record.images.size(),
                          record.every == 1 ? "each update" : fmt::format("every {}th update", record.every),
                          record.target == "frame" ? "the softmax of the class that each frame predicts" : "the loss of the true class")),
          count_figure(fmt::format("film, {}: changes of a predicted class", film.about), kUnknown, lines_in(folder / kWatchChanges), "",
                       "Each is a jump in the film; all are told in its changes.jsonl.")};
}

}  // namespace

Part film_part(const FilmedTraining& film) {
  return {film.name, "film: " + film.about, film.name, [film](const StudyContext& context) { return make_film(context, film); }};
}

}  // namespace convscope
