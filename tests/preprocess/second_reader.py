"""Runs the reader that lib/data/FORMAT.md gives to strangers, and compares what it reads with the raw files: FORMAT.md DATASET RAW."""
import json
import re
import sys

import h5py
import numpy
from PIL import Image

description, dataset, raw = sys.argv[1:4]
code = re.search(r"```python\n(.*?)```", open(description).read(), re.S).group(1)
namespace = {}
exec(code.split("\nfor name, frame")[0], namespace)  # without its last loop, which prints

equal = 0
for split in ("train", "val"):
    for name, frame, raw_labels in namespace["samples"](dataset, split):
        stem = name.removesuffix("_leftImg8bit")
        wanted = numpy.asarray(Image.open(f"{raw}/leftImg8bit/{split}/{name}.png"))
        wanted_labels = numpy.asarray(Image.open(f"{raw}/gtFine/{split}/{stem}_gtFine_labelIds.png"))
        assert numpy.array_equal(frame, wanted), name
        assert numpy.array_equal(raw_labels, wanted_labels), name
        equal += 1

shards = [shard for split in json.load(open(f"{dataset}/manifest.json"))["splits"].values() for shard in split["shards"]]
digests = {shard["index_sha256"] for shard in shards}
assert len(digests) == len(shards), "two shards have one index"
for shard in shards:
    with h5py.File(f"{dataset}/{shard['file']}") as file:
        assert namespace["index_sha256"](file) == shard["index_sha256"], shard["file"]
print(f"{equal} frames and their labels are equal; {len(shards)} shards are the manifest's")
