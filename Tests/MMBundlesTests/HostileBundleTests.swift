import MMBundles
import MMBytes
import MMTestSupport
import Testing

import struct Foundation.Data
import struct Foundation.URL

@Suite struct HostileBundleTests {
    let folder: TemporaryFolder
    let forge: BundleForge

    init() throws {
        folder = try TemporaryFolder()
        let path = folder.path("small.mmpack")
        _ = try BundleWriting.write(BundleWriting.smallSource(), to: path)
        forge = BundleForge(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }

    private func verify(_ changed: BundleForge) throws {
        let path = try folder.file("hostile.mmpack", changed.sealed(oldTable: forge.table))
        _ = try Bundle.open(path).verifyIntegrity(width: 1)
    }

    @Test func acceptsItselfSealedAgain() throws {
        try verify(forge)
    }

    @Test(arguments: [
        ("\"format\":\"mmpack\"", "\"format\":\"mmpacked\""), ("\"version\":1}", "\"version\":2}"),
        ("\"version\":1}", "\"version\":1.0}"), ("\"version\":1}", "\"version\":1,\"zebra\":1}"),
        ("\"version\":1}", "\"version\":1,\"version\":1}"), ("\"version\":1}", "\"version\":1}}"),
        ("\"version\":1}", "\"version\":1,}"), ("\"ledger\":{", "\"ledgers\":{"),
        ("\"ledger\":{\"ignored\":[]}", "\"ledger\":[]"), ("\"components\":[\"text\",", "\"components\":["),
        ("\"components\":[\"text\",", "\"components\":[\"text\",\"text\","),
        ("\"name\":\"norm\"", "\"name\":\"embed\""), ("\"name\":\"norm\"", "\"name\":\"\""),
        ("\"name\":\"norm\"", "\"name\":1"), ("\"shape\":[96,100]", "\"shape\":[96,101]"),
        ("\"shape\":[96,100]", "\"shape\":[-96,-100]"), ("\"shape\":[96,100]", "\"shape\":[96.0,100]"),
        ("\"shape\":[96,100]", "\"shape\":[9223372036854775807,2]"),
        ("\"shape\":[96,100]", "\"shape\":[4611686018427387904,4]"), ("\"shape\":[96,100]", "\"shape\":9600"),
        ("\"type\":\"BF16\"", "\"type\":\"BF17\""), ("\"type\":\"BF16\"", "\"type\":\"I16\""),
        ("\"type\":\"BF16\"", "\"type\":\"Q4_0\""), ("\"encoding\":\"compact\"", "\"encoding\":\"raw\""),
        ("\"encoding\":\"raw\",\"firstChunk\"", "\"encoding\":\"compact\",\"firstChunk\""),
        ("\"encoding\":\"compact\"", "\"encoding\":\"zip\""), ("\"part\":1", "\"part\":0"),
        ("\"part\":1", "\"part\":2"), ("\"part\":1", "\"part\":9223372036854775807"),
        ("\"firstChunk\":0", "\"firstChunk\":1"), ("\"chunkCount\":1,\"component\"", "\"chunkCount\":0,\"component\""),
        ("\"chunkCount\":1,\"component\"", "\"chunkCount\":9223372036854775807,\"component\""),
        ("\"role\":\"role-0\"", "\"role\":\"\""), ("\"role\":\"role-0\",", ""),
        ("\"source\":\"old.embed\"", "\"source\":\"embed\""),
        ("\"source\":\"old.embed\"", "\"source\":null"), ("\"source\":\"old.embed\"", "\"sauce\":\"old.embed\""),
        ("\"name\":\"tokenizer.json\"", "\"name\":\"../tokenizer.json\""),
        ("\"name\":\"tokenizer.json\"", "\"name\":\"..\""),
        ("\"name\":\"tokenizer.json\"", "\"name\":\"noise.bin\""), ("\"byteCount\":360", "\"byteCount\":361"),
        ("\"byteCount\":360", "\"byteCount\":9223372036854775807"), ("\"encoding\":\"zstd\"", "\"encoding\":\"raw\""),
        ("\"chunkTableOffset\":", "\"chunkTableOffset\":1"), ("\"parts\":[{", "\"parts\":[{},{"),
    ])
    func refusesAManifestThatBreaksARule(_ old: String, _ new: String) throws {
        var changed = forge
        let isThere = changed.replace(old, by: new)
        #expect(isThere, "\(old) is not there")
        #expect(throws: BundleError.self) { try verify(changed) }
    }

    @Test func refusesReservedCodecsByName() throws {
        for (codec, reason) in [
            (3, BundleError.Reason.reservedEncoding("h4", row: 0)),
            (9, .unknownEncoding(9, row: 0)), (4, .wrongChunkEncoding(row: 0)),
        ] {
            var changed = forge
            changed.table[24] = UInt8(codec)
            let error = #expect(throws: BundleError.self) { try verify(changed) }
            #expect(error?.reason == reason)
        }
    }

    @Test func refusesEveryChangedRow() throws {
        for index in forge.table.indices where index % 72 < 32 {
            for bit in [UInt8(1), 0x40, 0x80] {
                var changed = forge
                changed.table[index] ^= bit
                #expect(throws: BundleError.self, "bit \(bit) of byte \(index)") { try verify(changed) }
            }
        }
        var longer = forge
        longer.table += [UInt8](repeating: 0, count: 72)
        #expect(throws: BundleError.self) { try verify(longer) }
        longer.table.removeAll()
        #expect(throws: BundleError.self) { try verify(longer) }
    }

    @Test func randomManifestsAreRefusedOrRightButNeverCrash() throws {
        var generator = SplitMix64(state: 11)
        let alphabet = Array("{}[]\",:0123456789-+eE.\\/ abcdtrufalsn\u{0}\u{7F}".utf8) + [0xC3, 0xFF]
        for _ in 0..<1_500 {
            var changed = forge
            for _ in 0...Int.random(in: 0..<3, using: &generator) {
                let place = Int.random(in: 0..<changed.manifest.count, using: &generator)
                let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                switch generator.next() % 4 {
                case 0: changed.manifest[place] = byte
                case 1: changed.manifest.insert(byte, at: place)
                case 2: changed.manifest.remove(at: place)
                default:
                    let end = min(changed.manifest.count, place + Int.random(in: 1..<60, using: &generator))
                    changed.manifest.insert(contentsOf: changed.manifest[place..<end], at: place)
                }
            }
            do { try verify(changed) } catch is BundleError {}
        }
    }
}
