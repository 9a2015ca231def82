extension PictureOrientation {
    /// The orientation that an EXIF block states (a TIFF file of tags, with or without "Exif" before it). A damaged
    /// block, one without the tag and one with a value that is not defined say nothing about the picture: it stands
    /// upright, as in Pillow.
    init(exif block: [UInt8]) {
        var bytes = block[...]
        if bytes.starts(with: Self.exifMarker) { bytes = bytes.dropFirst(Self.exifMarker.count) }
        self = Self.value(ofTIFF: Array(bytes)).flatMap(Self.init(rawValue:)) ?? .upright
    }

    /// "Exif" and two zeros, which JPEG has before the block.
    static let exifMarker: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]

    /// The first EXIF block of a JPEG file: the payload of an APP1 segment (ITU-T T.81, annex B) before the first scan.
    init(jpeg bytes: [UInt8]) {
        var offset = 2
        while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
            let marker = bytes[offset + 1]
            // Fill bytes may precede a marker.
            if marker == 0xFF {
                offset += 1
                continue
            }
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            let end = offset + 2 + length
            guard marker != 0xDA, length >= 2, end <= bytes.count else { break }
            let payload = bytes[offset + 4..<end]
            if marker == 0xE1, payload.starts(with: Self.exifMarker) {
                self.init(exif: Array(payload))
                return
            }
            offset = end
        }
        self = .upright
    }

    /// The value of the tag in the first directory of a TIFF file.
    private static func value(ofTIFF bytes: [UInt8]) -> Int? {
        let isLittle: Bool
        switch bytes.prefix(4) {
        case [0x49, 0x49, 0x2A, 0x00]: isLittle = true
        case [0x4D, 0x4D, 0x00, 0x2A]: isLittle = false
        default: return nil
        }
        func number(at offset: Int, byteCount: Int) -> Int? {
            guard offset >= 0, offset <= bytes.count - byteCount else { return nil }
            let field = bytes[offset..<offset + byteCount]
            return (isLittle ? Array(field.reversed()) : Array(field)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard let directory = number(at: 4, byteCount: 4), let count = number(at: directory, byteCount: 2) else {
            return nil
        }
        for index in 0..<count {
            let entry = directory + 2 + 12 * index
            guard let tag = number(at: entry, byteCount: 2) else { return nil }
            guard tag == 274 else { continue }
            // Types 1, 3 and 4 are numbers of one, two and four bytes; a single one stands in the entry itself.
            let sizes = [1: 1, 3: 2, 4: 4]
            guard let size = number(at: entry + 2, byteCount: 2).flatMap({ sizes[$0] }),
                number(at: entry + 4, byteCount: 4) == 1
            else { return nil }
            return number(at: entry + 8, byteCount: size)
        }
        return nil
    }
}
