import MMBytes
import MMTensors

/// A llama of two layers in every spelling: width 8, 4 heads of 6, 2 of them for keys, feed-forward 12, 10 tokens.
struct TinyLlama {
    var type = ElementType.f32
    var width = 8
    var headWidth = 6
    var isTied = false
    var hasBiases = false

    private struct Tensor {
        var huggingFace: String
        var gguf: String
        var dimensions: [Int]
        var heads = 0
    }

    private var allTensors: [Tensor] {
        var tensors = [
            Tensor(huggingFace: "model.embed_tokens.weight", gguf: "token_embd.weight", dimensions: [10, width])
        ]
        for layer in 0..<2 {
            func add(_ huggingFace: String, _ gguf: String, _ dimensions: [Int], heads: Int = 0) {
                let name = "model.layers.\(layer).\(huggingFace)"
                tensors.append(
                    Tensor(
                        huggingFace: "\(name).weight",
                        gguf: "blk.\(layer).\(gguf).weight",
                        dimensions: dimensions,
                        heads: heads
                    )
                )
                guard hasBiases, dimensions.count == 2 else { return }
                tensors.append(
                    Tensor(
                        huggingFace: "\(name).bias",
                        gguf: "blk.\(layer).\(gguf).bias",
                        dimensions: [dimensions[0]],
                        heads: heads
                    )
                )
            }
            add("self_attn.v_proj", "attn_v", [2 * headWidth, width])
            add("self_attn.q_proj", "attn_q", [4 * headWidth, width], heads: 4)
            add("self_attn.k_proj", "attn_k", [2 * headWidth, width], heads: 2)
            add("self_attn.o_proj", "attn_output", [width, 4 * headWidth])
            add("mlp.gate_proj", "ffn_gate", [12, width])
            add("mlp.up_proj", "ffn_up", [12, width])
            add("mlp.down_proj", "ffn_down", [width, 12])
            add("input_layernorm", "attn_norm", [width])
            add("post_attention_layernorm", "ffn_norm", [width])
        }
        tensors.append(Tensor(huggingFace: "model.norm.weight", gguf: "output_norm.weight", dimensions: [width]))
        if !isTied {
            tensors.append(Tensor(huggingFace: "lm_head.weight", gguf: "output.weight", dimensions: [10, width]))
        }
        return tensors
    }

    var huggingFaceConfiguration: JSONValue {
        [
            "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": .integer(width),
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
            "head_dim": .integer(headWidth), "intermediate_size": 12, "vocab_size": 10, "rms_norm_eps": 1e-5,
            "rope_theta": 5000.0, "max_position_embeddings": 64, "tie_word_embeddings": .bool(isTied),
            "attention_bias": .bool(hasBiases), "mlp_bias": .bool(hasBiases),
        ]
    }

    var ggufConfiguration: JSONValue {
        [
            "general.architecture": "llama", "llama.embedding_length": .integer(width), "llama.block_count": 2,
            "llama.attention.head_count": 4, "llama.attention.head_count_kv": 2,
            "llama.attention.key_length": .integer(headWidth), "llama.feed_forward_length": 12,
            "tokenizer.ggml.tokens": .array((0..<10).map { .text("t\($0)") }),
            "llama.attention.layer_norm_rms_epsilon": .number(Double(Float(1e-5))),
            "llama.rope.freq_base": 5000.0, "llama.context_length": 64, "tokenizer.ggml.bos_token_id": 1,
        ]
    }

    func huggingFace() throws -> CountingSource {
        var source = CountingSource()
        for tensor in allTensors { try source.add(tensor.huggingFace, type, tensor.dimensions) }
        source.configuration = .huggingFace(huggingFaceConfiguration)
        return source
    }

    /// The same weights as GGUF has them; only the tensors called `like` have contents where that is given.
    func gguf(only like: String? = nil) throws -> CountingSource {
        var source = CountingSource(format: "gguf")
        for (index, tensor) in allTensors.enumerated() {
            if let like, tensor.gguf != like {
                try source.add(tensor.gguf, type, tensor.dimensions, [])
                continue
            }
            let descriptor = try TestTensor.descriptor(tensor.gguf, type, tensor.dimensions)
            var bytes = TestTensor.noise(descriptor.byteCount, seed: index)
            if tensor.heads > 0 {
                let unit = bytes.count / tensor.dimensions[0]
                bytes = TestTensor.ropePermuted(bytes, unit: unit, heads: tensor.heads)
            }
            try source.add(tensor.gguf, type, tensor.dimensions, bytes)
        }
        source.configuration = .gguf(ggufConfiguration)
        return source
    }
}

extension JSONValue {
    /// The object with a member replaced, added or, for nil, taken away.
    func with(_ name: String, _ value: JSONValue?) -> JSONValue {
        var members = (members ?? []).filter { $0.name != ByteString(name) }
        if let value { members.append(JSONMember(name: ByteString(name), value: value)) }
        return .object(members)
    }
}
