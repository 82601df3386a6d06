#!/usr/bin/env python3
"""Makes the tables and pictures of docs/studies.md from what studies left.

  tools/studies_page.py keep RUN...   takes results.json of studies' folders into docs/results/, their pictures into docs/images/
  tools/studies_page.py write         writes the tables anew, between the page's markers; all else in it is prose and stays
  tools/studies_page.py check         exit status 1 where the page is not what the results give

A row tells what was published and what came out here, with its interval, scale and command. A row whose published figure lies outside
ours and that has no word on why is refused.
"""

import argparse
import json
import re
import shutil
import sys
from pathlib import Path

SCALES = ["quick", "medium", "full"]
BEGIN, END = "<!-- results of {} -->", "<!-- end of results -->"
MARKED = re.compile(r"<!-- results of ([a-z-]+) -->\n(.*?)<!-- end of results -->", re.S)

# Figures that the page shows: in the study's folder, and what they show.
PICTURES = {
    "aliasing": [
        ("network/figures/aliasing-pie-published.png", "Shares of frequencies: the network's mean, signal by signal within"),
        ("toy/figures/aliasing-pie-published.png", "The same of the toy network"),
        ("network/figures/aliasing-right-and-wrong-published.png", "Images named right and wrong"),
        ("network/figures/aliasing-under-attack-published.png", "Accuracy and aliasing under attack"),
    ],
    "oscillations": [("figures/oscillation-performance.png", "Accuracy against parameters for each noise, over what was published")],
    "perturbative": [
        ("figures/curves.png", "Test accuracy after each epoch"),
        ("figures/meters.png", "The same training by the original program's meter and by a proper one"),
        ("figures/budget.png", "Accuracy against parameters, multiply-adds and time"),
    ],
}


class Wrong(Exception):
    pass


def read(path):
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    missing = [key for key in ("study", "title", "scale", "parts", "rows") if key not in results]
    if missing:
        raise Wrong(f"{path}: no {', '.join(missing)} in it; results.json of a study's folder was wanted")
    if results["scale"] not in SCALES:
        raise Wrong(f"{path}: scale '{results['scale']}'; known: {', '.join(SCALES)}")
    signed = {part["name"] for part in results["parts"] if part.get("command")}
    for row in results["rows"]:
        if row["part"] not in signed:
            raise Wrong(f"{path}: '{row['what']}': its part {row['part']} has no command")
        if differs(row) and not row.get("note"):
            raise Wrong(f"{path}: '{row['what']}': published {row['published']:g}, here {row['ours']:g}, and no word on why")
    return results


def differs(row):
    """Whether the published figure lies outside ours."""
    if "published" not in row or "ours" not in row:
        return False
    rounding = 0.05
    return not row.get("low", row["ours"]) - rounding <= row["published"] <= row.get("high", row["ours"]) + rounding


def network_of(results):
    return results.get("network", {}).get("name", "")


def all_results(folder):
    found = {}
    for path in sorted(folder.glob("*.json")):
        results = read(path)
        same = found.setdefault(results["study"], {}).setdefault(network_of(results), [])
        if any(other["scale"] == results["scale"] for other in same):
            raise Wrong(f"{path}: a second one of {results['study']} at {results['scale']} scale")
        same.append(results)
        same.sort(key=lambda one: SCALES.index(one["scale"]))
    return found


def decimals(value):
    text = f"{value:.6f}".rstrip("0")
    return len(text.split(".")[1])


def number(row, key):
    if key not in row:
        return "–"
    unit = row.get("unit", "%")
    if unit != "%":
        return f"{row[key]:.4g}" + (f" {unit}" if unit else "")
    if key == "published":
        return f"{row[key]:.4g} %"
    places = min(2, max(1, decimals(row["published"]))) if "published" in row else 1
    return f"{row[key]:.{places}f} %"


def interval(row):
    digits = ".1f" if row.get("unit", "%") else ".2g"
    return f"{row['low']:{digits}} to {row['high']:{digits}}" if "low" in row and "high" in row else ""


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ").strip()


