internal import MMBytes

/// The text of a manifest on its way out: in pieces, so that neither it nor its values are in memory as a whole.
///
/// Counts what a reader counts, so that nothing is written that it would refuse.
struct ManifestWriting {
    private var output: [UInt8] = [UInt8(ascii: "{")]
    private var isFirst = true
    private var byteCount = 0
    private var valueCount = 1

    private static let pieceByteCount = 1 << 20

    typealias Piece = (_ bytes: [UInt8]) throws -> Void

    /// Writes a member of the outermost object; names come in the order of their bytes.
    mutating func member(_ name: String, _ value: JSONValue, _ piece: Piece) throws {
        begin(name)
        try write(value, depth: 2, piece)
    }

    /// Writes a member that is an array, its elements made one after the other.
    mutating func array(_ name: String, count: Int, element: (Int) -> JSONValue, _ piece: Piece) throws {
        begin(name)
        valueCount += 1
        output.append(UInt8(ascii: "["))
        for index in 0..<count {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            try write(element(index), depth: 3, piece)
        }
        output.append(UInt8(ascii: "]"))
    }

    mutating func finish(_ piece: Piece) throws {
        output.append(UInt8(ascii: "}"))
        try flush(piece)
    }

    private mutating func begin(_ name: String) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        output += "\"\(name)\":".utf8
    }

    /// Lists may be long where they are not deep: their elements are written one by one.
    private mutating func write(_ value: JSONValue, depth: Int, _ piece: Piece) throws {
        valueCount += 1
        try check(depth: depth, of: value)
        switch value {
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.name < $1.name }).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONValue.string(member.name).write(into: &output, layout: .canonical)
                output.append(UInt8(ascii: ":"))
                try write(member.value, depth: depth + 1, piece)
            }
            output.append(UInt8(ascii: "}"))
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                try write(element, depth: depth + 1, piece)
            }
            output.append(UInt8(ascii: "]"))
        default: value.write(into: &output, layout: .canonical)
        }
        if output.count >= Self.pieceByteCount { try flush(piece) }
    }

    private func check(depth: Int, of value: JSONValue) throws(BundleError) {
        let limits = BundleManifest.limits
        if value.members != nil || value.elements != nil, depth > limits.depth {
            throw BundleError(.malformedManifest(ParseError(.jsonTooDeep(allowed: limits.depth), offset: byteCount)))
        }
        guard valueCount <= limits.valueCount else {
            throw tooLarge("number of JSON values", valueCount, limits.valueCount)
        }
    }

    private mutating func flush(_ piece: Piece) throws {
        byteCount += output.count
        let allowed = BundleManifest.limits.byteCount
        guard byteCount <= allowed else { throw tooLarge("JSON document", byteCount, allowed) }
        try piece(output)
        output.removeAll(keepingCapacity: true)
    }

    private func tooLarge(_ what: String, _ found: Int, _ allowed: Int) -> BundleError {
        BundleError(
            .malformedManifest(
                ParseError(.tooLarge(what: what, found: UInt64(found), allowed: UInt64(allowed)), offset: byteCount)
            )
        )
    }
}
