#!/usr/bin/env python3
"""A second reader of mmpack bundles, written from formats/mmpack.md alone.

    mmpack_reader.py list BUNDLE             names, types, shapes, encodings, digests
    mmpack_reader.py verify BUNDLE           proves every byte; exits with 1 at the first defect
    mmpack_reader.py extract BUNDLE DIR      writes each tensor's logical bytes to DIR/<index>.bin, assets by name

Python's standard library reads raw bundles; compact tensors and compressed assets need the package `zstandard`, and
XXH3 is checked where `xxhash` is installed (SHA-256 always is).
"""

import hashlib
import json
import os
import re
import struct
import sys

MAGIC = bytes([0x89, 0x4D, 0x4D, 0x50, 0x0D, 0x0A, 0x1A, 0x0A])
PAGE = 16384
ROW = struct.Struct("<QQQIIQ32s")
CHUNK = 262144
CODECS = {0: "raw", 1: "zHUF", 4: "zstd"}
RESERVED = {2: "rANS", 3: "h4"}
PLANES = {"BF16": (1, 2), "F16": (1, 2), "F32": (2, 4), "F64": (3, 8)}

# Elements and bytes of a block (section 8).
PLAIN = {
    **dict.fromkeys("BOOL U8 I8 F8_E4M3 F8_E5M2 F8_E4M3FNUZ F8_E5M2FNUZ F8_E8M0".split(), (1, 1)),
    "F4": (2, 1), "F6_E2M3": (4, 3), "F6_E3M2": (4, 3),
    **dict.fromkeys("I16 U16 F16 BF16".split(), (1, 2)),
    **dict.fromkeys("I32 U32 F32".split(), (1, 4)),
    **dict.fromkeys("I64 U64 F64 C64".split(), (1, 8)),
}
QUANTIZED = {
    "Q4_0": (32, 18), "IQ4_NL": (32, 18), "Q4_1": (32, 20), "Q5_0": (32, 22), "Q5_1": (32, 24), "Q8_0": (32, 34),
    "Q8_1": (32, 36), "Q2_K": (256, 84), "Q3_K": (256, 110), "IQ3_S": (256, 110), "Q4_K": (256, 144),
    "Q5_K": (256, 176), "Q6_K": (256, 210), "Q8_K": (256, 292), "IQ2_XXS": (256, 66), "TQ2_0": (256, 66),
    "IQ2_XS": (256, 74), "IQ3_XXS": (256, 98), "IQ1_S": (256, 50), "IQ2_S": (256, 82), "IQ4_XS": (256, 136),
    "IQ1_M": (256, 56), "TQ1_0": (256, 54), "MXFP4": (32, 17), "NVFP4": (64, 36), "Q1_0": (128, 18),
    "Q2_0": (64, 18),
}
MEMBERS = set("format version model components tensors assets provenance ledger parts".split())
TENSOR = set("name type shape role component encoding part firstChunk chunkCount sha256".split())
ASSET = set("name byteCount encoding chunk sha256".split())
PART = set("chunkTableOffset chunkCount chunkTableSha256".split())


class BadBundle(Exception):
    """The bundle breaks a rule of the specification."""


def require(condition, message):
    if not condition:
        raise BadBundle(message)


def align(value, alignment):
    return (value + alignment - 1) // alignment * alignment


def unique(pairs):
    members = dict(pairs)
    require(len(members) == len(pairs), "manifest: a name occurs twice in an object")
    return members


def is_count(value):
    return type(value) is int and 0 <= value < 2**63


def logical_length(kind, shape):
    elements = 1
    for dimension in shape:
        elements *= dimension
    if kind in QUANTIZED:
        block, size = QUANTIZED[kind]
        columns = shape[-1] if shape else 1
        return 0 if elements == 0 else elements // columns * -(-columns // block) * size
    block, size = PLAIN[kind]
    require(elements % block == 0, "the shape does not fill whole blocks")
    return elements // block * size


