internal import CKernels

/// The decoder of codec 2, rANS. The stored bytes are in formats/mmpack.md. Not synchronised: one thread at a time.
@safe public final class RansDecoder: @unchecked Sendable {
    private let zstandard: ZstandardDecoder
    private let planes: UnsafeMutablePointer<UInt8>

    public init() throws(CodecError) {
        zstandard = try ZstandardDecoder()
        unsafe planes = UnsafeMutablePointer<UInt8>.allocate(capacity: ZHuffEncoder.byteCountLimit)
    }

    deinit {
        unsafe planes.deallocate()
    }

    /// Decodes a stored chunk of units that are parted as `layout` into `destination`, which it fills.
    ///
    /// Throws `CodecError` for bytes that no encoder makes; then the destination holds anything.
    public func decode(
        _ stored: RawSpan,
        layout: RansLayout,
        into destination: inout MutableRawSpan
    ) throws(CodecError) {
        let unit = layout.unitByteCount
        guard destination.byteCount <= ZHuffEncoder.byteCountLimit, destination.byteCount % unit == 0 else {
            throw CodecError(.notWholeElements(byteCount: destination.byteCount, elementByteCount: unit))
        }
        try unsafe stored.withUnsafeBytes { input throws(CodecError) in
            try unsafe destination.withUnsafeMutableBytes { output throws(CodecError) in
                try unsafe decode(input, layout: layout, into: output)
            }
        }
    }

    private func decode(
        _ stored: UnsafeRawBufferPointer,
        layout: RansLayout,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CodecError) {
        let count = output.count / layout.unitByteCount
        let lengths = try unsafe lengths(stored, layout: layout, count: count)
        guard let base = stored.baseAddress, let target = output.baseAddress else {
            throw CodecError(.malformedChunk(storedByteCount: stored.count))
        }
        let bytes = unsafe base.assumingMemoryBound(to: UInt8.self)
        var parts = unsafe mmk_rans_stored()
        // The lengths add up to what is stored: checked in `lengths`. So every address below lies in it.
        unsafe parts.coded = bytes + layout.headerByteCount
        unsafe parts.coded_bytes = lengths.coded
        unsafe parts.readable_end = bytes + stored.count
        unsafe parts.bits = bytes + layout.headerByteCount + lengths.coded
        var position = layout.headerByteCount + lengths.coded + lengths.bits
        var start = 0
        for (plane, length) in lengths.planes.enumerated() {
            let byteCount = layout.planeByteCount(plane, count: count)
            var address = unsafe bytes + position
            if length < byteCount {
                // The planes of a chunk together are shorter than the chunk, which fits the scratch space.
                let scratch = unsafe UnsafeMutableRawBufferPointer(start: planes + start, count: byteCount)
                let part = unsafe UnsafeRawBufferPointer(rebasing: stored[position..<position + length])
                try unsafe zstandard.decode(part, into: scratch)
                unsafe address = UnsafePointer(planes + start)
            }
            unsafe withUnsafeMutableBytes(of: &parts.planes) {
                unsafe $0.assumingMemoryBound(to: UnsafePointer<UInt8>?.self)[plane] = unsafe address
            }
            position += length
            start += byteCount
        }
        // It reads and writes inside the parts and the `count` units of the output, whatever the bytes say.
        guard unsafe mmk_rans_join(layout.id, &parts, count, target.assumingMemoryBound(to: UInt8.self)) else {
            throw CodecError(.undecodableSymbols(storedByteCount: stored.count))
        }
    }

    /// The lengths of what the chunk consists of; they fill it exactly.
    private func lengths(
        _ stored: UnsafeRawBufferPointer,
        layout: RansLayout,
        count: Int
    ) throws(CodecError) -> (coded: Int, bits: Int, planes: [Int]) {
        guard stored.count >= layout.headerByteCount else {
            throw CodecError(.malformedChunk(storedByteCount: stored.count))
        }
        guard unsafe stored[0] == layout.rawValue else {
            throw CodecError(.unknownSplit(unsafe stored[0], expected: layout.rawValue))
        }
        guard unsafe Int(stored[1]) == layout.planeCount, unsafe stored[2] == 0, unsafe stored[3] == 0 else {
            throw CodecError(.malformedChunk(storedByteCount: stored.count))
        }
        var left = stored.count - layout.headerByteCount
        // Offset 4 and the planes' fields lie in the header, whose length was checked above.
        func take(at offset: Int, most: Int) throws(CodecError) -> Int {
            let length = Int(UInt32(littleEndian: unsafe stored.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            guard length <= min(left, most) else { throw CodecError(.malformedChunk(storedByteCount: stored.count)) }
            left -= length
            return length
        }
        let coded = try take(at: 4, most: left)
        let bits = mmk_rans_bits_bytes(layout.id, count)
        guard bits <= left else { throw CodecError(.malformedChunk(storedByteCount: stored.count)) }
        left -= bits
        var planes: [Int] = []
        for plane in 0..<layout.planeCount {
            planes.append(try take(at: 8 + 4 * plane, most: layout.planeByteCount(plane, count: count)))
        }
        guard left == 0 else { throw CodecError(.malformedChunk(storedByteCount: stored.count)) }
        return (coded, bits, planes)
    }
}
