"""The public reference (NVIDIA/semantic-segmentation, commit 7726b14) on a CPU: what it imports and a CPU has not (apex, runx) is
replaced by stand-ins that do nothing; network and loss are the checkout's own."""
import sys
import types

import numpy
import torch


def arguments(defaults):
    """Checkout and key=value arguments of the command line over `defaults`."""
    given = dict(defaults)
    for argument in sys.argv[2:]:
        key, value = argument.split("=")
        if key not in given:
            sys.exit(f"unknown argument {argument}")
        given[key] = value
    return sys.argv[1], given


def resident(key):
    """MiB of VmRSS: or VmHWM: of this process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(key)) / 1024


def stand_in(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module
    return module


class Nothing:
    def __getattr__(self, name):
        return lambda *arguments, **keywords: None


class Amp:
    float_function = staticmethod(lambda function: function)


def prepare(checkout):
    """Makes the checkout importable; returns its configuration, for 19 classes."""
    numpy.int = int
    sys.path.insert(0, checkout)
    parallel = stand_in("apex.parallel", SyncBatchNorm=torch.nn.SyncBatchNorm)
    stand_in("apex", amp=Amp, parallel=parallel)
    stand_in("runx")
    stand_in("runx.logx", logx=Nothing())
    stand_in("utils.misc", fmt_scale=lambda prefix, scale: f"{prefix}_{str(float(scale)).replace('.', '')}x")
    from config import cfg

    cfg.MODEL.BNFUNC = torch.nn.BatchNorm2d
    cfg.DATASET.NUM_CLASSES = 19
    cfg.OPTIONS.TORCH_VERSION = 2.11
    return cfg
