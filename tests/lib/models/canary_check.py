"""Lets Python unpickle every file of a folder, each in a process and a new folder of its own, and says which left nothing there:
canary_check.py PICKLES SCRATCH."""
import argparse, bz2, cProfile, dbm.dumb, functools, gzip, logging.handlers, lzma, mailbox, operator, os, pickle, profile, pydoc, shelve
import shutil, signal, sqlite3, subprocess, sys, tarfile, tempfile, time, timeit, wave, zipfile

PATIENCE = 10  # seconds, for what runs on by itself

pickles, scratch = sys.argv[1:3]


def unpickle(file):
    signal.alarm(PATIENCE)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(silence, stream)
    try:
        pickle.load(file)
    finally:
        os._exit(0)


def leaves_something(name):
    folder = os.path.join(scratch, name)
    os.mkdir(folder)
    with open(os.path.join(pickles, name), "rb") as file:
        child = os.fork()
        if child == 0:
            os.chdir(folder)
            unpickle(file)
    os.waitpid(child, 0)
    until = time.monotonic() + PATIENCE / 10
    while not os.listdir(folder) and time.monotonic() < until:
        time.sleep(0.01)
    return bool(os.listdir(folder))


names = sorted(os.listdir(pickles))
harmless = [name for name in names if not leaves_something(name)]
print(f"{len(names) - len(harmless)} of {len(names)} are armed; harmless here: {' '.join(harmless)}")
