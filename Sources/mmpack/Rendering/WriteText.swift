internal import MMBundles
internal import MMCodecs
internal import MMQuantization
internal import MMToolchain

/// What convert and quantize say when they are done.
enum WriteText {
    static func render(_ report: WriteReport) -> String {
        let summary = report.summary
        let places = summary.paths.count == 1 ? summary.paths[0] : "\(summary.paths.count) parts of \(summary.paths[0])"
        let share =
            report.sourceByteCount > 0
            ? " (\(Decimal.text(Double(summary.byteCount) / Double(report.sourceByteCount) * 100, places: 1)) % of the source)"
            : ""
        var lines = [
            "wrote \(places): \(summary.tensorCount) tensors, \(ByteSize.text(summary.byteCount))\(share)",
            "identity \(summary.identity.hexadecimal)",
        ]
        if let quantization = report.quantization {
            let counts = quantization.counts.map { "\($0.count) \($0.word)" }.joined(separator: ", ")
            lines.append("recipe \(quantization.recipe): \(counts)")
        }
        lines += report.notes.map { "note: \($0)" }
        let text = lines.map { "mmpack: \($0)\n" }.joined()
        return text + (report.verification.map(VerifyText.render) ?? "")
    }
}
