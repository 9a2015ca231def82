internal import MMBytes
internal import MMStorage
internal import MMTensors

/// Where the tensors of a file lie, after every extent was checked: one behind the other in the order of their infos,
/// each padded to the alignment with zeros, and nothing after them.
struct GGUFLayout {
    /// Bytes from the start of the file, for each tensor.
    let offsets: [Int]

    /// Throws `GGUFError`, or `FileError` where padding cannot be read.
    init(_ header: GGUFHeader, of file: InputFile) throws {
        let alignment = try Self.alignment(header.metadata, path: file.path)
        guard let dataOffset = header.byteCount.roundedUp(toMultipleOf: alignment) else {
            throw GGUFError(.sizeOverflow, path: file.path, offset: header.byteCount)
        }
        let ends = try Self.ends(of: header.infos, alignment: alignment, dataOffset: dataOffset, path: file.path)
        offsets = ends.map(\.begin)
        let lastEnd = ends.last?.paddedEnd ?? dataOffset
        for (info, extent) in zip(header.infos, ends) where extent.end > file.byteCount {
            throw GGUFError(
                .dataTruncated(needed: extent.end, available: file.byteCount),
                path: file.path,
                name: info.descriptor.name,
                offset: info.position
            )
        }
        guard file.byteCount <= lastEnd else {
            throw GGUFError(.trailingBytes(found: file.byteCount - lastEnd), path: file.path, offset: lastEnd)
        }
        // Without tensors there is no data to pad for: what follows the header is zeros or does not belong there.
        let foreign = GGUFError.Reason.trailingBytes(found: file.byteCount - header.byteCount)
        let headerReason = header.infos.isEmpty ? foreign : .paddingNotZero
        try Self.checkPadding(from: header.byteCount, to: dataOffset, of: file, otherwise: headerReason)
        for extent in ends { try Self.checkPadding(from: extent.end, to: extent.paddedEnd, of: file) }
    }

    private struct Extent {
        let begin: Int
        let end: Int
        let paddedEnd: Int
    }

    private static func alignment(_ metadata: GGUFMetadata, path: String) throws(GGUFError) -> Int {
        guard let value = metadata[GGUF.alignmentKey] else { return GGUF.defaultAlignment }
        let reason: GGUFError.Reason
        switch value {
        case .u32(let alignment) where alignment > GGUF.alignmentLimit && alignment.nonzeroBitCount == 1:
            reason = .alignmentTooLarge(found: alignment, allowed: GGUF.alignmentLimit)
        case .u32(let alignment) where alignment.nonzeroBitCount == 1: return Int(alignment)
        case .u32(let alignment): reason = .badAlignment(alignment)
        default: reason = .alignmentType
        }
        throw GGUFError(reason, path: path, name: GGUF.alignmentKey, offset: 0)
    }

    /// The extents that the sizes of the tensors give; throws where the claimed offsets are others.
    private static func ends(
        of infos: [GGUFTensorInfo],
        alignment: Int,
        dataOffset: Int,
        path: String
    ) throws(GGUFError) -> [Extent] {
        var extents: [Extent] = []
        var end = 0
        var expected = 0
        for (index, info) in infos.enumerated() {
            guard info.offset == UInt64(expected) else {
                let reason =
                    info.offset < UInt64(end)
                    ? .overlap(found: info.offset, expected: end)
                    : reason(offset: info.offset, expected: expected, alignment: alignment, infos[index...])
                throw GGUFError(reason, path: path, name: info.descriptor.name, offset: info.position)
            }
            guard let unpadded = expected.adding(info.descriptor.byteCount),
                let padded = unpadded.roundedUp(toMultipleOf: alignment),
                let paddedEnd = dataOffset.adding(padded)
            else { throw GGUFError(.sizeOverflow, path: path, name: info.descriptor.name, offset: info.position) }
            // Both are below paddedEnd, which fits.
            extents.append(
                Extent(begin: dataOffset + expected, end: dataOffset + unpadded, paddedEnd: paddedEnd)
            )
            end = unpadded
            expected = padded
        }
        return extents
    }

    private static func reason(
        offset: UInt64,
        expected: Int,
        alignment: Int,
        _ rest: ArraySlice<GGUFTensorInfo>
    ) -> GGUFError.Reason {
        if offset % UInt64(alignment) != 0 { return .unalignedOffset(found: offset, alignment: alignment) }
        if rest.contains(where: { $0.offset < offset }) { return .unsortedOffset(found: offset, expected: expected) }
        return .gap(found: offset, expected: expected)
    }

    /// The padding is shorter than the alignment; that of the last tensor may be cut short by the end of the file.
    private static func checkPadding(
        from begin: Int,
        to end: Int,
        of file: InputFile,
        otherwise reason: GGUFError.Reason = .paddingNotZero
    ) throws {
        let end = min(end, file.byteCount)
        guard begin < end else { return }
        let bytes = try file.bytes(at: begin, byteCount: end - begin)
        if let index = bytes.firstIndex(where: { $0 != 0 }) {
            throw GGUFError(reason, path: file.path, offset: begin + index)
        }
    }
}