def table(runs):
    """Part by part; rows of the same name of several scales stand together."""
    lines = ["| | published | here | 95 % interval | scale | |", "| --- | --- | --- | --- | --- | --- |"]
    parts, rows = {}, {}
    for results in runs:
        for part in results["parts"]:
            parts.setdefault(part["name"], part["about"])
        for row in results["rows"]:
            rows.setdefault(row["part"], {}).setdefault(row["what"], []).append((results["scale"], row))
    for name, about in parts.items():
        if name not in rows:
            continue
        lines.append(f"| **{cell(about)}** | | | | | |")
        above = None
        for what, seen in rows[name].items():
            for scale, row in seen:
                note = cell(row.get("note", ""))
                told, above = ("as above" if note and note == above else note), note
                cells = [cell(what), number(row, "published"), number(row, "ours"), interval(row), scale, told]
                lines.append("| " + " | ".join(cells) + " |")
    return lines


def duration(seconds):
    if seconds < 60:
        return f"{seconds:.0f} seconds"
    minutes = seconds / 60
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"


def ways(results):
    """How the numbers came to be: a line for each command, with the parts it did, and one for what is open."""
    lines, done = [], {}
    for part in results["parts"]:
        if part.get("command"):
            threads = part.get("threads", 0)
            machine = part["processor"] + (f", {threads} threads" if threads else "")
            done.setdefault((part["command"], part["version"], machine), []).append(part)
    for (command, version, machine), parts in done.items():
        days = sorted({part["date"] for part in parts})
        when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        lines.append(f"- {results['scale']}: `{command}` (seed {results['seed']}, {results['precision']}): "
                     f"{duration(sum(part['seconds'] for part in parts))}; version {version}, {machine}, {when}")
    still = [part["name"] for part in results["parts"] if part["state"] != "done"]
    if still:
        command = next((part["command"] for part in results["parts"] if part.get("command")), f"convscope study {results['study']} --run DIR")
        lines.append(f"- {results['scale']}: not done yet: {', '.join(still)}; the same command goes on: `{command}`")
    return lines


def pictures(study, runs, images):
    lines = []
    for path, caption in PICTURES.get(study, []):
        for results in reversed(runs):
            file = images / picture_name(results, path)
            if file.exists():
                lines += [f"![{caption}, {results['scale']} scale](images/{file.name})", ""]
                break
    return lines


def picture_name(results, path):
    parts = Path(path).parts
    place = [] if parts[0] == "figures" else [parts[0]]
    return "-".join([stem(results), *place, Path(path).name])


def section(study, groups, images):
    if not groups:
        return [f"No run is kept yet: `convscope study {study} --run runs/{study}`.", ""]
    lines = []
    for network in sorted(groups):
        runs = groups[network]
        if network:
            lines += [f"Of `{network}`:", ""]
        lines += pictures(study, runs, images) + table(runs) + [""]
        for results in runs:
            lines += ways(results)
        lines.append("")
    return lines


def page(text, found, images):
    """The page with its marked places filled anew; an error where a study's results have no place in it."""
    known = [match.group(1) for match in MARKED.finditer(text)]
    for study in found:
        if study not in known:
            raise Wrong(f"the page has no place '{BEGIN.format(study)}' … '{END}'")

    def filled(match):
        study = match.group(1)
        return "\n".join([BEGIN.format(study), *section(study, found.get(study, {}), images), END])

    return MARKED.sub(filled, text)


def stem(results):
    network = re.sub(r"[^A-Za-z0-9.]+", "-", network_of(results)).strip("-")
    return "-".join(part for part in (results["study"], network, results["scale"]) if part)


def keep(run, results_folder, images):
    results = read(run / "results.json")
    results_folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run / "results.json", results_folder / f"{stem(results)}.json")
    for path, _ in PICTURES.get(results["study"], []):
        if (run / path).exists():
            shutil.copyfile(run / path, images / picture_name(results, path))


def main():
    docs = Path(__file__).resolve().parent.parent / "docs"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("deed", choices=["keep", "write", "check"])
    parser.add_argument("run", nargs="*", type=Path, help="keep: folders of studies")
    parser.add_argument("--docs", type=Path, default=docs, help="folder with studies.md, results/ and images/")
    asked = parser.parse_intermixed_args()
    file = asked.docs / "studies.md"
    try:
        for run in asked.run:
            keep(run, asked.docs / "results", asked.docs / "images")
        before = file.read_text(encoding="utf-8")
        after = page(before, all_results(asked.docs / "results"), asked.docs / "images")
    except (Wrong, OSError, json.JSONDecodeError) as wrong:
        sys.exit(f"studies_page: {wrong}")
    if asked.deed != "check":
        file.write_text(after, encoding="utf-8")
    elif before != after:
        sys.exit(f"studies_page: {file} is not what results/ gives: tools/studies_page.py write")


if __name__ == "__main__":
    main()