class Part:
    """One file, its header page checked."""

    def __init__(self, path):
        self.path = path
        self.file = open(path, "rb")
        self.length = os.fstat(self.file.fileno()).st_size
        page = self.read(0, min(PAGE, self.length))
        require(page[:8] == MAGIC, f"{path}: not an mmpack bundle")
        require(len(page) == PAGE, f"{path}: shorter than a header page")
        version, page_length, self.number, self.count = struct.unpack_from("<4I", page, 8)
        require(version == 1, f"{path}: format version {version}")
        require(hashlib.sha256(page[:-32]).digest() == page[-32:], f"{path}: damaged header page")
        stated, self.table_offset, self.chunk_count, self.manifest_offset, self.manifest_length = struct.unpack_from(
            "<5Q", page, 24
        )
        self.identity, self.table_digest = page[64:96], page[96:128]
        require(page_length == PAGE and not any(page[128:-32]), f"{path}: damaged header page")
        require(stated == self.length, f"{path}: {self.length} bytes; the header says {stated}")
        require(1 <= self.number <= self.count <= 99999, f"{path}: part {self.number} of {self.count}")
        table_end = self.table_offset + ROW.size * self.chunk_count
        require(self.table_offset % 64 == 0 and PAGE <= self.table_offset, f"{path}: misplaced chunk table")
        require(table_end <= self.length, f"{path}: the chunk table ends behind the file")
        if self.number == 1:
            require(self.manifest_offset == align(table_end, 64), f"{path}: misplaced manifest")
            require(self.manifest_offset + self.manifest_length == self.length, f"{path}: bytes behind the manifest")
        else:
            require(self.manifest_offset == self.manifest_length == 0, f"{path}: a manifest in part {self.number}")
            require(table_end == self.length, f"{path}: bytes behind the chunk table")
        table = self.read(self.table_offset, ROW.size * self.chunk_count)
        require(hashlib.sha256(table).digest() == self.table_digest, f"{path}: damaged chunk table")
        self.rows = list(ROW.iter_unpack(table))

    def read(self, offset, length):
        self.file.seek(offset)
        data = self.file.read(length)
        require(len(data) == length, f"{self.path}: ends early")
        return data


