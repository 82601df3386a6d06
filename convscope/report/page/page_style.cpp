#include "convscope/report/page/page_parts.h"

namespace convscope {

const std::string_view kPageStyle = R"css(
:root {
  --surface: #f5f7f9;
  --line: #dfe4e8;
  --wrong: var(--run-1);
  --right: var(--run-0);
  --shade: 0 1px 2px rgb(20 30 40 / .08), 0 6px 24px rgb(20 30 40 / .12);
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --ink: #e4e8eb; --muted: #98a3ac; --axis: #56616a; --grid: #272e34; --surface: #1b2126; --line: #2c343b;
    --run-0: #5fb0e8; --run-1: #f0904a; --run-2: #3dbd94; --run-3: #e08abf; --run-4: #d0b045; --run-5: #9ad0f2; --run-6: #b899e6;
    --run-7: #a9b3bb;
    --shade: 0 1px 2px rgb(0 0 0 / .5), 0 6px 24px rgb(0 0 0 / .5);
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 76rem; padding: 0 clamp(1rem, 4vw, 2.5rem) 2rem;
  background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
h1, h2, h3, h4 { line-height: 1.2; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: clamp(1.5rem, 1.1rem + 2vw, 2.25rem); margin: 0; letter-spacing: -.015em; }
h2 { font-size: 1.4rem; margin: 0 0 1.25rem; letter-spacing: -.01em; }
h3 { font-size: 1.05rem; margin: 2.25rem 0 .75rem; }
h4 { font-size: .95rem; margin: 1.75rem 0 .75rem; }
a { color: var(--run-0); }
small { font-size: .8125rem; color: var(--muted); }
header { padding: clamp(1.5rem, 5vw, 3.25rem) 0 1rem; }
.names { margin: .4rem 0 0; color: var(--muted); display: flex; flex-wrap: wrap; gap: .1rem 1rem; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1rem; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
section { border-top: 1px solid var(--line); padding: 2rem 0 1.5rem; scroll-margin-top: 0; }
@media screen { section { content-visibility: auto; contain-intrinsic-size: auto 50rem; } }
footer { border-top: 1px solid var(--line); padding-top: 1rem; color: var(--muted); font-size: .8125rem; }
.about { color: var(--muted); margin: 0 0 1rem; overflow-wrap: anywhere; }

.warning { border-left: .3rem solid var(--wrong); background: var(--surface); border-radius: .2rem; padding: .6rem 1rem; margin: 0 0 1.25rem;
  overflow-wrap: anywhere; }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: .75rem; margin: 0 0 1.75rem; }
.tile { background: var(--surface); border-radius: .6rem; padding: .85rem 1.1rem .95rem; display: flex; flex-direction: column; }
.tile span { font-size: .8125rem; color: var(--muted); }
.tile b { font-size: 1.75rem; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: -.02em; }

figure { margin: 0; position: relative; }
svg { display: block; width: 100%; height: auto; }
svg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.25rem 2.5rem; }
.plot { max-width: 36rem; border-radius: .4rem; touch-action: pan-y; }
:focus-visible { outline: 2px solid var(--run-0); outline-offset: 3px; }
.cross { stroke: var(--muted); stroke-dasharray: 3 3; pointer-events: none; }
.spot { fill: var(--own, var(--given)); stroke: var(--paper); stroke-width: 1.5; pointer-events: none; }
.matrix { width: var(--width); max-width: 100%; }

@media screen and (max-width: 36rem) {
  /* Figures that are wider than a phone keep their size, and with it that of their words, and are scrolled. */
  figure:not([data-plot]):has(> svg) { width: auto; overflow-x: auto; touch-action: auto; }
  figure:not([data-plot]) > svg { width: auto; min-width: 100%; max-width: none; }
}

.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
th, td { text-align: left; padding: .38rem 1.25rem .38rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
thead th { font-weight: 500; color: var(--muted); font-size: .8125rem; vertical-align: bottom; }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; overflow-wrap: normal; }
.epochs { font-size: .8125rem; }
.swatch { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin-right: .5rem; background: var(--own, var(--given)); flex: none; }
.legend { list-style: none; margin: 0 0 1rem; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; font-size: .9rem; overflow-wrap: anywhere; }
details { margin-top: 1.5rem; }
summary { cursor: pointer; color: var(--run-0); width: fit-content; }
details[open] > summary { margin-bottom: .75rem; }
.fold > summary h2, .fold > summary h3, .fold > summary h4 { display: inline; margin: 0; }
.fold > summary:has(h2, h3, h4) { color: inherit; }
section > .fold { margin: 0; }
section > .fold[open] > summary { margin-bottom: 1.25rem; }

.tools { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; font-size: .9rem; color: var(--muted); margin-bottom: 1rem; }
.tools[hidden] { display: none; }
.tools label { display: flex; gap: .5rem; align-items: center; }
select { font: inherit; color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: .4rem; padding: .25rem .5rem;
  max-width: 14rem; }
.no-picture { width: 100%; aspect-ratio: 1; border-radius: .25rem; margin-bottom: .4rem; display: grid; place-items: center; color: var(--muted); }
.nothing { color: var(--muted); }
.piece { display: block; position: relative; aspect-ratio: var(--aspect); background: var(--sheet) calc(100% * var(--x)) calc(100% * var(--y)) /
  calc(100% * var(--columns)) calc(100% * var(--rows)); image-rendering: pixelated; border-radius: .2rem; overflow: hidden;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }

#hint { position: absolute; z-index: 1; top: 0; left: 0; pointer-events: none; max-width: min(20rem, 90vw); background: var(--paper); color: var(--ink);
  border: 1px solid var(--line); border-radius: .45rem; padding: .45rem .7rem; box-shadow: var(--shade); font-size: .8125rem; line-height: 1.45; }
#hint[hidden] { display: none; }
#hint p { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
#hint div { display: flex; gap: .4rem 1rem; justify-content: space-between; align-items: baseline; }
#hint div span { overflow-wrap: anywhere; }
#hint div b { font-weight: 500; font-variant-numeric: tabular-nums; white-space: nowrap; }

@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .tools, details:not(.fold), #hint { display: none; }
  .fold::details-content { content-visibility: visible; block-size: auto; }
  .fold > summary { list-style: none; }
  section { padding: 1rem 0; }
  figure, .tiles, tr { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  .tile { border: 1px solid var(--line); background: none; }
  .plots { grid-template-columns: 1fr 1fr; gap: .5rem 1rem; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); }
  .tile b { font-size: 1.4rem; }
  .scroll { overflow: visible; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
)css";

}  // namespace convscope
