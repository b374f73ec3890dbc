#!/usr/bin/env python3
"""Times a training step of programs in turn: one step of each, round by round, so that what else the machine does meets all of
them. The first one given is what the others are compared with.

    bench/training_step.py [--rounds 7] NAME COMMAND [NAME COMMAND ...]

A COMMAND answers as bench/training_step.cpp does. bench/README.md has the commands of BENCHMARKS.md.
"""
import argparse
import shlex
import statistics
import subprocess

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--rounds", type=int, default=7, help="timed rounds, after one that is not")
parser.add_argument("--clock", choices=["wall", "cores"], default="wall",
                    help="cores: seconds on cores, for a machine that does other things, too; give programs one thread then")
parser.add_argument("commands", nargs="+", metavar="NAME COMMAND")
arguments = parser.parse_args()
if len(arguments.commands) % 2 or arguments.rounds < 1:
    parser.error("names and commands come in pairs, and there is at least one round")


class Program:
    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.seconds = []
        self.losses = []
        self.expect("ready")

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with code {self.process.wait()}")
        return line.split()

    def expect(self, word):
        while self.answer()[:1] != [word]:
            pass

    def step(self):
        self.process.stdin.write("step\n")
        self.process.stdin.flush()
        seconds, on_cores, loss = self.answer()
        self.seconds.append(float(on_cores if arguments.clock == "cores" else seconds))
        self.losses.append(float(loss))

    def memory(self):
        self.process.stdin.close()
        return float(self.answer()[0])


programs = [Program(*pair) for pair in zip(arguments.commands[::2], arguments.commands[1::2])]
for _ in range(1 + arguments.rounds):
    for program in programs:
        program.step()
first = programs[0]
memory = [program.memory() for program in programs]
print(f"{'':24s} {'median s':>9s} {'least s':>9s} {'ratio':>7s} {'of least':>9s} {'MiB':>9s} {'ratio':>7s}   losses")
for program, mebibytes in zip(programs, memory):
    timed = program.seconds[1:]
    ratios = [mine / other for mine, other in zip(timed, first.seconds[1:])]
    print(f"{program.name:24s} {statistics.median(timed):9.3f} {min(timed):9.3f} {statistics.median(ratios):7.3f} "
          f"{min(timed) / min(first.seconds[1:]):9.3f} {mebibytes:9.0f} {mebibytes / memory[0]:7.3f}   "
          + " ".join(f"{loss:.4f}" for loss in program.losses[:3]))
