import MMBytes
import Testing

@Suite struct ByteStringTests {
    @Test func keepsSpellingsApart() {
        let composed: ByteString = "\u{e9}"
        let decomposed: ByteString = "e\u{301}"
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
    }

    @Test func showsNoControlCharacter() {
        let name: ByteString = "a\u{1b}[31m\n\u{85}\u{202e}b\u{7f}"
        #expect(!name.description.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
        #expect(name.hasControlCharacters)
        #expect(!ByteString("a\u{e9} b").hasControlCharacters)
    }

    @Test func knowsItsPrefixesAndSuffixes() {
        let name: ByteString = "model.safetensors"
        #expect(name.hasPrefix("model") && name.hasSuffix(".safetensors") && name.hasSuffix(""))
        #expect(!name.hasSuffix("xmodel.safetensors") && !name.hasPrefix("model.safetensorsx"))
    }

    @Test func knowsValidUTF8() {
        #expect(ByteString("\u{1f642}").isValidUTF8)
        #expect(ByteString([]).isValidUTF8)
        #expect(!ByteString([0xFF]).isValidUTF8)
        #expect(!ByteString([0xED, 0xA0, 0x80]).isValidUTF8)
    }
}
