import MMBytes
import Testing

@Suite struct NameSetTests {
    @Test func takesEachNameOnce() {
        var names = NameSet()
        for round in 0..<2 {
            for index in 0..<5_000 {
                let isNew = names.insert(ByteString("layer.\(index)"))
                #expect(isNew == (round == 0))
            }
        }
        #expect(names.count == 5_000)
        let further: [ByteString] = [ByteString([]), ByteString([]), "\u{e9}", "e\u{301}"]
        let isNew = further.map { names.insert($0) }
        #expect(isNew == [true, false, true, true])
    }
}
