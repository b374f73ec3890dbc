"""The same step as bench/training_step.cpp by the public reference (NVIDIA/semantic-segmentation, commit 7726b14), in the same
dialogue: a line on stdin, a step, seconds by the clock and on the cores, and the loss, on stdout; memory at the end. What it imports and a CPU has not (apex,
runx, .cuda()) is replaced by stand-ins that do nothing; the network and the loss are the checkout's own.

    reference_step.py CHECKOUT [key=value ...]     as training_step; also precision=bf16 (autocast), layout=nchw|nhwc
"""
import sys
import time

import torch

from reference_on_cpu import arguments, prepare, resident

checkout, given = arguments({"height": "256", "width": "256", "batch": "2", "threads": "2", "precision": "fp32", "layout": "nchw"})
torch.Tensor.cuda = lambda self, *arguments, **keywords: self
torch.nn.Module.cuda = lambda self, *arguments, **keywords: self
torch.cuda.DoubleTensor = torch.DoubleTensor

cfg = prepare(checkout)
cfg.LOSS.SUPERVISED_MSCALE_WT = 0
from loss.rmi import RMILoss  # noqa: E402
from network import hrnetv2, ocrnet  # noqa: E402

hrnetv2.HighResolutionNet.init_weights = lambda self: None
torch.set_num_threads(int(given["threads"]))
torch.manual_seed(1)
samples, height, width = (int(given[key]) for key in ("batch", "height", "width"))
images = (torch.randint(256, (samples, 3, height, width)).float() / 255 - 0.45) / 0.225
labels = torch.randint(21, (samples, height // 16, width // 16)).repeat_interleave(16, 1).repeat_interleave(16, 2)
labels[labels >= 19] = 255
base = resident("VmHWM")

network = ocrnet.HRNet_Mscale(19, RMILoss(num_classes=19, ignore_index=255))
network.train()
if given["layout"] == "nhwc":
    network = network.to(memory_format=torch.channels_last)
    images = images.contiguous(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9, weight_decay=1e-4)
print("ready", flush=True)
for line in sys.stdin:
    begun, on_cores = time.monotonic(), time.process_time()
    optimizer.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=given["precision"] == "bf16"):
        loss = network({"images": images, "gts": labels})
    loss.backward()
    optimizer.step()
    print(f"{time.monotonic() - begun:.4f} {time.process_time() - on_cores:.4f} {loss.item():.6f}", flush=True)
state = 3 * 4 * sum(parameter.numel() for parameter in network.parameters()) / 2**20
print(f"{resident('VmHWM') - base - state:.1f}", flush=True)
