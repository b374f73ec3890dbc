"""The same inference as bench/inference.cpp by the public reference (NVIDIA/semantic-segmentation, commit 7726b14), in the same
dialogue. What it imports and a CPU has not (apex, runx) is replaced by stand-ins that do nothing; the network is the checkout's own.

    reference_inference.py CHECKOUT [height=256 width=512 threads=2 precision=fp32|bf16 layout=nchw|nhwc]
"""
import sys
import time
import types

import numpy
import torch

checkout = sys.argv[1]
given = {"height": "256", "width": "512", "threads": "2", "precision": "fp32", "layout": "nchw"}
for argument in sys.argv[2:]:
    key, value = argument.split("=")
    if key not in given:
        sys.exit(f"unknown argument {argument}")
    given[key] = value


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


def resident(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(key)) / 1024


numpy.int = int
sys.path.insert(0, checkout)
parallel = stand_in("apex.parallel", SyncBatchNorm=torch.nn.SyncBatchNorm)
stand_in("apex", amp=Amp, parallel=parallel)
stand_in("runx")
stand_in("runx.logx", logx=Nothing())
stand_in("utils.misc", fmt_scale=lambda prefix, scale: f"{prefix}_{str(float(scale)).replace('.', '')}x")

from config import cfg  # noqa: E402

cfg.MODEL.BNFUNC = torch.nn.BatchNorm2d
cfg.DATASET.NUM_CLASSES = 19
cfg.OPTIONS.TORCH_VERSION = 2.11
cfg.MODEL.N_SCALES = [0.5, 1.0, 2.0]
from network import hrnetv2, ocrnet  # noqa: E402

hrnetv2.HighResolutionNet.init_weights = lambda self: None
torch.set_num_threads(int(given["threads"]))
torch.manual_seed(1)
images = torch.randn(1, 3, int(given["height"]), int(given["width"]))
network = ocrnet.HRNet_Mscale(19, None)
network.eval()
if given["layout"] == "nhwc":
    network = network.to(memory_format=torch.channels_last)
    images = images.contiguous(memory_format=torch.channels_last)
with open("/proc/self/clear_refs", "w") as refs:
    refs.write("5")
base = resident("VmRSS")
print("ready", flush=True)
for line in sys.stdin:
    begun = time.monotonic()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=given["precision"] == "bf16"):
        pred = network({"images": images})["pred"]
    print(f"{time.monotonic() - begun:.4f} {pred.float().mean().item():.6f}", flush=True)
print(f"{resident('VmHWM') - base:.1f}", flush=True)
