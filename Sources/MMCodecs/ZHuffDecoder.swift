internal import CKernels

/// The decoder of codec 1, zHUF. The bit stream is in formats/mmpack.md. Not synchronised: one thread at a time.
@safe public final class ZHuffDecoder: @unchecked Sendable {
    private let zstandard: ZstandardDecoder
    private let planes: UnsafeMutableRawPointer

    public init() throws(CodecError) {
        zstandard = try ZstandardDecoder()
        unsafe planes = UnsafeMutableRawPointer.allocate(byteCount: ZHuffEncoder.byteCountLimit, alignment: 64)
    }

    deinit {
        unsafe planes.deallocate()
    }

    /// Decodes a stored chunk of elements that are split as `split` into `destination`, which it fills.
    public func decode(
        _ stored: RawSpan,
        split: PlaneSplit,
        into destination: inout MutableRawSpan
    ) throws(CodecError) {
        let width = split.planeCount
        guard destination.byteCount <= ZHuffEncoder.byteCountLimit, destination.byteCount % width == 0 else {
            throw CodecError(.notWholeElements(byteCount: destination.byteCount, elementByteCount: width))
        }
        try unsafe stored.withUnsafeBytes { input throws(CodecError) in
            try unsafe destination.withUnsafeMutableBytes { output throws(CodecError) in
                try unsafe decode(input, split: split, into: output)
            }
        }
    }

    private func decode(
        _ stored: UnsafeRawBufferPointer,
        split: PlaneSplit,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CodecError) {
        let lengths = try unsafe planeLengths(stored, split: split, count: output.count / split.planeCount)
        let count = output.count / split.planeCount
        var addresses = unsafe [UnsafePointer<UInt8>?]()
        var position = split.headerByteCount
        for (plane, length) in lengths.enumerated() {
            // The lengths add up to what is stored: checked in planeLengths.
            let part = unsafe UnsafeRawBufferPointer(rebasing: stored[position..<position + length])
            let base: UnsafeRawPointer?
            if length == count {
                unsafe base = part.baseAddress
            } else {
                // count bytes a plane fit the scratch space, which holds the largest chunk.
                let scratch = unsafe UnsafeMutableRawBufferPointer(start: planes + plane * count, count: count)
                try unsafe zstandard.decode(part, into: scratch)
                unsafe base = UnsafeRawPointer(planes + plane * count)
            }
            unsafe addresses.append(base?.assumingMemoryBound(to: UInt8.self))
            position += length
        }
        guard let base = output.baseAddress, count > 0 else { return }
        // Each address has count bytes behind it; output has width * count.
        unsafe addresses.withUnsafeBufferPointer {
            unsafe mmk_planes_merge(
                $0.baseAddress,
                count,
                CUnsignedInt(split.planeCount),
                base.assumingMemoryBound(to: UInt8.self)
            )
        }
    }

    /// The stored length of each plane of `count` bytes; they fill the chunk exactly.
    private func planeLengths(
        _ stored: UnsafeRawBufferPointer,
        split: PlaneSplit,
        count: Int
    ) throws(CodecError) -> [Int] {
        guard stored.count >= split.headerByteCount else {
            throw CodecError(.malformedChunk(storedByteCount: stored.count))
        }
        guard unsafe stored[0] == split.rawValue else {
            throw CodecError(.unknownSplit(unsafe stored[0], expected: split.rawValue))
        }
        guard unsafe Int(stored[1]) == split.planeCount, unsafe stored[2] == 0, unsafe stored[3] == 0 else {
            throw CodecError(.malformedChunk(storedByteCount: stored.count))
        }
        var left = stored.count - split.headerByteCount
        var lengths: [Int] = []
        for plane in 0..<split.planeCount {
            // In the header, whose length was checked above.
            let value = unsafe stored.loadUnaligned(fromByteOffset: 4 + 4 * plane, as: UInt32.self)
            let length = Int(UInt32(littleEndian: value))
            guard length <= min(left, count) else { throw CodecError(.malformedChunk(storedByteCount: stored.count)) }
            lengths.append(length)
            left -= length
        }
        guard left == 0 else { throw CodecError(.malformedChunk(storedByteCount: stored.count)) }
        return lengths
    }
}
