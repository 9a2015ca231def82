"""Section 9: how a chunk's stored bytes become its logical bytes."""

import struct

import numpy
import zstandard

from . import rans
from .errors import require

RAW, ZHUF, RANS, ZSTD = 0, 1, 2, 4
RESERVED = {3: "h4"}
# Split id and planes of a type (section 9.2).
PLANES = {"BF16": (1, 2), "F16": (1, 2), "F32": (2, 4), "F64": (3, 8)}


def frame(data, length):
    """Section 9.1: one frame, all of the bytes, the content size stated."""
    try:
        require(zstandard.get_frame_parameters(data).content_size == length, "zstd: frame of another length")
        decoder = zstandard.ZstdDecompressor().decompressobj()
        output = decoder.decompress(data)
    except zstandard.ZstdError as error:
        require(False, f"zstd: {error}")
    require(decoder.eof and not decoder.unused_data and len(output) == length, "zstd: frame of another length")
    return output


def zhuf(data, length, split, planes):
    """Section 9.2."""
    count, start = length // planes, 4 + 4 * planes
    require(length == count * planes, "zHUF: no whole elements")
    require(len(data) >= start and data[:4] == bytes([split, planes, 0, 0]), "zHUF: damaged header")
    lengths = struct.unpack_from(f"<{planes}I", data, 4)
    require(start + sum(lengths) == len(data) and max(lengths) <= count, "zHUF: wrong lengths of planes")
    columns = numpy.empty((count, planes), numpy.uint8)
    for plane, stored in enumerate(lengths):
        part = data[start : start + stored]
        columns[:, planes - 1 - plane] = numpy.frombuffer(part if stored == count else frame(part, count), numpy.uint8)
        start += stored
    words = columns.reshape(-1).view(f"<u{planes}")
    one = words.dtype.type(1)
    return (words >> one | words << words.dtype.type(8 * planes - 1)).tobytes()


def allowed(kind):
    """The codecs that a compact tensor of type `kind` may have beside raw."""
    return (ZHUF,) * (kind in PLANES) + (RANS,) * (kind in rans.LAYOUTS)


def decode(codec, data, length, kind):
    """The logical bytes of a chunk of a tensor of type `kind`, or of an asset, where `kind` is None."""
    if codec == RAW:
        return data
    if codec == RANS:
        return rans.decode(data, length, kind, frame)
    return frame(data, length) if codec == ZSTD else zhuf(data, length, *PLANES[kind])
