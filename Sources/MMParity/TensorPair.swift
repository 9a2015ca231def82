package import MMBytes
package import MMTensors

/// A tensor of one source and its counterpart in another.
package struct TensorPair: Sendable, Hashable {
    package let name: ByteString
    /// Index in the base source.
    package let base: Int
    /// Index in the source that is held to it.
    package let other: Int

    package init(name: ByteString, base: Int, other: Int) {
        self.name = name
        self.base = base
        self.other = other
    }
}

/// The tensors of two sources, matched by the bytes of their names.
package struct TensorPairing: Sendable, Hashable {
    /// In the order of the base source.
    package let pairs: [TensorPair]
    package let missingInOther: [ByteString]
    package let missingInBase: [ByteString]

    package init(base: any TensorSource, other: any TensorSource) {
        let indices = Dictionary(
            other.tensors.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        let names = Set(base.tensors.map(\.name))
        var pairs: [TensorPair] = []
        var missing: [ByteString] = []
        for (index, tensor) in base.tensors.enumerated() {
            if let counterpart = indices[tensor.name] {
                pairs.append(TensorPair(name: tensor.name, base: index, other: counterpart))
            } else {
                missing.append(tensor.name)
            }
        }
        self.pairs = pairs
        missingInOther = missing
        missingInBase = other.tensors.map(\.name).filter { !names.contains($0) }
    }
}
