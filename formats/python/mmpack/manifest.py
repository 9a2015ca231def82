"""Section 7: the manifest, strictly parsed, every member of every object checked."""

import json
import re
from typing import NamedTuple

from .errors import BadBundle, require
from .types import PLAIN, QUANTIZED, logical_length

LONGEST, DEEPEST = 100_000_000, 64
MOST_TENSORS, MOST_ASSETS, MOST_ASSET_BYTES = 262_144, 1024, 536_870_912
DOCUMENT = set("format version model components tensors assets provenance ledger parts".split())
TENSOR = set("name type shape role component encoding part firstChunk chunkCount sha256".split())
ASSET = set("name byteCount encoding chunk sha256".split())
PART = set("chunkTableOffset chunkCount chunkTableSha256".split())


class Tensor(NamedTuple):
    """A tensor as the manifest has it, with the length that follows from type and shape."""

    name: str
    type: str
    shape: tuple
    role: str
    component: str
    encoding: str
    part: int
    first_chunk: int
    chunk_count: int
    sha256: str
    source: str
    length: int


class Asset(NamedTuple):
    """An asset as the manifest has it."""

    name: str
    byte_count: int
    encoding: str
    chunk: int
    sha256: str


def parse(data):
    """The document, a dict whose members have been checked for form, and its tensors and assets."""
    require(len(data) <= LONGEST, "manifest: too long")
    try:
        document = json.loads(_shallow(data.decode("utf-8")), object_pairs_hook=_unique, parse_constant=_refuse)
        json.dumps(document, ensure_ascii=False).encode("utf-8")  # a lone surrogate is no text
    except (ValueError, RecursionError) as error:
        raise BadBundle(f"manifest: {error}") from error
    require(isinstance(document, dict) and set(document) == DOCUMENT, "manifest: missing or unknown members")
    require(document["format"] == "mmpack" and _is_count(document["version"]), "manifest: wrong format or version")
    require(document["version"] == 1, "manifest: wrong version")
    for name in ("model", "provenance", "ledger"):
        require(isinstance(document[name], dict), f"manifest: {name} is not an object")
    for part in _objects(document, "parts", PART):
        counts = _is_count(part["chunkTableOffset"]) and _is_count(part["chunkCount"])
        require(counts and _is_digest(part["chunkTableSha256"]), "manifest: damaged part")
    tensors = [_tensor(entry) for entry in _objects(document, "tensors", TENSOR, {"source"})]
    assets = [_asset(entry) for entry in _objects(document, "assets", ASSET)]
    require(len(tensors) <= MOST_TENSORS and len(assets) <= MOST_ASSETS, "manifest: too many tensors or assets")
    require(sum(asset.byte_count for asset in assets) <= MOST_ASSET_BYTES, "manifest: the assets are too long")
    for kind, entries in (("tensors", tensors), ("assets", assets)):
        require(len({entry.name for entry in entries}) == len(entries), f"manifest: two {kind} of one name")
    components = list(dict.fromkeys(tensor.component for tensor in tensors))
    require(document["components"] == components, "manifest: components are not those of the tensors")
    return document, tensors, assets


def _tensor(entry):
    name, kind, shape = entry["name"], entry["type"], entry["shape"]
    require(isinstance(name, str) and 0 < len(name.encode()) <= 65535, "manifest: name of a tensor")
    require(isinstance(kind, str) and (kind in PLAIN or kind in QUANTIZED), f"{name}: unknown type {kind!r}")
    require(isinstance(shape, list) and len(shape) <= 64 and all(map(_is_count, shape)), f"{name}: shape")
    for member in ("role", "component"):
        require(isinstance(entry[member], str) and entry[member], f"{name}: {member}")
    require(entry["encoding"] in ("raw", "compact"), f"{name}: encoding")
    for member in ("part", "firstChunk", "chunkCount"):
        require(_is_count(entry[member]), f"{name}: {member}")
    require(_is_digest(entry["sha256"]), f"{name}: sha256")
    source = entry.get("source", name)
    require(isinstance(source, str) and source, f"{name}: source")
    return Tensor(
        name, kind, tuple(shape), entry["role"], entry["component"], entry["encoding"], entry["part"],
        entry["firstChunk"], entry["chunkCount"], entry["sha256"], source, logical_length(kind, shape),
    )


def _asset(entry):
    name = entry["name"]
    require(isinstance(name, str) and 0 < len(name.encode()) <= 255, "manifest: name of an asset")
    require(name not in (".", "..") and not re.search(r"[/\\\x00-\x1f\x7f]", name), f"asset {name!r}: name")
    require(entry["encoding"] in ("raw", "zstd"), f"asset {name}: encoding")
    require(_is_count(entry["byteCount"]) and _is_count(entry["chunk"]), f"asset {name}: counts")
    require(_is_digest(entry["sha256"]), f"asset {name}: sha256")
    return Asset(name, entry["byteCount"], entry["encoding"], entry["chunk"], entry["sha256"])


def _objects(document, kind, members, optional=frozenset()):
    require(isinstance(document[kind], list), f"manifest: {kind} is not an array")
    for entry in document[kind]:
        found = set(entry) - optional if isinstance(entry, dict) else None
        require(found == members, f"manifest: missing or unknown members in {kind}")
    return document[kind]


def _is_count(value):
    return type(value) is int and 0 <= value < 2**63


def _is_digest(value):
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _unique(pairs):
    members = dict(pairs)
    require(len(members) == len(pairs), "manifest: a name occurs twice in an object")
    return members


def _refuse(constant):
    raise BadBundle(f"manifest: {constant} is not JSON")


def _shallow(text):
    """The text, if its brackets outside strings are at most DEEPEST deep."""
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.DOTALL):
        token = match[0]
        depth += (token in "[{") - (token in "]}") if len(token) == 1 else 0
        require(depth <= DEEPEST, "manifest: too deep")
    return text
