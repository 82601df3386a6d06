// Runs inside a copy of the page: uses its controls as a person would, and leaves what it found for the test to read.
addEventListener("load", () => {
  const folds = [...document.querySelectorAll(".fold")], closed = folds.filter(fold => !fold.open).length;
  const height = document.documentElement.scrollHeight;  // as the page opens
  const found = [], all = selector => [...document.querySelectorAll(selector)];
  const expect = (what, holds) => { if (!holds) found.push(what); };
  const change = (control, value) => {
    control.value = value;
    for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const press = (target, key) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const hint = document.getElementById("hint");

  // A link into what is folded opens it; everything else is tried with all folds open.
  const section = document.querySelector("section:last-of-type"), fold = section.querySelector(".fold");
  fold.open = false;
  location.hash = "";
  location.hash = section.id;
  dispatchEvent(new HashChangeEvent("hashchange"));
  expect("a link to a folded section does not open it", fold.open);
  for (const each of folds) each.open = true;

  for (const image of all("img")) {
    expect(`a picture that cannot be shown: ${image.alt}`, image.complete && image.naturalWidth > 0);
    expect("a picture without a name for screen readers", image.hasAttribute("alt"));  // an empty one: it repeats what is named
  }
  for (const svg of all("svg")) expect("a figure without a name for screen readers", svg.closest("[aria-hidden]") || svg.getAttribute("aria-label") || svg.querySelector("title"));
  for (const control of all("input, select, button"))
    expect(`a control without a name: ${control.name}`, control.getAttribute("aria-label") || control.labels?.[0]?.textContent.trim() || control.textContent.trim());
  for (const link of all("nav a")) expect(`a link to nowhere: ${link.hash}`, document.querySelector(link.hash));
  expect("something is wider than the window", document.documentElement.scrollWidth <= innerWidth);

  for (const plot of all("[data-plot]")) {
    const place = plot.dataset.plot.startsWith("training") ? /^epoch \d+.*\d/ : /^epsilon \d+\/255.*%/;
    plot.focus();
    press(plot, "ArrowRight");
    expect("a curve's values are not told", !hint.hidden && place.test(hint.textContent));
    press(document.body, "Escape");
    expect("Escape does not hide them", hint.hidden);
    plot.blur();
  }
  for (const sheet of all("#predictions [data-sheet]")) {
    const { show, order } = sheet.querySelector("form").elements;
    const shown = () => [...sheet.querySelectorAll("[data-list=\"first\"] .card")].filter(card => !card.hidden);
    const before = shown().length;
    change(show, "right");
    expect("the filter hides nothing or all", shown().length > 0 && shown().length < before && shown().every(card => card.classList.contains("right")));
    change(show, "");
    change(order, "sure");
    const sure = shown().map(card => Number(card.dataset.confidence));
    expect("the order is another", sure.every((value, i) => i === 0 || value <= sure[i - 1]));
    shown()[0].focus();
    expect("a card does not tell its classes", !hint.hidden);
    shown()[0].blur();
  }
  for (const tools of all("#attribution .overlay, #watch .film")) {
    const maps = tools.closest(".overlay") ? tools.closest("section") : tools.closest("[data-watch]");
    change(tools.elements.strength, 40);
    expect("the overlay does not follow its slider", getComputedStyle(maps.querySelector(".over, .strip")).opacity === "0.4");
  }
  for (const film of all("[data-watch]")) {
    const { frame, play, update } = film.querySelector(".film").elements;
    change(frame, 0);
    expect("the first frame is not update 0", update.value === "update 0" && film.style.getPropertyValue("--frame") === "0");
    press(frame, " ");
    expect("the space bar does not start the film", play.getAttribute("aria-label") === "pause");
    play.click();
    expect("the button does not stop it", play.getAttribute("aria-label") === "play");
  }
  for (const map of all("#clusters [data-map]")) {
    map.querySelector(".heap").focus();
    expect("a cluster is not shown on the map", map.querySelectorAll("svg .own circle").length > 0);
    document.activeElement.blur();
    expect("and stays on it", !map.querySelector("svg .own"));
  }
  const count = selector => all(selector).length;
  const requests = performance.getEntriesByType("resource").map(entry => entry.name).filter(name => !name.startsWith("data:"));
  expect(`the page asks for ${requests}`, requests.length === 0);
  expect(`errors: ${window.told.join("; ")}`, window.told.length === 0);
  const report = document.body.appendChild(document.createElement("pre"));
  report.textContent = `TOLD ${JSON.stringify({
    found: [...new Set(found)], images: count("img"), plots: count("[data-plot]"), attacks: count("#attack [data-plot]"), folds: folds.length, closed, sheets: count("#predictions [data-sheet]"),
    overlays: count("#attribution .overlay"), films: count("[data-watch]"), maps: count("#clusters [data-map]"), compared: count("#comparison [data-plot]"), height, width: innerWidth })} END`;
  if (parent !== window) parent.postMessage(report.textContent, "*");
});
