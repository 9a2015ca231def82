/// Binary PGM (P5) and PPM (P6) of netpbm, of one or two bytes a sample, read as Pillow reads them.
struct PortableMapDecoder {
    private let bytes: [UInt8]
    private let name: String?
    private var offset = 2

    /// `bytes` start with P5 or P6.
    init(_ bytes: [UInt8], name: String?) {
        self.bytes = bytes
        self.name = name
    }

    mutating func picture() throws(PictureError) -> Picture {
        let isGray = bytes[1] == UInt8(ascii: "5")
        let extent = Extent(width: try number("width"), height: try number("height"))
        let maximum = try number("maximum")
        guard maximum > 0, maximum < 65536 else { throw malformed("maximum \(maximum); from 1 to 65535 are allowed") }
        try PictureLimits.check(extent, named: name)
        let sampleCount = extent.width * extent.height * (isGray ? 1 : Picture.channelCount)
        let needed = sampleCount * (maximum < 256 ? 1 : 2)
        guard bytes.count - offset >= needed else {
            throw PictureError(.truncated(needed: needed, available: bytes.count - offset), name: name)
        }
        let levels = Self.levels(isGray: isGray, maximum: maximum)
        let samples: [UInt8]
        if maximum < 256 {
            samples = bytes[offset..<offset + needed].map { levels[Int($0)] }
        } else {
            samples = (0..<sampleCount).map { index in
                let start = offset + 2 * index
                return levels[Int(bytes[start]) << 8 | Int(bytes[start + 1])]
            }
        }
        return Picture(checked: extent, pixels: isGray ? samples.flatMap { [$0, $0, $0] } : samples)
    }

    /// What every stored sample becomes. Samples are scaled and rounded half to even; gray of more than 255 levels is
    /// scaled to 16 bits and then clipped to 8 (Pillow's PpmImagePlugin.py and its conversion of mode I to RGB).
    private static func levels(isGray: Bool, maximum: Int) -> [UInt8] {
        let top = isGray && maximum > 255 ? 65535.0 : 255.0
        return (0...(maximum < 256 ? 255 : 65535)).map { sample in
            UInt8(min((Double(sample) / Double(maximum) * top).rounded(.toNearestOrEven), 255))
        }
    }

    /// The next number of the header. White space and comments, from # to the end of a line, come before it, and one
    /// byte of white space after it.
    private mutating func number(_ what: String) throws(PictureError) -> Int {
        while offset < bytes.count, Self.isSpace(bytes[offset]) || bytes[offset] == UInt8(ascii: "#") {
            if bytes[offset] == UInt8(ascii: "#") {
                while offset < bytes.count, bytes[offset] != 0x0A, bytes[offset] != 0x0D { offset += 1 }
            } else {
                offset += 1
            }
        }
        var value = 0
        let start = offset
        while offset < bytes.count, bytes[offset] >= 0x30, bytes[offset] <= 0x39 {
            // Ten digits fit 64 bits.
            guard offset - start < 10 else { throw malformed("\(what) has more than ten digits") }
            value = value * 10 + Int(bytes[offset] - 0x30)
            offset += 1
        }
        guard offset > start, offset < bytes.count, Self.isSpace(bytes[offset]) else {
            throw malformed("\(what) is not a number followed by white space")
        }
        offset += 1
        return value
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    private func malformed(_ what: String) -> PictureError { PictureError(.malformedHeader(what), name: name) }
}
