#include "convscope/report/page_parts.h"

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

// The hint: a heading and rows [name, value, colour], beside a place of the window.
const hint = document.body.appendChild(element("div"));
hint.id = "hint";
hint.hidden = true;
const hide = () => { hint.hidden = true; };
const show = (x, y, heading, rows) => {
  hint.replaceChildren(element("p", heading));
  for (const [name, value, colour] of rows) {
    const row = hint.appendChild(element("div")), label = row.appendChild(element("span"));
    if (colour) label.appendChild(element("i", "", "swatch")).dataset.colour = colour;
    label.append(name);
    row.append(element("b", value));
  }
  hint.hidden = false;
  const room = document.documentElement.clientWidth, width = hint.offsetWidth;
  const left = x + 16 + width > room - 8 ? Math.max(8, x - 16 - width) : x + 16;
  hint.style.transform = `translate(${left + scrollX}px, ${Math.max(8, y - hint.offsetHeight / 2) + scrollY}px)`;
};
addEventListener("keydown", e => { if (e.key === "Escape") hide(); });

// Curves: the values at an epoch.
for (const figure of document.querySelectorAll("[data-plot]")) {
  const plot = data.training.plots[figure.dataset.plot], svg = figure.querySelector("svg");
  const [left, top, width, height] = plot.area, [first, last] = plot.epochs, [low, high] = plot.values;
  const lines = plot.lines.map(line => ({...line, at: new Map(line.values)}));
  const epochs = [...new Set(lines.flatMap(line => line.values.map(v => v[0])))].sort((a, b) => a - b);
  if (!epochs.length) continue;
  const across = epoch => left + (epoch - first) / (last - first) * width;
  const share = v => plot.logarithmic ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low);
  let overlay = null, place = epochs.length - 1;
  const clear = () => { if (overlay) overlay.remove(); overlay = null; hide(); };
  const mark = i => {
    if (overlay) overlay.remove();
    place = i;
    const epoch = epochs[i], x = across(epoch), rows = [];
    overlay = drawn(svg, "g", {});
    overlay.appendChild(drawn(svg, "line", {class: "cross", x1: x, x2: x, y1: top, y2: top + height}));
    for (const line of lines) {
      if (!line.at.has(epoch)) continue;
      const value = line.at.get(epoch);
      overlay.appendChild(drawn(svg, "circle", {class: "spot", "data-colour": line.colour, cx: x, cy: top + (1 - share(value)) * height, r: 4.5}));
      rows.push([line.name || plot.heading, plot.heading.includes("%") ? value.toFixed(2) + " %" : number(value), line.colour]);
    }
    const box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal;
    show(box.left + x / view.width * box.width, box.top + (top + height / 2) / view.height * box.height, "epoch " + epoch, rows);
  };
  figure.addEventListener("pointermove", e => {
    const box = svg.getBoundingClientRect(), x = (e.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    let nearest = 0;
    epochs.forEach((epoch, i) => { if (Math.abs(across(epoch) - x) < Math.abs(across(epochs[nearest]) - x)) nearest = i; });
    mark(nearest);
  });
  figure.addEventListener("pointerleave", clear);
  figure.addEventListener("blur", clear);
  figure.addEventListener("keydown", e => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[e.key];
    if (!step) return;
    e.preventDefault();
    mark(overlay ? Math.min(epochs.length - 1, Math.max(0, place + step)) : place);
  });
}

// Confusion: what a cell counts.
for (const figure of document.querySelectorAll("[data-matrix]")) {
  const matrix = data.confusion.matrices[figure.dataset.matrix], svg = figure.querySelector("svg");
  if (!matrix.counts) continue;
  const [left, top, side] = matrix.cells, count = matrix.classes.length, cell = side / count;
  const ring = drawn(svg, "rect", {class: "chosen", width: cell, height: cell, visibility: "hidden"});
  const clear = () => { ring.setAttribute("visibility", "hidden"); hide(); };
  figure.addEventListener("pointerleave", clear);
  figure.addEventListener("pointermove", e => {
    const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
    const said = Math.floor(((e.clientX - box.left) * scale - left) / cell), is = Math.floor(((e.clientY - box.top) * scale - top) / cell);
    if (said < 0 || is < 0 || said >= count || is >= count) return clear();
    ring.setAttribute("x", left + said * cell);
    ring.setAttribute("y", top + is * cell);
    ring.setAttribute("visibility", "visible");
    const row = matrix.counts[is], all = row.reduce((a, b) => a + b, 0), times = row[said];
    show(e.clientX, e.clientY, is === said ? `${matrix.classes[is]}: right` : `${matrix.classes[is]} taken for ${matrix.classes[said]}`,
         [["images", `${times} of ${all}`], ["share of the class", all ? percent(times / all) : "–"]]);
  });
}

// Predictions: filter, order, and the five likeliest classes of a picture.
for (const part of document.querySelectorAll("[data-sheet]")) {
  const sheet = data.predictions.sheets[part.dataset.sheet], tools = part.querySelector("form");
  tools.hidden = false;
  const arrange = () => {
    const wanted = Object.fromEntries(new FormData(tools));
    for (const list of part.querySelectorAll("[data-list]")) {
      list.original ??= [...list.children];
      const cards = [...list.original];
      if (wanted.order) cards.sort((a, b) => (wanted.order === "sure" ? 1 : -1) * (b.dataset.confidence - a.dataset.confidence));
      for (const card of cards)
        card.hidden = wanted.show !== "" && !card.classList.contains(wanted.show) || wanted.label !== "" && card.dataset.label !== wanted.label;
      list.replaceChildren(...cards);
      if (cards.every(card => card.hidden)) list.append(element("li", "none", "nothing"));
    }
  };
  tools.addEventListener("change", arrange);
  tools.addEventListener("submit", e => e.preventDefault());
  for (const list of part.querySelectorAll("[data-list]")) {
    const entries = new Map(sheet[list.dataset.list].map(entry => [String(entry.index), entry]));
    const tell = e => {
      const card = e.target.closest(".card");
      if (!card) return;
      const entry = entries.get(card.dataset.index), box = card.getBoundingClientRect();
      show(box.right - 16, box.top + box.height / 2, `image ${entry.index}: ${sheet.classes[entry.label]}`,
           entry.top.map(c => [c.class, percent(c.confidence)]));
    };
    list.addEventListener("pointerover", tell);
    list.addEventListener("focusin", tell);
    list.addEventListener("pointerleave", hide);
    list.addEventListener("focusout", hide);
  }
}
})();
)js";

}  // namespace convscope
