internal import MMBytes
internal import MMTensors

extension MemorySource {
    /// The tensors of a safetensors fixture, read without the readers under test.
    public init(safetensors path: String) throws {
        let bytes = try Fixture.bytes(path)
        let headerCount = bytes[0..<8].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        let header = try JSONValue(parsing: Array(bytes[8..<8 + headerCount]))
        self.init(
            (header.members ?? []).filter { $0.name != "__metadata__" }.compactMap { member in
                guard let type = member.value["dtype"]?.string.flatMap({ ElementType(rawValue: $0.string) }),
                    let shape = member.value["shape"]?.elements?.compactMap(\.integer),
                    let offsets = member.value["data_offsets"]?.elements?.compactMap(\.integer)
                else { return nil }
                let start = 8 + headerCount
                return Entry(
                    member.name.string,
                    type,
                    shape,
                    bytes: Array(bytes[start + offsets[0]..<start + offsets[1]])
                )
            }
        )
    }

    /// The elements of an F32 tensor; empty when there is none.
    public func floats(_ name: String) -> [Float] {
        words(name, byteCount: 4).map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
    }

    /// The elements of an I64 tensor that are not negative; empty when there is none.
    public func integers(_ name: String) -> [Int] {
        words(name, byteCount: 8).map { Int($0) }
    }

    private func words(_ name: String, byteCount: Int) -> [UInt64] {
        let bytes = self[name]?.bytes ?? []
        return stride(from: 0, to: bytes.count, by: byteCount).map { start in
            bytes[start..<start + byteCount].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
