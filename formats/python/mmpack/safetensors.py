"""Writes a bundle's tensors as one safetensors file, chunk by chunk."""

import builtins
import json
import os

from .types import PLAIN


def write_safetensors(bundle, path):
    """Tensors in the order of the bundle; the file appears whole or not at all."""
    header, offset = {}, 0
    for name, tensor in bundle.tensors.items():
        if tensor.type not in PLAIN:
            raise TypeError(f"{name}: {tensor.type} has no safetensors type")
        header[name] = {
            "dtype": tensor.type,
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + tensor.length],
        }
        offset += tensor.length
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    temporary = f"{os.fspath(path)}.partial"
    try:
        with builtins.open(temporary, "xb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for tensor in bundle.tensors.values():
                file.writelines(bundle.pieces(tensor))
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise
