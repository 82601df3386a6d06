#include "convscope/report/comparison/comparison_section.h"

#include "convscope/report/comparison/compared_aliasing.h"
#include "convscope/report/comparison/compared_answers.h"
#include "convscope/report/comparison/compared_attacks.h"
#include "convscope/report/comparison/compared_maps.h"
#include "convscope/report/page/fold.h"
#include "convscope/results/run_folder.h"

namespace convscope {

namespace {

constexpr std::string_view kComparisonStyle = R"css(
#comparison table { margin-bottom: 1rem; }
#comparison tbody th { min-width: 7.5rem; overflow-wrap: anywhere; }
#comparison tbody td { white-space: nowrap; }
#comparison td.number small { display: block; }
#comparison .side-by-side :is(th, td) { min-width: 0; white-space: normal; }
.accuracy { position: relative; display: block; width: 9rem; height: 1.2rem; background: linear-gradient(var(--line) 0 0) center / 100% 1px no-repeat;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.accuracy i { position: absolute; top: 25%; height: 50%; left: calc(100% * var(--low)); width: max(2px, calc(100% * (var(--high) - var(--low))));
  background: var(--own, var(--given)); opacity: .4; border-radius: .15rem; }
.accuracy b { position: absolute; top: 5%; height: 90%; left: calc(100% * var(--at) - 1px); width: 2px; background: var(--own, var(--given)); }
.disputes { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: .75rem; }
.dispute { background: var(--surface); border-radius: .5rem; padding: .6rem .7rem; display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: .7rem;
  break-inside: avoid; font-size: .84rem; line-height: 1.45; }
.dispute img, .dispute .no-picture { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; border-radius: .25rem; display: block; }
.dispute .no-picture { display: grid; font-size: .75rem; text-align: center; background: var(--paper); }
.dispute p { margin: 0 0 .2rem; overflow-wrap: anywhere; }
.dispute ul { list-style: none; margin: 0; padding: 0; }
.dispute li { display: flex; align-items: baseline; min-width: 0; }
.dispute li span { flex: 1 1 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.dispute li small { white-space: nowrap; font-variant-numeric: tabular-nums; }
.dispute .wrong span { color: var(--wrong); }
.side-by-side th, .side-by-side td { padding: .4rem .6rem .4rem 0; border: 0; width: 8rem; }
.side-by-side img { width: 100%; min-width: 4.2rem; display: block; image-rendering: pixelated; border-radius: .3rem; }
.side-by-side small { display: block; line-height: 1.35; overflow-wrap: anywhere; }
@media (max-width: 40rem) { .side-by-side th, .side-by-side td { width: 5rem; } }
)css";

}  // namespace

bool ComparisonSection::applies(const Path& folder) const {
  return std::filesystem::exists(folder / kEvaluation) || !records_in(folder / kAttacks, kAttackFile).empty() ||
         !records_in(folder / kAttributions, kAttributionFile).empty() || !aliasings_in(folder).empty();
}

SectionContent ComparisonSection::render(std::span<const RunFolder> runs) const {
  SectionContent content;
  content.data["plots"] = json_list();
  content.body += compared_answers(runs);
  content.body += compared_attacks(runs, content.data["plots"]);
  content.body += compared_maps(runs);
  content.body += compared_aliasing(runs);
  if (content.body.empty()) content.body = html("<p class=\"about\">These runs have no results of the same kind.</p>\n");
  return content;
}

std::string_view ComparisonSection::style() const { return kComparisonStyle; }

}  // namespace convscope
