#!/usr/bin/env python3
"""What an update costs by several ranks, from what it costs one: a model, not a measurement.

  seconds = compute + 2 (R - 1) / R · 4 P / B + 2 (R - 1) · L

P parameters in float32 go over each rank's wire twice (reduce-scatter, all-gather), at B bytes a second each way; L seconds pass for each
of the messages, which a rank sends one to each other one. Nothing of it happens beside computing. `compute` is what a rank takes for its
part of the batch: --compute for the images of one rank, which stay as many however many ranks there are (the batch grows with them).

  convscope bench train --model M --batch IMAGES_OF_A_RANK    gives --compute
  bench/ranks.py --parameters 11.2e6 --compute 0.29
"""
import argparse

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--parameters", type=float, required=True, help="trained numbers")
parser.add_argument("--compute", type=float, required=True, help="seconds that a rank computes for an update")
parser.add_argument("--latency", type=float, default=20e-6, help="seconds of a message")
parser.add_argument("--gigabits", type=float, nargs="+", default=[10, 100], help="of the network, a second and each way")
parser.add_argument("--ranks", type=int, nargs="+", default=[2, 4, 8, 64, 256])
asked = parser.parse_args()

print("| ranks |" + "".join(f" {g:g} Gbit/s: ms in communication | share of the update |" for g in asked.gigabits))
print("| --- |" + " --- | --- |" * len(asked.gigabits))
for ranks in asked.ranks:
    cells = [str(ranks)]
    for gigabits in asked.gigabits:
        wire = 2 * (ranks - 1) / ranks * 4 * asked.parameters * 8 / (gigabits * 1e9) + 2 * (ranks - 1) * asked.latency
        cells += [f"{1e3 * wire:.1f}", f"{100 * wire / (wire + asked.compute):.0f} %"]
    print("| " + " | ".join(cells) + " |")
