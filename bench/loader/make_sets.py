"""make_sets.py FRAMES OUT: two sets of pictures grown from these frames: 4032x3024 JPEGs of quality 92 with sensor noise (3 MB and
more each), and 2048x1024 PNGs; labels beside them, and a description that strata-preprocess reads."""
import glob
import os
import sys

import numpy
from PIL import Image

frames, out = sys.argv[1:3]
files = sorted(glob.glob(f"{frames}/**/*.png", recursive=True) + glob.glob(f"{frames}/**/*.jpg", recursive=True))[:8]
random = numpy.random.default_rng(1)
description = """[dataset]
name = bench
[files]
frames = images/{name}.*
labels = labels/{name}.png
[splits]
train = train
[classes]
""" + "".join(f"class {i} = {i} : {i} {i} {i}\n" for i in range(16))


def write(kind, size, save):
    for folder in ("images", "labels"):
        os.makedirs(f"{out}/{kind}/{folder}", exist_ok=True)
    for number, file in enumerate(files):
        picture = numpy.asarray(Image.open(file).convert("RGB").resize(size, Image.BICUBIC), numpy.int16)
        noisy = numpy.clip(picture + random.normal(0, 5, picture.shape), 0, 255).astype(numpy.uint8)
        save(Image.fromarray(noisy), f"{out}/{kind}/images/{number}")
        # Regions of a few hundred pixels, as of objects.
        regions = random.integers(0, 16, (size[1] // 96 + 1, size[0] // 96 + 1), dtype=numpy.uint8)
        Image.fromarray(regions).resize(size, Image.NEAREST).save(f"{out}/{kind}/labels/{number}.png")
    with open(f"{out}/{kind}/set.ini", "w") as ini:
        ini.write(description)


write("jpeg", (4032, 3024), lambda image, name: image.save(name + ".jpg", quality=92))
write("png", (2048, 1024), lambda image, name: image.save(name + ".png"))
