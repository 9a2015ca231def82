"""python3 -m mmpack list|verify BUNDLE | extract BUNDLE FOLDER | to-safetensors BUNDLE FILE

list             identity, names, types, shapes, encodings, digests
verify           proves every byte; exits with 1 at the first defect
extract          each tensor's logical bytes as FOLDER/<index>.bin, assets by name
to-safetensors   all tensors in one file
"""

import builtins
import os
import sys

from . import BadBundle, open

ARGUMENTS = {"list": 1, "verify": 1, "extract": 2, "to-safetensors": 2}


def show(bundle):
    print("identity", bundle.identity)
    for tensor in bundle.tensors.values():
        print(tensor.name, tensor.type, list(tensor.shape), tensor.encoding, tensor.sha256)
    for name in bundle.assets:
        print("asset", name, len(bundle.assets[name]))


def verify(bundle):
    bundle.verify()
    print(f"{len(bundle)} tensors and {len(bundle.assets)} assets are what the identity says")


def extract(bundle, folder):
    os.makedirs(folder, exist_ok=True)
    for index, tensor in enumerate(bundle.tensors.values()):
        with builtins.open(os.path.join(folder, f"{index}.bin"), "wb") as file:
            file.writelines(bundle.pieces(tensor))
    for name in bundle.assets:
        with builtins.open(os.path.join(folder, name), "wb") as file:
            file.write(bundle.assets[name])


def main(arguments):
    if not arguments or ARGUMENTS.get(arguments[0]) != len(arguments) - 1:
        print(__doc__, file=sys.stderr)
        return 64
    command, path, *rest = arguments
    try:
        with open(path) as bundle:
            {"list": show, "verify": verify, "extract": extract, "to-safetensors": type(bundle).to_safetensors}[command](
                bundle, *rest
            )
    except BadBundle as error:
        print(f"mmpack: {error}", file=sys.stderr)
        return 1
    return 0


def run():
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
