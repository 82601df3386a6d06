#pragma once

#include <span>

#include "convscope/report/page/section.h"

namespace convscope {

// What is too long to be read through stands folded: a click, a link or a search opens it, paper shows all of it.

/** Folded under a line that says what it is; `open` from the start, where it can be folded only. */
Html folded(const Html& line, const Html& body, bool open = false);

/** The first pieces, then the others folded under "24 more images". */
Html first_pieces(std::span<const Html> pieces, size_t shown, std::string_view what);

/** What a section says of one of its runs: under the run's name and folded where the page has others. */
Html part_of_run(const RunFolder& run, const Html& body);

/** A dot of a line's colour. */
Html swatch(Colour colour);
/** Names of runs with the colours of their lines. */
Html legend(std::span<const RunFolder> runs);

}  // namespace convscope
