internal import CKernels

/// The encoder of codec 2, rANS. The stored bytes are in formats/mmpack.md; they do not depend on the processor.
///
/// Not synchronised: one thread at a time.
@safe public final class RansEncoder: @unchecked Sendable {
    private let zstandard: ZstandardEncoder
    /// Room for the symbols, the raw bits and the planes of any chunk, one after another.
    private let scratch: UnsafeMutablePointer<UInt8>

    /// 1,820 blocks of Q4_K have the most symbols: 465,920 and a step of 128 for each class.
    private static let symbolByteCount = 466_944
    /// Half a byte a value is the most: Q8_0.
    private static let bitsByteCount = 131_072
    /// The mantissas of F32 are the most: three quarters of a chunk.
    private static let planeByteCount = ZHuffEncoder.byteCountLimit
    /// Shorter pieces of a plane do not pay for a code of their own.
    private static let leastPieceByteCount = 256

    public init() throws(CodecError) {
        zstandard = try ZstandardEncoder(.literals)
        let byteCount = Self.symbolByteCount + Self.bitsByteCount + Self.planeByteCount
        unsafe scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: byteCount)
    }

    deinit {
        unsafe scratch.deallocate()
    }

    /// Encodes whole units into the start of `output`, which is at least as long; returns the stored length, or nil
    /// when that would not be shorter than the input.
    public func encode(
        _ logical: RawSpan,
        layout: RansLayout,
        into output: inout MutableRawSpan
    ) throws(CodecError) -> Int? {
        let unit = layout.unitByteCount
        guard logical.byteCount <= ZHuffEncoder.byteCountLimit, logical.byteCount % unit == 0 else {
            throw CodecError(.notWholeElements(byteCount: logical.byteCount, elementByteCount: unit))
        }
        guard output.byteCount >= logical.byteCount else {
            throw CodecError(.outputTooSmall(byteCount: output.byteCount))
        }
        guard logical.byteCount > layout.headerByteCount else { return nil }
        let count = logical.byteCount / unit
        var parts = unsafe parts(layout, count: count)
        unsafe logical.withUnsafeBytes { input in
            guard let base = input.baseAddress else { return }
            // The parts have room for the largest chunk, and this is at most that: checked above.
            unsafe mmk_rans_split(layout.id, base.assumingMemoryBound(to: UInt8.self), count, &parts)
        }
        // Only what is shorter than the input is of use, so the output ends one byte before.
        return try unsafe output.withUnsafeMutableBytes { buffer throws(CodecError) in
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<(logical.byteCount - 1)])
            return try unsafe store(&parts, layout: layout, count: count, into: room)
        }
    }

    /// Where the parts of a chunk of `count` units lie in the scratch space.
    private func parts(_ layout: RansLayout, count: Int) -> mmk_rans_parts {
        var parts = unsafe mmk_rans_parts()
        unsafe parts.symbols = scratch
        unsafe parts.bits = scratch + Self.symbolByteCount
        var position = Self.symbolByteCount + Self.bitsByteCount
        // The planes of a chunk are shorter than the chunk.
        unsafe withUnsafeMutableBytes(of: &parts.planes) { bytes in
            let planes = unsafe bytes.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
            for plane in 0..<layout.planeCount {
                unsafe planes[plane] = scratch + position
                position += layout.planeByteCount(plane, count: count)
            }
        }
        return unsafe parts
    }

    private func store(
        _ parts: inout mmk_rans_parts,
        layout: RansLayout,
        count: Int,
        into room: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> Int? {
        var position = layout.headerByteCount
        guard position < room.count, let base = room.baseAddress else { return nil }
        // The coder stays in the room that it is given.
        let coded = unsafe mmk_rans_code(
            layout.id,
            &parts,
            base.assumingMemoryBound(to: UInt8.self) + position,
            room.count - position
        )
        guard coded > 0 else { return nil }
        unsafe room.storeBytes(of: layout.rawValue, toByteOffset: 0, as: UInt8.self)
        unsafe room.storeBytes(of: UInt8(layout.planeCount), toByteOffset: 1, as: UInt8.self)
        unsafe room.storeBytes(of: 0, toByteOffset: 2, as: UInt16.self)
        unsafe room.storeBytes(of: UInt32(coded).littleEndian, toByteOffset: 4, as: UInt32.self)
        position += coded
        let bitsByteCount = mmk_rans_bits_bytes(layout.id, count)
        guard bitsByteCount <= room.count - position else { return nil }
        unsafe (base + position).copyMemory(from: scratch + Self.symbolByteCount, byteCount: bitsByteCount)
        position += bitsByteCount
        var start = Self.symbolByteCount + Self.bitsByteCount
        var previous = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        for plane in 0..<layout.planeCount {
            let byteCount = layout.planeByteCount(plane, count: count)
            let bytes = unsafe UnsafeRawBufferPointer(start: scratch + start, count: byteCount)
            let ordering = unsafe layout.orderingPlane(of: plane) == nil ? nil : previous
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[position...])
            guard let stored = try unsafe storePlane(bytes, ordering: ordering, into: rest) else { return nil }
            // Four bytes a plane lie in the header, which fits by the guard above.
            unsafe room.storeBytes(of: UInt32(stored).littleEndian, toByteOffset: 8 + 4 * plane, as: UInt32.self)
            position += stored
            start += byteCount
            unsafe previous = bytes
        }
        return position
    }

    /// Stores one plane as a frame if that saves 1/64, else as it is; nil when there is no room.
    ///
    /// `ordering` has the high bytes that the plane's bytes are sorted by: each run of them may have a code of its own.
    private func storePlane(
        _ plane: UnsafeRawBufferPointer,
        ordering: UnsafeRawBufferPointer?,
        into room: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> Int? {
        guard let base = plane.baseAddress else { return 0 }
        let limit = plane.count - plane.count / 64 - 1
        var best: Int?
        // Both pointers have the plane's length behind them.
        if limit > 0, unsafe !mmk_rans_is_flat(base.assumingMemoryBound(to: UInt8.self), plane.count) {
            let bytes = unsafe RawSpan(_unsafeBytes: plane)
            let space = unsafe UnsafeMutableRawBufferPointer(rebasing: room.prefix(limit))
            var output = unsafe MutableRawSpan(_unsafeBytes: space)
            best = try zstandard.encode(bytes, into: &output)
        }
        if let ordering = unsafe ordering {
            let lengths = unsafe pieces(orderedBy: ordering)
            let shorter = min((best ?? limit) - 1, room.count)
            if lengths.count > 1, shorter > 0 {
                let frame = UnsafeMutableRawBufferPointer.allocate(byteCount: shorter, alignment: 1)
                defer { unsafe frame.deallocate() }
                if let count = try unsafe zstandard.encode(plane, pieces: lengths, into: frame) {
                    unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: frame[..<count]))
                    best = count
                }
            }
        }
        if let best { return best }
        guard plane.count <= room.count else { return nil }
        unsafe room.copyMemory(from: plane)
        return plane.count
    }

    private func pieces(orderedBy high: UnsafeRawBufferPointer) -> [Int] {
        guard let base = high.baseAddress else { return [] }
        var lengths = [UInt32](repeating: 0, count: 256)
        // 256 lengths are the most; `high` has its count of bytes.
        let count = unsafe lengths.withUnsafeMutableBufferPointer {
            unsafe mmk_rans_pieces(
                base.assumingMemoryBound(to: UInt8.self),
                high.count,
                Self.leastPieceByteCount,
                $0.baseAddress
            )
        }
        return lengths.prefix(count).map { Int($0) }
    }
}
