import MMBytes
import MMTensors
import MMTestSupport
import Testing

@Suite struct MiniFloatTests {
    static let types: [ElementType] = [
        .f8E4M3, .f8E5M2, .f8E4M3FNUZ, .f8E5M2FNUZ, .f8E8M0, .f6E2M3, .f6E3M2, .f4,
    ]

    @Test(arguments: types) func decodesEveryCode(type: ElementType) throws {
        let golden = try JSONValue(parsing: try Fixture.bytes("minifloats/minifloats.json"))
        let codes = try #require(golden["types"]?[ByteString(type.rawValue)]?.elements)
        var decoded = [Float](repeating: 0, count: codes.count)
        var span = decoded.mutableSpan
        type.decode(Self.packed(codes.count, type: type).span.bytes, into: &span)
        for (code, expected) in codes.enumerated() {
            guard let bits = expected.integer else {
                #expect(decoded[code].isNaN, "code \(code)")
                continue
            }
            #expect(Int(decoded[code].bitPattern) == bits, "code \(code)")
        }
    }

    /// The codes 0, 1, 2, ... as the type packs them: the first element in the low bits.
    private static func packed(_ count: Int, type: ElementType) -> [UInt8] {
        let width = type.block.byteCount * 8 / type.block.elementCount
        var bytes = [UInt8](repeating: 0, count: count * width / 8)
        for code in 0..<count {
            for bit in 0..<width where code >> bit & 1 == 1 {
                bytes[(code * width + bit) / 8] |= 1 << ((code * width + bit) % 8)
            }
        }
        return bytes
    }
}
