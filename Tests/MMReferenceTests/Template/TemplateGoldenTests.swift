import MMBytes
import MMReference
import MMTestSupport
import Testing

@Suite struct TemplateGoldenTests {
    @Test(arguments: TemplateGolden.names)
    func rendersAsTransformersDoes(name: String) throws {
        let conversations = try TemplateGolden.json("conversations")
        let cases = TemplateGolden.rows(conversations, "cases")
        let golden = TemplateGolden.rows(try TemplateGolden.json(name), "cases")
        let source = try Fixture.bytes("templates/\(name).jinja")
        #expect(cases.count == golden.count && golden.count >= 40)
        for (given, row) in zip(cases, golden) {
            let variables = try #require(given["variables"])
            let expected = TemplateGolden.outcome(row)
            let found = TemplateGolden.rendered(source, variables, seconds: conversations["seconds"]?.integer)
            #expect(TemplateGolden.agrees(found, expected), "\(row["case"]?.string ?? ""): \(found), not \(expected)")
        }
    }

    @Test func coversTheFamilies() {
        #expect(TemplateGolden.names.count >= 25)
    }

    @Test func evaluatesAsJinjaDoes() throws {
        let golden = try TemplateGolden.json("expressions")
        let variables = try #require(golden["variables"])
        let rows = TemplateGolden.rows(golden, "rows")
        #expect(rows.count >= 600)
        for row in rows {
            let source = try #require(row["source"]?.string)
            let expected = TemplateGolden.outcome(row)
            let found = TemplateGolden.rendered(source.bytes, variables, seconds: golden["seconds"]?.integer)
            #expect(TemplateGolden.agrees(found, expected), "\(source): \(found), not \(expected)")
        }
    }
}
