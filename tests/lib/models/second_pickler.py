"""PyTorch itself as the second writer and reader: `write DIR` makes files of every form, `compare DIR` holds what Strata made of them
(NAME.safetensors of NAME, NAME.again of a .safetensors) against them, bit for bit."""
import collections
import pathlib
import sys

import numpy
import safetensors.torch
import torch

TYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8,
         torch.bool]


def contents():
    torch.manual_seed(1)
    of_types = {str(t): (torch.randn(3, 5) * 50).abs().to(t) for t in TYPES}
    base = torch.randn(4, 6)
    views = {"transposed": base.t(), "column": base[:, 2], "row": base[1], "strided": base[::2, 1::2], "whole": base,
             "scalar": torch.tensor(2.5), "empty": torch.empty(3, 0, 2), "parameter": torch.nn.Parameter(base.clone()),
             "channels_last": torch.randn(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)}
    special = {"special": torch.tensor([float("nan"), float("inf"), -0.0, 1e-45, 3.4e38])}
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Conv2d(4, 2, 1)).state_dict()
    prefixed = collections.OrderedDict(("module." + name, tensor) for name, tensor in network.items())
    names = [name for name in prefixed if "running" not in name and "num_batches" not in name]
    checkpoint = {"epoch": 7, "arch": "ocrnet.HRNet", "num_classes": 2, "state_dict": prefixed, "mean_iu": numpy.float64(0.25),
                  "command": "--a b\n", "empty": [], "nothing": None, "pair": (1, 2.5), "large": 2**40, "negative": -3,
                  "optimizer": {"state": {i: {"momentum_buffer": torch.randn_like(prefixed[n])} for i, n in enumerate(names)},
                                "param_groups": [{"lr": 0.1, "momentum": 0.9, "dampening": 0, "weight_decay": 0.0, "nesterov": False,
                                                  "params": list(range(len(names)))}]}}
    return {"types": of_types, "views": views, "special": special, "network": network, "checkpoint": checkpoint}


def write(directory):
    for name, content in contents().items():
        torch.save(content, directory / f"{name}_zip.pth")
        torch.save(content, directory / f"{name}_legacy.pth", _use_new_zipfile_serialization=False)
    safetensors.torch.save_file(contents()["types"], directory / "types.safetensors", {"made by": "a test"})


def same(first, second):
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    raw = [tensor.detach().contiguous().flatten().view(torch.uint8) if tensor.numel() else torch.empty(0) for tensor in (first, second)]
    return torch.equal(*raw)


def compare(directory):
    compared = 0
    for file in sorted(directory.glob("*.pth")):
        content = torch.load(file, weights_only=False)
        if "optimizer" in content:
            names = [name for name in content["state_dict"] if "running" not in name and "num_batches" not in name]
            momenta = {f"momentum.{name}": content["optimizer"]["state"][i]["momentum_buffer"] for i, name in enumerate(names)}
            content = {**content["state_dict"], **momenta}
        made = safetensors.torch.load_file(directory / (file.name + ".safetensors"))
        assert made.keys() == content.keys(), file
        for name, tensor in content.items():
            assert same(tensor, made[name]), (file, name)
            compared += 1
    again = safetensors.torch.load_file(directory / "types.again")
    for name, tensor in safetensors.torch.load_file(directory / "types.safetensors").items():
        assert same(tensor, again[name]), name
        compared += 1
    print(compared, "tensors have the same bits")


{"write": write, "compare": compare}[sys.argv[1]](pathlib.Path(sys.argv[2]))
