"""Sections 3, 4 and 6: one file of a bundle, its header page and its chunk table."""

import builtins
import hashlib
import os
import struct
from typing import NamedTuple

from .errors import require

MAGIC = bytes([0x89, 0x4D, 0x4D, 0x50, 0x0D, 0x0A, 0x1A, 0x0A])
PAGE = 16384
ROW = struct.Struct("<QQQIIQ32s")


def align(value, alignment):
    return (value + alignment - 1) // alignment * alignment


class Row(NamedTuple):
    """A row of the chunk table."""

    offset: int
    stored: int
    logical: int
    codec: int
    reserved: int
    xxh3: int
    sha256: bytes


class Part:
    """One file, its header page and chunk table checked."""

    def __init__(self, path):
        self.path = path
        self.file = builtins.open(path, "rb")
        try:
            self._read_page()
            self._read_table()
        except BaseException:
            self.file.close()
            raise

    def _read_page(self):
        path = self.path
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

    def _read_table(self):
        path, length = self.path, ROW.size * self.chunk_count
        end = self.table_offset + length
        require(self.table_offset % 64 == 0 and PAGE <= self.table_offset, f"{path}: misplaced chunk table")
        require(end <= self.length, f"{path}: the chunk table ends behind the file")
        if self.number == 1:
            require(self.manifest_offset == align(end, 64), f"{path}: misplaced manifest")
            require(self.manifest_offset + self.manifest_length == self.length, f"{path}: bytes behind the manifest")
        else:
            require(self.manifest_offset == self.manifest_length == 0, f"{path}: a manifest in part {self.number}")
            require(end == self.length, f"{path}: bytes behind the chunk table")
        table = self.read(self.table_offset, length)
        require(hashlib.sha256(table).digest() == self.table_digest, f"{path}: damaged chunk table")
        self.rows = [Row(*fields) for fields in ROW.iter_unpack(table)]

    def read(self, offset, length):
        data = os.pread(self.file.fileno(), length, offset) if length else b""
        while len(data) < length:
            more = os.pread(self.file.fileno(), length - len(data), offset + len(data))
            require(more, f"{self.path}: ends early")
            data += more
        return data