class Bundle:
    """A bundle whose structure has been checked; tensors are decoded on request."""

    def __init__(self, path):
        first = Part(path)
        self.parts = [first]
        if first.count > 1:
            match = re.fullmatch(r"(.*)-(\d{5})-of-(\d{5})\.mmpack", path)
            require(match and int(match[2]) == first.number and int(match[3]) == first.count, f"{path}: wrong name")
            names = [f"{match[1]}-{number:05}-of-{first.count:05}.mmpack" for number in range(1, first.count + 1)]
            self.parts = [Part(name) for name in names]
        for number, part in enumerate(self.parts, 1):
            require(part.identity == first.identity, f"{part.path}: a part of another bundle")
            require((part.number, part.count) == (number, len(self.parts)), f"{part.path}: wrong part number")
        data = self.parts[0].read(self.parts[0].manifest_offset, self.parts[0].manifest_length)
        require(len(data) <= 100_000_000, "the manifest is too long")
        require(hashlib.sha256(data).digest() == first.identity, "the manifest does not match the identity")
        try:
            self.manifest = json.loads(data.decode("utf-8"), object_pairs_hook=unique)
        except ValueError as error:
            raise BadBundle(f"manifest: {error}") from error
        self.check_manifest()
        self.check_layout()

    def check_manifest(self):
        manifest = self.manifest
        require(isinstance(manifest, dict) and set(manifest) == MEMBERS, "manifest: missing or unknown members")
        require(manifest["format"] == "mmpack" and is_count(manifest["version"]), "manifest: wrong format or version")
        require(manifest["version"] == 1, "manifest: wrong version")
        for name in ("model", "provenance", "ledger"):
            require(isinstance(manifest[name], dict), f"manifest: {name} is not an object")
        require(len(manifest["parts"]) == len(self.parts), "manifest: wrong number of parts")
        for stated, part in zip(manifest["parts"], self.parts):
            require(set(stated) == PART, "manifest: missing or unknown members of a part")
            found = (part.table_offset, part.chunk_count, part.table_digest.hex())
            require(
                (stated["chunkTableOffset"], stated["chunkCount"], stated["chunkTableSha256"]) == found,
                f"{part.path}: the manifest says otherwise of the chunk table",
            )
        for tensor in manifest["tensors"]:
            require(set(tensor) - {"source"} == TENSOR, "manifest: missing or unknown members of a tensor")
            require(tensor["type"] in PLAIN or tensor["type"] in QUANTIZED, f"unknown type {tensor['type']!r}")
            require(len(tensor["shape"]) <= 64 and all(map(is_count, tensor["shape"])), f"{tensor['name']}: shape")
            require(tensor["encoding"] in ("raw", "compact"), f"{tensor['name']}: encoding")
            require(re.fullmatch("[0-9a-f]{64}", tensor["sha256"]), f"{tensor['name']}: sha256")
        for asset in manifest["assets"]:
            require(set(asset) == ASSET, "manifest: missing or unknown members of an asset")
            name = asset["name"]
            require(0 < len(name.encode()) <= 255 and name not in (".", ".."), f"asset {name!r}")
            require(not re.search(r"[/\\\x00-\x1f\x7f]", name), f"asset {name!r}")
        for kind in ("tensors", "assets"):
            names = [entry["name"] for entry in manifest[kind]]
            require(len(set(names)) == len(names), f"manifest: two {kind} of one name")
        components = list(dict.fromkeys(tensor["component"] for tensor in manifest["tensors"]))
        require(manifest["components"] == components, "manifest: components are not those of the tensors")

    def check_layout(self):
        """Every chunk is where the format puts it; `self.gaps` keeps what must be zero."""
        self.gaps, ends, used = [], [PAGE] * len(self.parts), [0] * len(self.parts)

        def take(number, alignment, logical, codecs):
            part, index = self.parts[number - 1], used[number - 1]
            require(index < part.chunk_count, f"{part.path}: too few chunks")
            offset, stored, stated, codec, reserved, _, _ = part.rows[index]
            where = f"{part.path}: chunk {index}"
            require(codec not in RESERVED, f"{where}: codec {RESERVED.get(codec)} belongs to a later version")
            require(codec in codecs and reserved == 0, f"{where}: codec {codec}")
            require(offset == align(ends[number - 1], alignment), f"{where}: misplaced")
            require(stated == logical, f"{where}: wrong length")
            require(stored == logical if codec == 0 else 0 < stored < logical, f"{where}: wrong stored length")
            self.gaps.append((part, ends[number - 1], offset))
            ends[number - 1], used[number - 1] = offset + stored, index + 1

        lowest = 1 if len(self.parts) == 1 else 2
        for tensor in self.manifest["tensors"]:
            number, name = tensor["part"], tensor["name"]
            require(is_count(number) and lowest <= number <= len(self.parts), f"{name}: part {number}")
            lowest = number
            length = logical_length(tensor["type"], tensor["shape"])
            require(tensor["firstChunk"] == used[number - 1], f"{name}: first chunk")
            if tensor["encoding"] == "compact":
                require(tensor["type"] in PLANES and length >= 16384, f"{name}: may not be compact")
                for start in range(0, length, CHUNK):
                    take(number, 64 if start else 4096, min(CHUNK, length - start), (0, 1))
            elif length > 0:
                take(number, 64 if length < 16384 else 16384, length, (0,))
                row = self.parts[number - 1].rows[used[number - 1] - 1]
                require(row[6].hex() == tensor["sha256"], f"{name}: two digests")
            require(tensor["chunkCount"] == used[number - 1] - tensor["firstChunk"], f"{name}: number of chunks")
        for asset in self.manifest["assets"]:
            require(asset["chunk"] == used[0], f"{asset['name']}: chunk")
            take(1, 64, asset["byteCount"], (0,) if asset["encoding"] == "raw" else (4,))
        for part, end, count in zip(self.parts, ends, used):
            require(part.chunk_count == count, f"{part.path}: chunks that nothing uses")
            require(part.table_offset == align(end, 64), f"{part.path}: misplaced chunk table")
            self.gaps.append((part, end, part.table_offset))
            if part.number == 1:
                self.gaps.append((part, part.table_offset + ROW.size * count, part.manifest_offset))

    def chunk(self, number, index, split=None):
        """The logical bytes of a chunk, its stored bytes checked."""
        part = self.parts[number - 1]
        offset, stored, logical, codec, _, xxh3, digest = part.rows[index]
        data = part.read(offset, stored)
        where = f"{part.path}: chunk {index}"
        require(hashlib.sha256(data).digest() == digest, f"{where}: wrong SHA-256")
        require(xxh3_of(data) in (None, xxh3), f"{where}: wrong XXH3")
        if codec == 0:
            return data
        return frame(data, logical) if codec == 4 else zhuf(data, logical, *split)

    def pieces(self, tensor):
        split = PLANES.get(tensor["type"])
        for index in range(tensor["firstChunk"], tensor["firstChunk"] + tensor["chunkCount"]):
            yield self.chunk(tensor["part"], index, split)

    def asset(self, asset):
        data = self.chunk(1, asset["chunk"])
        require(hashlib.sha256(data).hexdigest() == asset["sha256"], f"{asset['name']}: wrong SHA-256")
        return data

    def verify(self):
        for part, start, end in self.gaps:
            require(not any(part.read(start, end - start)), f"{part.path}: a byte between {start} and {end} is not zero")
        for tensor in self.manifest["tensors"]:
            digest = hashlib.sha256()
            for piece in self.pieces(tensor):
                digest.update(piece)
            require(digest.hexdigest() == tensor["sha256"], f"{tensor['name']}: wrong SHA-256")
        for asset in self.manifest["assets"]:
            self.asset(asset)


