internal import CKernels

/// The encoder of codec 1, zHUF: byte planes, each a zstd frame of Huffman-coded literals or as it is.
///
/// The bit stream is in formats/mmpack.md. Not synchronised: one thread at a time.
@safe public final class ZHuffEncoder: @unchecked Sendable {
    /// Largest logical size of a chunk.
    public static let byteCountLimit = 262_144

    private let zstandard: ZstandardEncoder
    private let planes: UnsafeMutableRawPointer

    public init() throws(CodecError) {
        zstandard = try ZstandardEncoder(.literals)
        unsafe planes = UnsafeMutableRawPointer.allocate(byteCount: Self.byteCountLimit, alignment: 64)
    }

    deinit {
        unsafe planes.deallocate()
    }

    /// Encodes whole elements into the start of `output`, which is at least as long; returns the stored length, or nil
    /// when that would not be shorter than the input.
    public func encode(
        _ logical: RawSpan,
        split: PlaneSplit,
        into output: inout MutableRawSpan
    ) throws(CodecError) -> Int? {
        let width = split.planeCount
        guard logical.byteCount <= Self.byteCountLimit, logical.byteCount % width == 0 else {
            throw CodecError(.notWholeElements(byteCount: logical.byteCount, elementByteCount: width))
        }
        guard output.byteCount >= logical.byteCount else {
            throw CodecError(.outputTooSmall(byteCount: output.byteCount))
        }
        let count = logical.byteCount / width
        unsafe logical.withUnsafeBytes { input in
            if let base = input.baseAddress {
                // The scratch space holds the largest chunk; the length was checked against it above.
                unsafe mmk_planes_split(
                    base.assumingMemoryBound(to: UInt8.self),
                    count,
                    CUnsignedInt(width),
                    planes.assumingMemoryBound(to: UInt8.self)
                )
            }
        }
        // Only what is shorter than the input is of use, so the output ends one byte before.
        return try unsafe output.withUnsafeMutableBytes { buffer throws(CodecError) in
            guard let base = buffer.baseAddress, logical.byteCount > 0 else { return nil }
            let room = unsafe UnsafeMutableRawBufferPointer(start: base, count: logical.byteCount - 1)
            return try unsafe store(count: count, split: split, into: room)
        }
    }

    private func store(
        count: Int,
        split: PlaneSplit,
        into room: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> Int? {
        var position = split.headerByteCount
        guard position <= room.count else { return nil }
        unsafe room.storeBytes(of: split.rawValue, toByteOffset: 0, as: UInt8.self)
        unsafe room.storeBytes(of: UInt8(split.planeCount), toByteOffset: 1, as: UInt8.self)
        unsafe room.storeBytes(of: 0, toByteOffset: 2, as: UInt16.self)
        for plane in 0..<split.planeCount {
            let bytes = unsafe UnsafeRawBufferPointer(start: planes + plane * count, count: count)
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[position...])
            guard let stored = try unsafe storePlane(bytes, into: rest) else { return nil }
            // Four bytes a plane lie in the header, which fits by the guard above.
            unsafe room.storeBytes(of: UInt32(stored).littleEndian, toByteOffset: 4 + 4 * plane, as: UInt32.self)
            position += stored
        }
        return position
    }

    /// Stores one plane as a frame if that saves 1.5 % (1/64), else as it is; nil when there is no room.
    private func storePlane(
        _ plane: UnsafeRawBufferPointer,
        into room: UnsafeMutableRawBufferPointer
    ) throws(CodecError) -> Int? {
        let limit = plane.count - plane.count / 64 - 1
        if limit > 0 {
            var output = unsafe MutableRawSpan(
                _unsafeBytes: UnsafeMutableRawBufferPointer(
                    rebasing: room.prefix(limit)
                )
            )
            if let count = try zstandard.encode(unsafe RawSpan(_unsafeBytes: plane), into: &output) { return count }
        }
        guard plane.count <= room.count else { return nil }
        unsafe room.copyMemory(from: plane)
        return plane.count
    }
}
