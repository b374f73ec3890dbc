#!/usr/bin/env python3
"""What ranks cost beside threads, what a step sends, and what a step takes on many nodes by a stated model (docs/scaling.md).

    bench/scaling.py --data DATA [--config configs/demo.ini] [--batch 4] [--rounds 5] [--bin build/release/bin] [-- OPTION ...]

Each round runs the same global batch on 1 rank of 2 threads and on 2 ranks of 1 thread, and one rank's share of it on 1 rank of 1 thread.
The model: a step takes the compute of a share, and the small messages that nothing hides, each one latency. It is held against the
measured step of two ranks first, with the latency measured here, then printed for networks whose figures are given.
"""
import argparse
import math
import os
import re
import statistics

from runs import train

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--data", required=True)
parser.add_argument("--config", default="configs/demo.ini")
parser.add_argument("--batch", type=int, default=4, help="global batch, even")
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--bin", default="build/release/bin")
parser.add_argument("--traffic", default="build/release/bench/libmpi_traffic.so")
parser.add_argument("--network", action="append", help="NAME:LATENCY_S:BYTES_PER_S of one message and one link")
parser.add_argument("options", nargs="*", help="for strata-train")
arguments = parser.parse_args()
networks = arguments.network or ["InfiniBand HDR:2e-6:20e9", "Ethernet 10 Gb/s:25e-6:1.1e9"]
program = os.path.join(arguments.bin, "strata-train")


def options(batch, threads, epochs=1):
    return ["--config", arguments.config, "--data", arguments.data, "--loader.global_batch", str(batch), "--threads", str(threads),
            "--validation.every_epochs", "1000", "--checkpoint.every_seconds", "0", "--schedule.epochs", str(epochs), *arguments.options]


def traffic(epochs):
    run = train(program, 2, options(arguments.batch, 1, epochs),
                exports=[f"LD_PRELOAD={os.path.abspath(arguments.traffic)}", "STRATA_TRAFFIC_LATENCY=20000"])
    kinds = {(m[0], m[1]): [float(value) for value in m[2:]] for m in
             re.findall(r"mpi-traffic (\S+) (small|large) (\d+) (\d+) (\S+)", run.log)}
    return len(run.steps), kinds, float(re.search(r"mpi-traffic latency (\S+)", run.log).group(1))


rounds = []
for _ in range(arguments.rounds):
    threads = train(program, 1, options(arguments.batch, 2)).step()
    ranks = train(program, 2, options(arguments.batch, 1)).step()
    share = train(program, 1, options(arguments.batch // 2, 1)).step()
    rounds.append((threads, ranks, share))
threads, ranks, share = (statistics.median(column) for column in zip(*rounds))
ratio = statistics.median(t / r for t, r, _ in rounds)
print(f"step of {arguments.batch} images, medians of {arguments.rounds} rounds: 1 rank x 2 threads {threads:.4f} s, "
      f"2 ranks x 1 thread {ranks:.4f} s, a rank's share alone {share:.4f} s")
print(f"ranks are {ratio:.3f} times as fast as threads; the share alone takes {statistics.median(s / r for _, r, s in rounds):.3f} of the step")

(few, first, _), (many, second, latency) = traffic(1), traffic(2)
per_step = {kind: [(b - a) / (many - few) for a, b in zip(first.get(kind, [0, 0, 0]), values)] for kind, values in second.items()}
print(f"a step sends, from each of 2 ranks:")
for (function, size), (messages, volume, seconds) in sorted(per_step.items()):
    print(f"  {function:15s} {size:6s} {messages:8.1f} messages {volume:12.0f} bytes {1e3 * seconds:8.2f} ms within")
blocking = sum(values[0] for (function, size), values in per_step.items() if size == "small" and function != "beat")
gradients = sum(values[1] for (function, _), values in per_step.items() if function == "overlapped-sum")
print(f"model for 2 ranks: {share:.4f} s + {blocking:.0f} messages x {1e6 * latency:.1f} us = {share + blocking * latency:.4f} s, "
      f"measured {ranks:.4f} s")
for network in networks:
    name, alpha, beta = network.rsplit(":", 2)
    for count in (2, 8, 64, 512):
        small = blocking * float(alpha) * 2 * math.ceil(math.log2(count))
        large = 2 * gradients * (count - 1) / count / float(beta)
        exposed = max(0.0, large - share / 2)  # gradients travel during the backward pass, about half of a step
        print(f"  {name}, {count:3d} ranks, a share each: {share + small + exposed:.3f} s a step, efficiency {share / (share + small + exposed):.2f} "
              f"(norms {small:.4f} s, gradients {large:.4f} s, of which not hidden {exposed:.4f} s)")
