"""Runs of strata-train for overhead.py, start_up.py and scaling.py: their arguments, and one start each, and what timing.csv and the operating system say of it."""
import argparse
import csv
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile

FIRST_STEPS = 3  # slower than the rest: memory is still being asked for


def arguments_parser(description, rounds):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--config", default="configs/demo.ini")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--bin", default="build/release/bin")
    parser.add_argument("options", nargs="*", help="for strata-train")
    return parser


class Run:
    def __init__(self, steps, core_seconds, start_up_seconds, log):
        self.steps, self.core_seconds, self.start_up_seconds, self.log = steps, core_seconds, start_up_seconds, log

    def step(self):
        return statistics.median(self.steps[FIRST_STEPS:])


def train(binary, ranks, options, prepare=None, exports=(), folder=None):
    """One start of a run; without `folder` of a new one that is removed afterwards. `prepare` gets its directory first."""
    temporary = folder or tempfile.mkdtemp(prefix="strata-bench-")
    run = os.path.join(temporary, "run")
    try:
        if prepare:
            prepare(run)
        environment = dict(os.environ, OMP_NUM_THREADS="1", OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                           OMPI_MCA_mpi_yield_when_idle="1")
        command = ["mpirun", "-q", "-n", str(ranks), "--oversubscribe", "--bind-to", "none"]
        for export in exports:
            command += ["-x", export]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command + [binary, "--run", run, *options], env=environment, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        with open(os.path.join(run, "timing.csv")) as file:
            steps = [float(row["seconds"]) for row in csv.DictReader(file) if row["seconds"]]
        with open(os.path.join(run, "run.json")) as file:
            start_up = json.load(file)["starts"][-1]["start_up_seconds"]
        cores = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Run(steps, cores, start_up, done.stderr)
    finally:
        if not folder:
            shutil.rmtree(temporary, ignore_errors=True)
