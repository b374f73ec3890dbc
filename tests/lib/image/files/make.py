#!/usr/bin/env python3
"""Makes the files beside it: small pictures in the forms found in data sets, and what Pillow 12.0 reads in them.

good.txt: "NAME HEIGHT WIDTH SHA256", the digest of the pixels as RGB bytes. labels.txt: the same of label ids, one byte a pixel.
Everything named bad_* must be refused. Run it only to add files: python make.py
"""
import hashlib
import pathlib
import struct
import zlib

from PIL import Image

HERE = pathlib.Path(__file__).parent
HEIGHT, WIDTH = 9, 13


def level(y, x, c):
    return (37 * x + 91 * y + 53 * c + 11 * x * y) % 256


def picture(mode):
    channels = len(mode.replace("LA", "ab").replace("L", "a").replace("CMYK", "abcd"))
    data = bytes(level(y, x, c) for y in range(HEIGHT) for x in range(WIDTH) for c in range(channels))
    return Image.frombytes(mode, (WIDTH, HEIGHT), data)


def smooth():
    data = bytes(v for y in range(40) for x in range(56) for v in ((4 * x) % 256, (6 * y) % 256, (2 * x + 3 * y) % 256))
    return Image.frombytes("RGB", (56, 40), data)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth, color_type, rows, extra=b"", interlace=0, size=None):
    height, width = size or (HEIGHT, WIDTH)
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def packed(depth, values):
    bits = "".join(format(v, f"0{depth}b") for v in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def rows_of(depth, rows):
    return b"".join(b"\0" + packed(depth, row) for row in rows)


def interlaced_rows():
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    return rows_of(8, [[level(y, x, c) for x in range(x0, WIDTH, dx) for c in range(3)]
                       for y0, x0, dy, dx in passes for y in range(y0, HEIGHT, dy)])


def save(name, content, **options):
    if isinstance(content, bytes):
        (HERE / name).write_bytes(content)
    else:
        content.save(HERE / name, **options)


def note(table, names, mode):
    lines = []
    for name in names:
        image = Image.open(HERE / name)
        pixels = image.convert(mode).tobytes() if mode else image.tobytes()
        lines.append(f"{name} {image.height} {image.width} {hashlib.sha256(pixels).hexdigest()}\n")
    (HERE / table).write_text("".join(lines))


def main():
    palette = [level(0, i, c) for i in range(40) for c in range(3)]
    grey4 = [[level(y, x, 0) // 16 for x in range(WIDTH)] for y in range(HEIGHT)]
    grey1 = [[level(y, x, 0) // 128 for x in range(WIDTH)] for y in range(HEIGHT)]
    ids = picture("L").point(lambda v: v % 34)
    indexed = picture("L").point(lambda v: v % 40)
    indexed.putpalette(palette)
    few = picture("L").point(lambda v: v % 3)
    few.putpalette(palette[:9])

    save("rgb.png", picture("RGB"))
    save("rgba.png", picture("RGBA"))
    save("grey.png", picture("L"))
    save("grey_alpha.png", picture("LA"))
    save("grey_1bit.png", png(1, 0, rows_of(1, grey1)))
    save("grey_4bit.png", png(4, 0, rows_of(4, grey4)))
    save("palette.png", indexed)
    save("palette_2bit.png", few, bits=2)
    save("palette_transparent.png", indexed, transparency=bytes(range(40)))
    save("interlaced.png", png(8, 2, interlaced_rows(), interlace=1))
    save("old_profile.png", picture("RGB"), icc_profile=b"no profile at all")
    save("jpeg_420.jpg", smooth(), quality=90)
    save("jpeg_444_progressive.jpg", smooth(), quality=80, subsampling=0, progressive=True)
    save("jpeg_422_restart.jpg", smooth(), quality=70, subsampling=1, restart_marker_rows=1)
    save("jpeg_grey.jpg", smooth().convert("L"), quality=85)
    exif = Image.Exif()
    exif[0x0112] = 6
    save("jpeg_rotated.jpg", smooth(), quality=60, exif=exif)
    save("ids.png", ids)

    save("bad_cmyk.jpg", picture("CMYK"))
    save("bad_grey_16bit.png", png(16, 0, rows_of(16, [[level(y, x, 0) * 256 for x in range(WIDTH)] for y in range(HEIGHT)])))
    save("bad_rgb_16bit.png", png(16, 2, rows_of(16, [[level(y, x, c) * 256 for x in range(WIDTH) for c in range(3)] for y in range(HEIGHT)])))
    save("bad_bomb.png", png(8, 2, b"", size=(65535, 65535)))
    jpeg = bytearray((HERE / "jpeg_420.jpg").read_bytes())
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5:frame + 9] = b"\xff\xdc\xff\xdc"
    save("bad_bomb.jpg", bytes(jpeg))
    save("palette_too_short.png", png(8, 3, rows_of(8, [[7] * WIDTH] * HEIGHT), extra=chunk(b"PLTE", bytes(palette[:9]))))
    save("bad_row_missing.png", png(8, 0, rows_of(8, [[1] * WIDTH] * (HEIGHT - 1))))
    save("bad_row_too_many.png", png(8, 0, rows_of(8, [[1] * WIDTH] * (HEIGHT + 1))))
    save("bad_empty.png", b"")
    save("bad_text.jpg", b"<html>not found</html>\n")
    save("bad_header_only.jpg", bytes.fromhex("ffd8ffd9"))

    pictures = [p.name for p in sorted(HERE.glob("*.[pj][np]g")) if not p.name.startswith("bad_")]
    note("good.txt", pictures, "RGB")
    note("labels.txt", ["grey.png", "ids.png", "palette.png", "palette_too_short.png", "palette_transparent.png"], None)


main()
