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
)js";

}  // namespace convscope
