"""Sections 2, 5, 10 and 12: a bundle whose structure has been checked."""

import hashlib
import os
import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy
from xxhash import xxh3_64_intdigest

from . import codecs, manifest
from .errors import BadBundle, require
from .part import PAGE, ROW, Part, align
from .safetensors import write_safetensors
from .types import NUMPY, array_shape, block_bytes

CHUNK = 262144
SMALL = 16384


class Bundle(Mapping):
    """A mapping of tensor names to numpy arrays, in the order of the manifest; see `mmpack.open`.

    identity    hexadecimal SHA-256 that covers every bit of the bundle
    tensors     name -> what the manifest says of a tensor
    assets      name -> bytes, decoded when asked for
    manifest    the whole document, as parsed
    """

    def __init__(self, path, *, check=True):
        self.check = check
        self.parts = []
        self._checked = set()
        try:
            self._open_parts(os.fspath(path))
            first = self.parts[0]
            data = first.read(first.manifest_offset, first.manifest_length)
            require(hashlib.sha256(data).digest() == first.identity, "the manifest does not match the identity")
            self.manifest, tensors, assets = manifest.parse(data)
            self._check_parts()
            self._check_layout(tensors, assets)
        except BaseException:
            self.close()
            raise
        self.identity = first.identity.hex()
        self.tensors = MappingProxyType({tensor.name: tensor for tensor in tensors})
        self.assets = Assets(self, assets)

    # Mapping

    def __getitem__(self, name):
        """The tensor: a read-only memory map where it is raw, a decoded array where it is compact."""
        tensor = self.tensors[name]
        dtype = numpy.dtype(NUMPY.get(tensor.type, "<u1"))
        shape = array_shape(tensor.type, tensor.shape, tensor.length)
        if tensor.length == 0:
            return numpy.empty(shape, dtype)
        if tensor.encoding == "compact" or self._is_crossing(tensor):
            data = numpy.frombuffer(b"".join(self.pieces(tensor)), numpy.uint8)
            self._compare(tensor, [data])
            return data.view(dtype).reshape(shape)
        part = self.parts[tensor.part - 1]
        row = part.rows[tensor.first_chunk]
        data = numpy.memmap(part.path, numpy.uint8, "r", row.offset, (tensor.length,))
        if self.check and name not in self._checked:
            self._compare(tensor, [data])
            self._checked.add(name)
        return data.view(dtype).reshape(shape)

    def __iter__(self):
        return iter(self.tensors)

    def __len__(self):
        return len(self.tensors)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Closes the files; memory maps that were given out stay valid."""
        for part in self.parts:
            part.file.close()

    def float32(self, name):
        """The values of a floating-point tensor as f32: exact for BF16, F16 and F32, rounded for F64."""
        kind, array = self.tensors[name].type, self[name]
        if kind == "BF16":
            return (array.astype("<u4") << numpy.uint32(16)).view("<f4")
        if kind not in ("F16", "F32", "F64"):
            raise TypeError(f"{name}: {kind} is not decoded to f32 here")
        return array.astype("<f4")

    def pieces(self, tensor):
        """The logical bytes of a tensor, chunk by chunk, over the ends of parts."""
        number, index = tensor.part, tensor.first_chunk
        for _ in range(tensor.chunk_count):
            while index == self.parts[number - 1].chunk_count:
                number, index = number + 1, 0
            yield self._chunk(number, index, tensor.type, tensor.encoding == "raw")
            index += 1

    def verify(self):
        """Proves every byte (section 12); raises BadBundle at the first that is not what the identity says."""
        for part, start, end in self._gaps:
            for offset in range(start, end, CHUNK):
                zeros = part.read(offset, min(CHUNK, end - offset))
                require(not any(zeros), f"{part.path}: a byte between {start} and {end} is not zero")
        for tensor in self.tensors.values():
            self._compare(tensor, self.pieces(tensor))
        for name in self.assets:
            self.assets[name]

    def to_safetensors(self, path):
        """Writes all tensors under their bundle names; quantized ones have no safetensors type and raise TypeError."""
        write_safetensors(self, path)

    # Checks at the door

    def _open_parts(self, path):
        self.parts.append(first := Part(path))
        if first.count > 1:
            match = re.fullmatch(r"(.*)-(\d{5})-of-(\d{5})\.mmpack", path, re.DOTALL)
            require(match and int(match[2]) == first.number and int(match[3]) == first.count, f"{path}: wrong name")
            first.file.close()
            self.parts.clear()
            for number in range(1, first.count + 1):
                self.parts.append(Part(f"{match[1]}-{number:05}-of-{first.count:05}.mmpack"))
        for number, part in enumerate(self.parts, 1):
            require(part.identity == first.identity, f"{part.path}: a part of another bundle")
            require((part.number, part.count) == (number, len(self.parts)), f"{part.path}: wrong part number")

    def _check_parts(self):
        require(len(self.manifest["parts"]) == len(self.parts), "manifest: wrong number of parts")
        for stated, part in zip(self.manifest["parts"], self.parts):
            found = (part.table_offset, part.chunk_count, part.table_digest.hex())
            require(
                (stated["chunkTableOffset"], stated["chunkCount"], stated["chunkTableSha256"]) == found,
                f"{part.path}: the manifest says otherwise of the chunk table",
            )

    def _check_layout(self, tensors, assets):
        """Every chunk is where section 5 puts it; `self._gaps` keeps what must be zero."""
        self._gaps, self._ends, self._used = [], [PAGE] * len(self.parts), [0] * len(self.parts)
        lowest = 1 if len(self.parts) == 1 else 2
        for tensor in tensors:
            require(lowest <= tensor.part <= len(self.parts), f"{tensor.name}: part {tensor.part}")
            lowest = self._place(tensor)
        for asset in assets:
            require(asset.chunk == self._used[0], f"{asset.name}: chunk")
            self._take(1, 64, asset.byte_count, (codecs.RAW,) if asset.encoding == "raw" else (codecs.ZSTD,))
        for part, end, count in zip(self.parts, self._ends, self._used):
            require(part.chunk_count == count, f"{part.path}: chunks that nothing uses")
            require(part.table_offset == align(end, 64), f"{part.path}: misplaced chunk table")
            self._gaps.append((part, end, part.table_offset))
            if part.number == 1:
                self._gaps.append((part, part.table_offset + ROW.size * count, part.manifest_offset))

    def _place(self, tensor):
        """Checks the rows of a tensor; returns the part that it ends in."""
        number, name, length = tensor.part, tensor.name, tensor.length
        require(tensor.first_chunk == self._used[number - 1], f"{name}: first chunk")
        compact = tensor.encoding == "compact"
        codecs_of_type = codecs.allowed(tensor.type)
        require(not compact or codecs_of_type and length >= SMALL, f"{name}: may not be compact")
        size = CHUNK - CHUNK % block_bytes(tensor.type)
        require(tensor.chunk_count == -(-length // size), f"{name}: number of chunks")
        first = True
        for start in range(0, length, size):
            # The rest of a tensor that has begun lies in the parts that follow.
            while start and number < len(self.parts) and self._used[number - 1] == self.parts[number - 1].chunk_count:
                number, first = number + 1, True
            if compact:
                alignment, allowed = 4096 if first else 64, (codecs.RAW, *codecs_of_type)
            else:
                alignment, allowed = (64 if length < SMALL else 16384) if first else 1, (codecs.RAW,)
            row = self._take(number, alignment, min(size, length - start), allowed)
            require(compact or row.sha256 == bytes(32), f"{name}: a chunk of a raw tensor has a SHA-256")
            first = False
        return number

    def _is_crossing(self, tensor):
        return tensor.first_chunk + tensor.chunk_count > self.parts[tensor.part - 1].chunk_count

    def _take(self, number, alignment, logical, allowed):
        part, index = self.parts[number - 1], self._used[number - 1]
        require(index < part.chunk_count, f"{part.path}: too few chunks")
        row, where = part.rows[index], f"{part.path}: chunk {index}"
        reserved = codecs.RESERVED.get(row.codec)
        require(reserved is None, f"{where}: codec {reserved} belongs to a later version")
        require(row.codec in allowed and row.reserved == 0, f"{where}: codec {row.codec}")
        require(row.offset == align(self._ends[number - 1], alignment), f"{where}: misplaced")
        require(row.logical == logical, f"{where}: wrong length")
        whole = row.stored == logical if row.codec == codecs.RAW else 0 < row.stored < logical
        require(whole, f"{where}: wrong stored length")
        require(row.offset + row.stored <= part.length, f"{where}: ends behind the file")
        self._gaps.append((part, self._ends[number - 1], row.offset))
        self._ends[number - 1], self._used[number - 1] = row.offset + row.stored, index + 1
        return row

    # Stored bytes

    def _chunk(self, number, index, kind, is_raw=False):
        """The logical bytes of a chunk, its stored bytes checked; of a raw tensor's against XXH3 alone."""
        part = self.parts[number - 1]
        row, where = part.rows[index], f"{part.path}: chunk {index}"
        data = part.read(row.offset, row.stored)
        require(is_raw or hashlib.sha256(data).digest() == row.sha256, f"{where}: wrong SHA-256")
        require(xxh3_64_intdigest(data) == row.xxh3, f"{where}: wrong XXH3")
        try:
            return codecs.decode(row.codec, data, row.logical, kind)
        except BadBundle as error:
            raise BadBundle(f"{where}: {error}") from error

    def _asset(self, asset):
        data = self._chunk(1, asset.chunk, None)
        require(hashlib.sha256(data).hexdigest() == asset.sha256, f"{asset.name}: wrong SHA-256")
        return data

    @staticmethod
    def _compare(tensor, pieces):
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        require(digest.hexdigest() == tensor.sha256, f"{tensor.name}: wrong SHA-256")


class Assets(Mapping):
    """The assets of a bundle by name, decoded when asked for."""

    def __init__(self, bundle, assets):
        self._bundle = bundle
        self._assets = {asset.name: asset for asset in assets}

    def __getitem__(self, name):
        return self._bundle._asset(self._assets[name])

    def __iter__(self):
        return iter(self._assets)

    def __len__(self):
        return len(self._assets)
