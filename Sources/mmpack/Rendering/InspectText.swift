internal import MMBundles
internal import MMBytes
internal import MMTensors
internal import MMToolchain

/// inspect for people: the metadata in short, then a row a tensor.
enum InspectText {
    static func render(_ report: InspectReport) -> String {
        var text = "\(ByteString(report.path)): \(report.format), \(report.rows.count) tensors, "
        text += "\(ByteSize.text(report.byteCount)), \(count(report.elementCount)) elements\n"
        if let stored = report.storedByteCount {
            text += "stored in \(ByteSize.text(stored)), \(saving(stored, of: report.byteCount)) saved\n"
        }
        if !report.model.isEmpty { text += "\(report.model)\n" }
        for refusal in report.refusals where report.statistics == nil { text += "\(refusal)\n" }
        if report.statistics == nil { text += metadata(report.metadata) }
        return text + "\n" + tensors(report) + (report.statistics.map(statistics) ?? "")
    }

    private static func metadata(_ metadata: JSONValue) -> String {
        guard let members = metadata.members, !members.isEmpty else { return "" }
        var table = Table([("metadata", .left), ("", .left)])
        for member in members { table.add([member.name.description, short(member.value)]) }
        return "\n" + table.text
    }

    /// One line at most of a value: long texts and lists are cut, and say so.
    private static func short(_ value: JSONValue) -> String {
        if let elements = value.elements, elements.count > 8 { return "\(elements.count) elements" }
        let text = value.string?.description ?? ByteString(value.serialized()).description
        return text.count > 80 ? text.prefix(77) + "..." : text
    }

    private static func tensors(_ report: InspectReport) -> String {
        let hasDigests = report.rows.contains { $0.sha256 != nil }
        var columns: [(title: String, alignment: Table.Alignment)] = [
            ("tensor", .left), ("dtype", .left), ("shape", .left), ("size", .right),
        ]
        let isBundle = report.storedByteCount != nil
        if isBundle { columns += [("stored", .right), ("saved", .right)] }
        if hasDigests { columns.append(("sha256", .left)) }
        var table = Table(columns)
        for row in report.rows {
            var cells = [
                row.tensor.name.description, row.tensor.type.rawValue, row.tensor.shape.description,
                ByteSize.text(row.tensor.byteCount),
            ]
            if isBundle, let storage = row.storage {
                cells += [ByteSize.text(storage.byteCount), saving(storage.byteCount, of: row.tensor.byteCount)]
            }
            if hasDigests { cells.append(row.sha256 ?? "") }
            table.add(cells)
        }
        return table.text
    }

    private static func statistics(_ statistics: TensorStatistics) -> String {
        var table = Table([("statistic", .left), ("value", .right)])
        table.add(["minimum", statistics.minimum.description])
        table.add(["maximum", statistics.maximum.description])
        table.add(["mean", Decimal.text(statistics.mean, significantDigits: 6)])
        table.add(["root mean square", Decimal.text(statistics.rootMeanSquare, significantDigits: 6)])
        table.add(["infinite or NaN", statistics.nonFiniteCount.description])
        return "\n" + table.text + "first: " + statistics.first.map(\.description).joined(separator: " ") + "\n"
    }

    /// "33.5 %".
    private static func saving(_ stored: Int, of byteCount: Int) -> String {
        guard byteCount > 0 else { return "0.0 %" }
        return Decimal.text(100 * (1 - Double(stored) / Double(byteCount)), places: 1) + " %"
    }

    private static func count(_ value: Int) -> String {
        value < 1000 ? "\(value)" : ByteSize.text(value).replacing(" ", with: "").replacing("B", with: "").uppercased()
    }
}
