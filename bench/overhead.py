#!/usr/bin/env python3
"""What watching, the flight record and checkpoints cost a healthy run: the same steps with and without, in turn.

    bench/overhead.py --data DATA [--config configs/demo.ini] [--ranks 2] [--rounds 7] [--bin build/release/bin] [-- OPTION ...]

  without   no watchdog, no flight record (a folder stands where it would be written), no checkpoint but the last
  default   as a user runs it
  often     a checkpoint as often as the program lets itself be told: --checkpoint.every_seconds 1, which its own bound of 1 % stretches

Ratios are medians over rounds of what two runs of a round give: the median step by the clock, and the seconds on cores of the
whole start.
"""
import os
import statistics

from runs import arguments_parser, train

parser = arguments_parser(__doc__, rounds=7)
parser.add_argument("--ranks", type=int, default=2)
arguments = parser.parse_args()

common = ["--config", arguments.config, "--data", arguments.data, "--validation.every_epochs", "1000", "--threads", "1", *arguments.options]


def no_flight_record(run):
    os.makedirs(os.path.join(run, "flight.txt"))
    open(os.path.join(run, "run.json"), "w").close()  # else the directory would count as somebody else's


variants = {
    "without": (["--watch.stall_seconds", "0", "--checkpoint.every_seconds", "0"],
                no_flight_record),
    "default": (["--checkpoint.every_seconds", "600"], None),
    "often": (["--checkpoint.every_seconds", "1"], None),
}
rounds = []
for number in range(arguments.rounds):
    order = list(variants)[number % 3:] + list(variants)[:number % 3]
    rounds.append({})
    for name in order:
        options, prepare = variants[name]
        rounds[-1][name] = train(os.path.join(arguments.bin, "strata-train"), arguments.ranks, common + options, prepare)
print(f"{arguments.rounds} rounds of {len(rounds[0]['without'].steps)} steps, {arguments.ranks} ranks of one thread")
print(f"{'':10s} {'step s':>9s} {'ratio':>8s} {'core s':>9s} {'ratio':>8s} {'least ... greatest':>20s} {'start-up s':>11s}")
for name in variants:
    steps = [r[name].step() / r["without"].step() for r in rounds]
    cores = [r[name].core_seconds / r["without"].core_seconds for r in rounds]
    print(f"{name:10s} {statistics.median(r[name].step() for r in rounds):9.4f} {statistics.median(steps):8.4f} "
          f"{statistics.median(r[name].core_seconds for r in rounds):9.2f} {statistics.median(cores):8.4f} "
          f"{min(cores):9.4f} ... {max(cores):.4f} {statistics.median(r[name].start_up_seconds for r in rounds):11.2f}")
