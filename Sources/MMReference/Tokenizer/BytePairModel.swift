import MMBytes

/// Byte-pair encoding: the characters of a word are its first symbols, and merges join them by rank.
///
/// Source: Sennrich et al., arXiv 1508.07909; over bytes as in GPT-2. Equal to the `BPE` model of the `tokenizers`
/// library: a character that the vocabulary does not have becomes the tokens of its bytes, else the unknown token, or
/// vanishes where there is none.
struct BytePairModel: Sendable {
    struct Options: Sendable {
        /// Takes a word that is one token as that token, whatever the merges say.
        var ignoresMerges = false
        var unknownID: UInt32?
        /// Makes one unknown token of several in a row.
        var fusesUnknown = false
        /// Spells a character that the vocabulary does not have by the tokens of its bytes.
        var fallsBackToBytes = false
        /// The characters are bytes, which the vocabulary spells in `ByteAlphabet`.
        var isByteLevel = false
    }

    static let missing = UInt32.max

    let vocabulary: Vocabulary
    let merges: MergeTable
    let options: Options
    let cutter: WordCutter?
    /// The id of each byte, or of each ASCII character, or `missing`.
    private let firstSymbols: [UInt32]
    private let byteTokens: ByteTokens?

    init(vocabulary: Vocabulary, merges: MergeTable, options: Options) {
        self.vocabulary = vocabulary
        self.merges = merges
        self.options = options
        cutter = options.isByteLevel ? nil : WordCutter(vocabulary)
        byteTokens = options.fallsBackToBytes ? ByteTokens(vocabulary) : nil
        firstSymbols = (UInt8.min...UInt8.max).map { byte in
            var spelling: [UInt8] = []
            if options.isByteLevel { ByteAlphabet.append([byte].span, to: &spelling) } else { spelling = [byte] }
            return vocabulary.id(of: spelling.span) ?? Self.missing
        }
    }

    struct Encoder: WordEncoder {
        let model: BytePairModel
        private var merger = BytePairMerger()

        init(_ model: BytePairModel) {
            self.model = model
        }

        mutating func append(_ word: Span<UInt8>, to ids: inout [UInt32]) {
            if model.options.ignoresMerges, let id = model.id(ofWord: word) {
                ids.append(id)
                return
            }
            merger.symbols.removeAll(keepingCapacity: true)
            model.appendSymbols(of: word, to: &merger.symbols)
            merger.merge(with: model.merges)
            ids += merger.symbols
        }
    }

    private func id(ofWord word: Span<UInt8>) -> UInt32? {
        guard options.isByteLevel else { return vocabulary.id(of: word) }
        var spelling: [UInt8] = []
        ByteAlphabet.append(word, to: &spelling)
        return vocabulary.id(of: spelling.span)
    }

    private func appendSymbols(of word: Span<UInt8>, to symbols: inout [UInt32]) {
        // An unknown token waits for the next symbol of the vocabulary; the tokens of bytes go before it.
        var isUnknownPending = false
        var position = 0
        while position < word.count {
            let first = word[position]
            let isByte = options.isByteLevel || first < 0x80
            let end = isByte ? position + 1 : word.positionAfterScalar(at: position)
            let character = word.extracting(position..<end)
            position = end
            let symbol = isByte ? firstSymbols[Int(first)] : vocabulary.id(of: character) ?? Self.missing
            if symbol != Self.missing {
                if isUnknownPending, let unknownID = options.unknownID { symbols.append(unknownID) }
                isUnknownPending = false
                symbols.append(symbol)
            } else if byteTokens?.append(character, to: &symbols) != true, let unknownID = options.unknownID {
                if isUnknownPending, !options.fusesUnknown { symbols.append(unknownID) }
                isUnknownPending = true
            }
        }
        if isUnknownPending, let unknownID = options.unknownID { symbols.append(unknownID) }
    }
}
