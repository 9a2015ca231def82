/// The keys of a GGUF file's tokenizer (gguf-py's constants.py, class Keys.Tokenizer).
enum MetadataKey {
    static let model = "tokenizer.ggml.model"
    static let pre = "tokenizer.ggml.pre"
    static let tokens = "tokenizer.ggml.tokens"
    static let tokenTypes = "tokenizer.ggml.token_type"
    static let scores = "tokenizer.ggml.scores"
    static let merges = "tokenizer.ggml.merges"
    static let beginning = "tokenizer.ggml.bos_token_id"
    static let end = "tokenizer.ggml.eos_token_id"
    static let unknown = "tokenizer.ggml.unknown_token_id"
    static let endOfTurn = "tokenizer.ggml.eot_token_id"
    static let endOfMessage = "tokenizer.ggml.eom_token_id"
    static let addsBeginning = "tokenizer.ggml.add_bos_token"
    static let addsEnd = "tokenizer.ggml.add_eos_token"
    static let addsSpacePrefix = "tokenizer.ggml.add_space_prefix"
    static let mergesSpaces = "tokenizer.ggml.remove_extra_whitespaces"
    static let characterMap = "tokenizer.ggml.precompiled_charsmap"
}
