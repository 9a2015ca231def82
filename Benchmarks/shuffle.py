"""Writes a llama checkpoint that computes the same function with its channels in another order.

    shuffle.py IN_FOLDER OUT_FOLDER

The only real checkpoint of a language model at hand is quantized: SmolLM2 in Q4_1. Measured on its dequantized weights,
Q4_1 would win by standing on its own lattice. So channels are permuted where a transformer does not care: the residual
width everywhere, the feed-forward width between gate/up and down, and the head dimension between v and o. Blocks then mix
weights of different old blocks, and no type has an advantage. Input: a Hugging Face folder in F32 or BF16 (from
`mmpack export safetensors --dtype f32`).
"""
import json
import pathlib
import re
import shutil
import sys

import numpy
from safetensors.numpy import load_file, save_file


def main(source, target):
    source, target = pathlib.Path(source), pathlib.Path(target)
    config = json.loads((source / "config.json").read_text())
    width, feed_forward = config["hidden_size"], config["intermediate_size"]
    heads, groups = config["num_attention_heads"], config["num_key_value_heads"]
    head = width // heads
    random = numpy.random.default_rng(1)
    residual = random.permutation(width)
    tensors, shuffled = load_file(source / "model.safetensors"), {}
    orders = {}
    for name, value in tensors.items():
        layer = re.search(r"layers\.(\d+)\.", name)
        if layer and layer[1] not in orders:
            orders[layer[1]] = (random.permutation(feed_forward), [random.permutation(head) for _ in range(groups)])
        inner, channels = orders[layer[1]] if layer else (None, None)
        if "v_proj" in name or "o_proj" in name:
            values = numpy.concatenate([group * head + channels[group] for group in range(groups)])
            outputs = numpy.concatenate([h * head + channels[h // (heads // groups)] for h in range(heads)])
        if value.ndim == 1 or "embed_tokens" in name or "lm_head" in name:
            value = value[..., residual]
        elif "q_proj" in name or "k_proj" in name:
            value = value[:, residual]
        elif "v_proj" in name:
            value = value[values][:, residual]
        elif "o_proj" in name:
            value = value[residual][:, outputs]
        elif "gate_proj" in name or "up_proj" in name:
            value = value[inner][:, residual]
        elif "down_proj" in name:
            value = value[residual][:, inner]
        else:
            raise SystemExit(f"no rule for {name}")
        shuffled[name] = numpy.ascontiguousarray(value)
    target.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        if file.suffix != ".safetensors":
            shutil.copy(file, target / file.name)
    save_file(shuffled, target / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main(*sys.argv[1:])
