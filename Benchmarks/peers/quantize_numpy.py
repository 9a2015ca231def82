"""Quantizes every matrix of a safetensors file to Q4_0 with the `gguf` package's numpy quantizer and writes the bytes.

    quantize_numpy.py MODEL.safetensors OUT
"""
import json
import struct
import sys

import gguf
import numpy


def main(source, target):
    with open(source, "rb") as file, open(target, "wb") as out:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        for entry in header.values():
            begin, end = entry["data_offsets"]
            file.seek(8 + length + begin)
            raw = file.read(end - begin)
            if len(entry["shape"]) < 2:
                out.write(raw)
                continue
            values = (numpy.frombuffer(raw, numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)
            out.write(gguf.quants.quantize(values.reshape(entry["shape"]), gguf.GGMLQuantizationType.Q4_0).tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
