"""The same inference as bench/inference.cpp by the public reference (NVIDIA/semantic-segmentation, commit 7726b14), in the same
dialogue. What it imports and a CPU has not (apex, runx) is replaced by stand-ins that do nothing; the network is the checkout's own.

    reference_inference.py CHECKOUT [height=256 width=512 threads=2 precision=fp32|bf16 layout=nchw|nhwc]
"""
import sys
import time

import torch

from reference_on_cpu import arguments, prepare, resident

checkout, given = arguments({"height": "256", "width": "512", "threads": "2", "precision": "fp32", "layout": "nchw"})

cfg = prepare(checkout)
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
    begun, on_cores = time.monotonic(), time.process_time()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=given["precision"] == "bf16"):
        pred = network({"images": images})["pred"]
    print(f"{time.monotonic() - begun:.4f} {time.process_time() - on_cores:.4f} {pred.float().mean().item():.6f}", flush=True)
print(f"{resident('VmHWM') - base:.1f}", flush=True)
