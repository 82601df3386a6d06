#pragma once

#include <optional>
#include <string>
#include <vector>

#include "convscope/base/file.h"
#include "convscope/report/draw/figure.h"
#include "convscope/results/aliasing_curve.h"
#include "convscope/results/aliasing_record.h"

namespace convscope {

/** A figure, the name of its files, and its numbers where it has some. */
struct NamedFigure {
  std::string name;
  Figure figure;
  std::string csv = {};
};

/** All that can be shown of what `alias` left in its folder, one of `aliasings_in`. */
struct AliasingView {
  AliasingRecord record;
  ScaledShares exclusive, legacy;  // means in both ways of counting
  std::vector<NamedFigure> pies;   // published, contribution
  std::vector<NamedFigure> bars;   // layer by layer, alike
  std::vector<NamedFigure> maps;   // of each signal and image that was kept
  std::vector<NamedFigure> boxes;  // right and wrong images, in both scalings; none where classes are not known
  std::vector<NamedFigure> channels;
  std::optional<AliasingCurve> curve;
  std::vector<NamedFigure> curves;  // in both scalings
};
AliasingView aliasing_view(const Path& folder);

/** SVG, PNG and CSV in figures/: of the usual question beside its folder, of others in theirs. */
void write_aliasing_figures(const Path& folder);

/** How a layer is called where there is little room: its published label, else its place from 1. */
std::string short_label(const AliasingRecord& record, size_t signal);

}  // namespace convscope