def xxh3_of(data):
    try:
        import xxhash
    except ImportError:
        return None
    return xxhash.xxh3_64_intdigest(data)


def frame(data, length):
    """Section 9.1: one frame, all of the bytes, the content size stated."""
    try:
        import zstandard
    except ImportError:
        sys.exit("mmpack_reader: this bundle needs the Python package zstandard")

    require(zstandard.get_frame_parameters(data).content_size == length, "zstd frame of another length")
    decoder = zstandard.ZstdDecompressor().decompressobj()
    output = decoder.decompress(data)
    require(decoder.eof and not decoder.unused_data and len(output) == length, "zstd frame of another length")
    return output


def zhuf(data, length, split, planes):
    """Section 9.2."""
    count, start = length // planes, 4 + 4 * planes
    require(len(data) >= start and data[:4] == bytes([split, planes, 0, 0]), "zHUF: damaged header")
    lengths = struct.unpack_from(f"<{planes}I", data, 4)
    require(start + sum(lengths) == len(data) and max(lengths) <= count, "zHUF: wrong lengths of planes")
    words = bytearray(length)
    for plane, stored in enumerate(lengths):
        part = data[start : start + stored]
        words[planes - 1 - plane :: planes] = part if stored == count else frame(part, count)
        start += stored
    bits = 8 * planes
    format = f"<{count}{'_BH_I___Q'[planes]}"
    return struct.pack(format, *(word >> 1 | (word & 1) << (bits - 1) for word in struct.unpack(format, words)))


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("list", "verify", "extract"):
        print(__doc__, file=sys.stderr)
        return 64
    bundle = Bundle(arguments[1])
    manifest = bundle.manifest
    if arguments[0] == "list":
        print("identity", bundle.parts[0].identity.hex())
        for tensor in manifest["tensors"]:
            print(tensor["name"], tensor["type"], tensor["shape"], tensor["encoding"], tensor["sha256"])
        for asset in manifest["assets"]:
            print("asset", asset["name"], asset["byteCount"], asset["sha256"])
    elif arguments[0] == "verify":
        bundle.verify()
        print(f"{len(manifest['tensors'])} tensors and {len(manifest['assets'])} assets are what the identity says")
    else:
        os.makedirs(arguments[2], exist_ok=True)
        for index, tensor in enumerate(manifest["tensors"]):
            with open(os.path.join(arguments[2], f"{index}.bin"), "wb") as file:
                file.writelines(bundle.pieces(tensor))
        for asset in manifest["assets"]:
            with open(os.path.join(arguments[2], asset["name"]), "wb") as file:
                file.write(bundle.asset(asset))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BadBundle as error:
        print(f"mmpack_reader: {error}", file=sys.stderr)
        sys.exit(1)
