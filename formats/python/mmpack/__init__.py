"""Reads mmpack bundles: `mmpack.open(path)` gives a mapping of tensor names to numpy arrays."""

from .bundle import Bundle
from .errors import BadBundle

__all__ = ["BadBundle", "Bundle", "open"]


def open(path, *, check=True):
    """Opens a bundle by its file, or by any file of its set.

    The structure is checked before this returns; weights are read when they are asked for. With `check`, the SHA-256 of
    a raw tensor is compared when it is first asked for; compact tensors and assets are always compared.

    Raises BadBundle if the bundle breaks a rule of formats/mmpack.md, OSError if a file cannot be read.
    """
    return Bundle(path, check=check)
