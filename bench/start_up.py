#!/usr/bin/env python3
"""From the start of the processes to the end of the first step: of a new run, and of one that goes on from its checkpoint.

    bench/start_up.py --data DATA [--config configs/demo.ini] [--ranks 2] [--rounds 5] [--bin build/release/bin] [-- OPTION ...]

What run.json says (start_up_seconds, rank 0), and of it without the first step itself, as long as the second one. The first round fills the
file cache and does not count.
"""
import os
import statistics
import tempfile

from runs import arguments_parser, train

parser = arguments_parser(__doc__, rounds=5)
parser.add_argument("--ranks", type=int, default=2)
arguments = parser.parse_args()

program = os.path.join(arguments.bin, "strata-train")
common = ["--config", arguments.config, "--data", arguments.data, "--validation.every_epochs", "1000", "--threads", "1", *arguments.options]
rounds = []
for _ in range(1 + arguments.rounds):
    with tempfile.TemporaryDirectory(prefix="strata-bench-") as folder:
        new = train(program, arguments.ranks, common + ["--schedule.epochs", "1"], folder=folder)
        resumed = train(program, arguments.ranks, common + ["--schedule.epochs", "2"], folder=folder)
        rounds.append((new.start_up_seconds, new.start_up_seconds - new.steps[1], resumed.start_up_seconds,
                       resumed.start_up_seconds - new.steps[1]))
print(f"medians of {arguments.rounds} rounds, {arguments.ranks} ranks of one thread, warm file cache")
for name, column in zip(("new run, to the end of its first step", "  without that step", "resumed, to the end of its first step",
                         "  without that step"), zip(*rounds[1:])):
    print(f"{name:40s} {statistics.median(column):7.2f} s   (least {min(column):.2f}, greatest {max(column):.2f})")
