#include "convscope/report/page/fold.h"

#include <algorithm>

namespace convscope {

Html folded(const Html& line, const Html& body, bool open) {
  return html("<details class=\"fold\"{}><summary>{}</summary>\n{}</details>\n", Html(open ? " open" : ""), line, body);
}

Html first_pieces(std::span<const Html> pieces, size_t shown, std::string_view what) {
  const size_t first = std::min(shown, pieces.size());
  Html all, rest;
  for (const Html& piece : pieces.first(first)) all += piece;
  for (const Html& piece : pieces.subspan(first)) rest += piece;
  if (!rest.empty()) all += folded(html("{} more {}", pieces.size() - first, what), rest);
  return all;
}

Html part_of_run(const RunFolder& run, const Html& body) { return run.alone ? body : folded(html("<h3>{}</h3>", run.name), body); }

Html swatch(Colour colour) { return html("<i class=\"swatch\" data-colour=\"{0}\" style=\"--given:{0}\"></i>", hex(colour)); }

Html legend(std::span<const RunFolder> runs) {
  Html all;
  for (const RunFolder& run : runs) all += html("<li>{}{}</li>\n", swatch(run.colour), run.name);
  return html("<ul class=\"legend\">\n{}</ul>\n", all);
}

}  // namespace convscope
