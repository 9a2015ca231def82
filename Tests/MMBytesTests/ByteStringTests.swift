import MMBytes
import Testing

@Suite struct ByteStringTests {
    @Test func keepsComposedAndDecomposedSpellingsApart() {
        let composed = ByteString("\u{E9}")
        let decomposed = ByteString("e\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(composed.string == decomposed.string)
    }

    @Test func isOrderedByBytes() {
        #expect(ByteString("b") > ByteString("a"))
        #expect(ByteString("a") < ByteString("aa"))
        #expect(ByteString("\u{E9}") > ByteString("z"))
    }

    @Test func escapesWhatCouldDriveATerminal() {
        #expect(ByteString("a\u{1B}[2Jb\n").description == "a\\u{1b}[2Jb\\u{a}")
        #expect(ByteString("\u{202E}").description == "\\u{202e}")
    }

    @Test func knowsWhetherItIsUTF8() {
        #expect(ByteString([0xC3, 0xA9]).isValidUTF8)
        #expect(!ByteString([0xC3]).isValidUTF8)
        #expect(!ByteString([0xED, 0xA0, 0x80]).isValidUTF8)
    }
}
