#!/usr/bin/env python3
"""What ranks cost beside threads, what a step sends, and what a step takes on many nodes by a stated model (docs/scaling.md).

    bench/scaling.py --data DATA [--config configs/demo.ini] [--batch 4] [--rounds 5] [--bin build/release/bin] [-- OPTION ...]

Each round runs the same global batch on 1 rank of 2 threads and on 2 ranks of 1 thread, and a rank's share of it on each of two processes
that know nothing of each other: what the step would take if ranks were free.

The model: a step takes the compute of a share beside busy neighbours; M small sums that nothing hides, each 2 log2(P) latencies; the
time in which ranks wait at them for the slowest, which is the rest of the measured step of two and grows like the largest of P normal
numbers; and of the gradients, summed in a
ring, what does not fit into the backward pass, two thirds of a step.
"""
import concurrent.futures
import math
import os
import re
import statistics

from runs import arguments_parser, train

parser = arguments_parser(__doc__, rounds=5)
parser.add_argument("--batch", type=int, default=4, help="global batch, even")
parser.add_argument("--traffic", default="build/release/bench/libmpi_traffic.so")
parser.add_argument("--network", action="append", help="NAME:LATENCY_S:BYTES_PER_S of one message and one link")
arguments = parser.parse_args()
networks = arguments.network or ["InfiniBand HDR:2e-6:20e9", "Ethernet 10 Gb/s:25e-6:1.1e9"]
program = os.path.join(arguments.bin, "strata-train")


def options(batch, threads, epochs=1):
    return ["--config", arguments.config, "--data", arguments.data, "--loader.global_batch", str(batch), "--threads", str(threads),
            "--validation.every_epochs", "1000", "--checkpoint.every_seconds", "0", "--schedule.epochs", str(epochs), *arguments.options]


def share():
    """The median step of a process that has a rank's share, beside another one."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        both = [pool.submit(train, program, 1, options(arguments.batch // 2, 1)) for _ in range(2)]
        return statistics.mean(run.result().step() for run in both)


def expected_largest(count):
    """Of `count` standard normal numbers."""
    step, total = 0.001, 0.0
    for i in range(-6000, 6001):
        below = 0.5 * (1 + math.erf(i * step / math.sqrt(2)))
        total += i * step * count * math.exp(-(i * step) ** 2 / 2) / math.sqrt(2 * math.pi) * below ** (count - 1) * step
    return total


def traffic(epochs):
    run = train(program, 2, options(arguments.batch, 1, epochs),
                exports=[f"LD_PRELOAD={os.path.abspath(arguments.traffic)}", "STRATA_TRAFFIC_LATENCY=20000"])
    kinds = {(m[0], m[1]): [float(value) for value in m[2:]] for m in
             re.findall(r"mpi-traffic (\S+) (small|large) (\d+) (\d+)", run.log)}
    return len(run.steps), kinds, float(re.search(r"mpi-traffic latency (\S+)", run.log).group(1))


rounds = []
for _ in range(arguments.rounds):
    threads = train(program, 1, options(arguments.batch, 2)).step()
    ranks = train(program, 2, options(arguments.batch, 1)).step()
    rounds.append((threads, ranks, share()))
threads, ranks, alone = (statistics.median(column) for column in zip(*rounds))
print(f"step of {arguments.batch} images, medians of {arguments.rounds} rounds: 1 rank x 2 threads {threads:.4f} s, "
      f"2 ranks x 1 thread {ranks:.4f} s, a rank's share beside a stranger {alone:.4f} s")
print(f"2 ranks of 1 thread are {statistics.median(t / r for t, r, _ in rounds):.3f} times as fast as 1 rank of 2 threads; "
      f"{statistics.median(a / r for _, r, a in rounds):.3f} of their step is the share")

(few, first, _), (many, second, latency) = traffic(1), traffic(2)
per_step = {kind: [(b - a) / (many - few) for a, b in zip(first.get(kind, [0, 0]), values)] for kind, values in second.items()}
print("a step, of each of 2 ranks (the rest is below 0.5 messages):")
for (function, size), (messages, volume) in sorted(per_step.items()):
    if messages >= 0.5:
        print(f"  {function:15s} {size:6s} {messages:8.1f} messages {volume:12.0f} bytes")
blocking = {kind: values for kind, values in per_step.items() if kind[0] != "beat" and kind[1] == "small"}
messages = sum(values[0] for values in blocking.values())
waited = max(0.0, ranks - alone - messages * latency)
gradients = sum(values[1] for (function, _), values in per_step.items() if function == "overlapped-sum")
print(f"of the step of 2 ranks, {ranks:.4f} s: share {alone:.4f} s, {messages:.0f} messages x {1e6 * latency:.1f} us, the rest, {waited:.4f} s, "
      "is waiting for the other rank; predicted:")
for network in networks:
    name, alpha, beta = network.rsplit(":", 2)
    for count in (2, 8, 64, 512):
        small = messages * float(alpha) * 2 * math.ceil(math.log2(count))
        waiting = waited * expected_largest(count) / expected_largest(2)
        ring = 2 * gradients * (count - 1) / count / float(beta)
        exposed = max(0.0, ring - 2 * alone / 3)
        step = alone + small + waiting + exposed
        print(f"  {name}, {count:3d} ranks: {step:.3f} s, efficiency {alone / step:.2f} (small sums {small:.4f} s, waiting {waiting:.4f} s, "
              f"gradients {ring:.4f} s, of which not hidden {exposed:.4f} s)")
