"""Writes a llama checkpoint of a chosen size: sharded bf16 safetensors with normal weights, and its config.json.

    synthesize.py OUT_DIR [--gigabytes 4] [--shard-gigabytes 1]

The values come from a fixed seed; one block of them is used again with another scale for each tensor, so that writing
is as fast as the disk. Exponents are spread as in real checkpoints (normal, standard deviation by fan-in).
"""
import argparse
import json
import math
import pathlib
import struct

import numpy

BLOCK = 1 << 24


def shapes(layers, width, feed_forward, vocabulary, key_value_width):
    yield "model.embed_tokens.weight", (vocabulary, width)
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        yield prefix + "input_layernorm.weight", (width,)
        yield prefix + "self_attn.q_proj.weight", (width, width)
        yield prefix + "self_attn.k_proj.weight", (key_value_width, width)
        yield prefix + "self_attn.v_proj.weight", (key_value_width, width)
        yield prefix + "self_attn.o_proj.weight", (width, width)
        yield prefix + "post_attention_layernorm.weight", (width,)
        yield prefix + "mlp.gate_proj.weight", (feed_forward, width)
        yield prefix + "mlp.up_proj.weight", (feed_forward, width)
        yield prefix + "mlp.down_proj.weight", (width, feed_forward)
    yield "model.norm.weight", (width,)


def bf16(values):
    bits = values.astype(numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint16)


def tensor_bytes(shape, normal):
    count = math.prod(shape)
    if len(shape) == 1:
        yield bf16(1 + 0.2 * normal[:count]).tobytes()
        return
    block = bf16(normal * (1.0 / math.sqrt(shape[-1]))).tobytes()
    done = 0
    while done < count:
        step = min(BLOCK, count - done)
        yield block[: 2 * step]
        done += step


def write_shard(path, tensors, normal):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in tensors:
        size = 2 * math.prod(shape)
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape in tensors:
            for part in tensor_bytes(shape, normal):
                file.write(part)
    return offset


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--gigabytes", type=float, default=4)
    parser.add_argument("--shard-gigabytes", type=float, default=1)
    options = parser.parse_args()
    width, feed_forward, vocabulary, key_value_width = 2048, 8192, 49152, 512
    per_layer = 2 * (2 * width * width + 2 * width * key_value_width + 3 * width * feed_forward + 2 * width)
    layers = max(1, round((options.gigabytes * 1e9 - 2 * vocabulary * width) / per_layer))
    options.out.mkdir(parents=True, exist_ok=True)
    normal = numpy.random.default_rng(20240314).standard_normal(BLOCK, dtype=numpy.float32)
    shards, size = [[]], 0
    for name, shape in shapes(layers, width, feed_forward, vocabulary, key_value_width):
        if size > options.shard_gigabytes * 1e9:
            shards.append([])
            size = 0
        shards[-1].append((name, shape))
        size += 2 * math.prod(shape)
    weight_map, total = {}, 0
    for number, tensors in enumerate(shards, 1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        total += write_shard(options.out / file, tensors, normal)
        weight_map.update({name: file for name, _ in tensors})
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (options.out / "model.safetensors.index.json").write_text(json.dumps(index, indent=1))
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": width, "num_hidden_layers": layers,
        "intermediate_size": feed_forward, "num_attention_heads": width // 64,
        "num_key_value_heads": key_value_width // 64, "vocab_size": vocabulary, "rms_norm_eps": 1e-5,
        "rope_theta": 100000.0, "max_position_embeddings": 8192, "tie_word_embeddings": True, "torch_dtype": "bfloat16",
    }
    (options.out / "config.json").write_text(json.dumps(config, indent=1))
    print(f"{options.out}: {layers} layers, {len(shards)} shards, {total / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
