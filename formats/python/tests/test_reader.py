"""The conformance vectors, and what the mapping gives. python3 -m unittest discover -s formats/python/tests"""

import hashlib
import json
import struct
import tempfile
import unittest
from pathlib import Path

import mmpack
import numpy

VECTORS = Path(__file__).resolve().parents[3] / "fixtures" / "bundles"


class Conformance(unittest.TestCase):
    def test_takes_every_good_bundle(self):
        expectations = sorted(VECTORS.glob("good/*.json"))
        self.assertGreaterEqual(len(expectations), 6)
        for expectation in expectations:
            with self.subTest(expectation.stem), mmpack.open(expectation.with_suffix(".mmpack")) as bundle:
                bundle.verify()
                found = {tensor.source: tensor.sha256 for tensor in bundle.tensors.values()}
                self.assertEqual(found, json.loads(expectation.read_text())["tensors"])
                for name, tensor in bundle.tensors.items():
                    self.assertEqual(hashlib.sha256(bundle[name].tobytes()).hexdigest(), tensor.sha256, name)

    def test_refuses_every_bad_bundle(self):
        reasons = sorted(VECTORS.glob("bad/*.error"))
        self.assertGreaterEqual(len(reasons), 80)
        for reason in reasons:
            missing = "missing" in reason.read_text()
            with self.subTest(reason.stem), self.assertRaises(FileNotFoundError if missing else mmpack.BadBundle):
                with mmpack.open(reason.with_suffix(".mmpack")) as bundle:
                    bundle.verify()


class Reading(unittest.TestCase):
    def test_maps_raw_tensors_and_decodes_compact_ones(self):
        with mmpack.open(VECTORS / "good" / "floats.mmpack") as bundle:
            names = {tensor.source: name for name, tensor in bundle.tensors.items()}
            self.assertIsInstance(bundle[names["f32_random"]].base, numpy.memmap)
            self.assertEqual(bundle[names["scalar"]].shape, ())
            self.assertEqual(bundle[names["empty"]].shape, (0, 4))
            self.assertEqual(bundle[names["bf16"]].dtype, numpy.uint16)
            values = bundle.float32(names["bf16"])
            self.assertTrue(0.03 < values.std() < 0.05)
            with self.assertRaises(KeyError):
                bundle["nothing"]

    def test_notices_damage_when_a_tensor_is_first_used(self):
        data = bytearray((VECTORS / "good" / "example.mmpack").read_bytes())
        data[16384] ^= 1
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "damaged.mmpack"
            path.write_bytes(data)
            with mmpack.open(path) as bundle, self.assertRaises(mmpack.BadBundle):
                bundle["a"]
            with mmpack.open(path, check=False) as bundle:
                self.assertEqual(bundle["a"][1], -2.0)

    def test_writes_safetensors_with_the_same_bytes(self):
        with tempfile.TemporaryDirectory() as folder, mmpack.open(VECTORS / "good" / "plain.mmpack") as bundle:
            path = Path(folder) / "out.safetensors"
            bundle.to_safetensors(path)
            data = path.read_bytes()
            (length,) = struct.unpack_from("<Q", data)
            header = json.loads(data[8 : 8 + length])
            self.assertEqual(set(header), set(bundle))
            for name, tensor in bundle.tensors.items():
                begin, end = (8 + length + offset for offset in header[name]["data_offsets"])
                self.assertEqual(hashlib.sha256(data[begin:end]).hexdigest(), tensor.sha256)
            with mmpack.open(VECTORS / "good" / "blocks.mmpack") as blocks, self.assertRaises(TypeError):
                blocks.to_safetensors(path)
            self.assertEqual(path.read_bytes(), data)


if __name__ == "__main__":
    unittest.main()
