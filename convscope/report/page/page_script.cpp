#include "convscope/report/page/page_parts.h"

namespace convscope {

// Names reach the page through `textContent` alone, so none can become markup.
const std::string_view kPageScript = R"js("use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent).sections;

const element = (name, text, className) => {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (className) e.className = className;
  return e;
};
const drawn = (svg, name, attributes) => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) e.setAttribute(key, attributes[key]);
  return svg.appendChild(e);
};
const number = v => v === 0 ? "0" : Math.abs(v) >= 1e4 ? v.toFixed(0) : Math.abs(v) < 1e-3 ? v.toExponential(2) : v.toPrecision(4);
const percent = share => typeof share === "number" ? (100 * share).toFixed(1) + " %" : "–";

const coloured = (e, colour) => {
  e.dataset.colour = colour;
  e.style.setProperty("--given", colour);
};

// The hint: a heading and rows [name, value, colour], beside a place of the window.
const hint = document.body.appendChild(element("div"));
hint.id = "hint";
hint.hidden = true;
const hide = () => { hint.hidden = true; };
const show = (x, y, heading, rows) => {
  hint.replaceChildren(element("p", heading));
  for (const [name, value, colour] of rows) {
    const row = hint.appendChild(element("div")), label = row.appendChild(element("span"));
    if (colour) coloured(label.appendChild(element("i", "", "swatch")), colour);
    label.append(name);
    row.append(element("b", value));
  }
  hint.hidden = false;
  const room = document.documentElement.clientWidth, width = hint.offsetWidth;
  const left = x + 16 + width > room - 8 ? Math.max(8, x - 16 - width) : x + 16;
  hint.style.transform = `translate(${left + scrollX}px, ${Math.max(8, y - hint.offsetHeight / 2) + scrollY}px)`;
};
addEventListener("keydown", e => { if (e.key === "Escape") hide(); });

// At which share of an axis from low to high a value stands.
const along = ({ends: [low, high], logarithmic}) => v => logarithmic ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low);

// A figure of curves tells the values at the place that is nearest to the pointer; the arrow keys go from place to place.
const tellCurves = (figure, {area: [left, top, width, height], lines, ...plot}) => {
  const across = along(plot.across), up = along(plot.up), names = new Map(plot.names);
  const heading = place => plot.place + " " + (names.get(place) ?? (Number.isInteger(place) ? place : number(place)));
  const told = v => plot.heading.includes("%") ? v.toFixed(2) + " %" : number(v);
  const svg = figure.querySelector("svg"), curves = lines.map(line => ({...line, at: new Map(line.values)}));
  const places = [...new Set(lines.flatMap(line => line.values.map(v => v[0])))].sort((a, b) => a - b);
  if (!places.length) return;
  const at = place => left + across(place) * width;
  let overlay = null, chosen = places.length - 1;
  const clear = () => { if (overlay) overlay.remove(); overlay = null; hide(); };
  const mark = i => {
    if (overlay) overlay.remove();
    chosen = i;
    const x = at(places[i]), rows = [];
    overlay = drawn(svg, "g", {});
    overlay.appendChild(drawn(svg, "line", {class: "cross", x1: x, x2: x, y1: top, y2: top + height}));
    for (const curve of curves) {
      if (!curve.at.has(places[i])) continue;
      const value = curve.at.get(places[i]);
      const spot = overlay.appendChild(drawn(svg, "circle", {class: "spot", cx: x, cy: top + (1 - up(value)) * height, r: 4.5}));
      coloured(spot, curve.colour);
      rows.push([curve.name, told(value), curve.colour]);
    }
    const box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal;
    show(box.left + x / view.width * box.width, box.top + (top + height / 2) / view.height * box.height, heading(places[i]), rows);
  };
  figure.addEventListener("pointermove", e => {
    const box = svg.getBoundingClientRect(), x = (e.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    let nearest = 0;
    places.forEach((place, i) => { if (Math.abs(at(place) - x) < Math.abs(at(places[nearest]) - x)) nearest = i; });
    mark(nearest);
  });
  figure.addEventListener("pointerleave", clear);
  figure.addEventListener("blur", clear);
  figure.addEventListener("keydown", e => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[e.key];
    if (!step) return;
    e.preventDefault();
    mark(overlay ? Math.min(places.length - 1, Math.max(0, chosen + step)) : chosen);
  });
};
for (const figure of document.querySelectorAll("[data-plot]")) {
  const [section, plot] = figure.dataset.plot.split(":");
  tellCurves(figure, data[section].plots[plot]);
}

// What is folded opens for a link into it, and for paper.
const unfold = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let e = target.querySelector(":scope > .fold") ?? target; e; e = e.parentElement) if (e.matches(".fold")) e.open = true;
  target.scrollIntoView();
};
addEventListener("hashchange", unfold);
unfold();
addEventListener("beforeprint", () => { for (const fold of document.querySelectorAll(".fold")) fold.open = true; });
)js";

}  // namespace convscope
