import MMArchitectures
import MMBytes
import Testing

@Suite struct NameTemplateTests {
    @Test(arguments: ["{i+}", "{0i}", "{i-1}", "{ii}", "{10i}", "{i+10}", "{x}", "{i"])
    func refusesWhatIsNoPlace(text: String) {
        #expect(NameTemplate(text) == nil)
    }

    @Test func layersMayBeCountedOtherwise() throws {
        #expect(NameTemplate("b{i+1}.{2i}.{3i+2}") != nil)
        #expect(LayoutOperation("shape(2, 3, 1, 1)") == .shape([2, 3, 1, 1]))
        #expect(LayoutOperation.shape([7]).description == "shape(7)")
        #expect(LayoutOperation("shape(2, -3)") == nil)
        #expect(LayoutOperation("shape()") == nil)
    }
}
