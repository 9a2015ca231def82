public import MMBytes
internal import MMStorage
public import MMTensors

/// Tensors that a test has made, as a source.
public struct MemorySource: TensorSource {
    public var entries: [Entry]

    /// A tensor with its stored bytes.
    public struct Entry: Sendable {
        public var descriptor: TensorDescriptor
        public var bytes: [UInt8]

        public init?(_ name: String, _ type: ElementType, _ dimensions: [Int], bytes: [UInt8]) {
            guard let shape = Shape(dimensions),
                let descriptor = TensorDescriptor(name: ByteString(name), type: type, shape: shape),
                descriptor.byteCount == bytes.count
            else { return nil }
            self.descriptor = descriptor
            self.bytes = bytes
        }

        public init?(_ name: String, _ dimensions: [Int], _ values: [Float]) {
            self.init(name, .f32, dimensions, bytes: values.flatMap { $0.bitPattern.littleEndianBytes })
        }
    }

    public init(_ entries: [Entry]) {
        self.entries = entries
    }

    public var format: String { "memory" }
    public var tensors: [TensorDescriptor] { entries.map(\.descriptor) }
    public var configuration: ModelConfiguration { .none }
    public var metadata: JSONValue { [:] }
    public var assets: [Asset] { [] }
    public var files: [SourceFile] { [] }

    public func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        let bytes = entries[index].bytes
        for position in 0..<destination.byteCount {
            destination.storeBytes(of: bytes[offset + position], toByteOffset: position, as: UInt8.self)
        }
    }

    /// The entry called `name`, for changing it.
    public subscript(name: String) -> Entry? {
        get { entries.first { $0.descriptor.name == ByteString(name) } }
        set {
            entries.removeAll { $0.descriptor.name == ByteString(name) }
            if let newValue { entries.append(newValue) }
        }
    }
}

extension UInt32 {
    /// The four bytes, least significant first.
    public var littleEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (8 * $0)) } }
}
