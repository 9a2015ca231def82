/// What the first bytes of a picture file say that it is.
package enum PictureFormat: String, Sendable, Hashable {
    case png = "PNG"
    case jpeg = "JPEG"
    /// Netpbm's binary gray and colour maps, P5 and P6.
    case portableMap = "PGM or PPM"
    case plainPortableMap = "a Netpbm file that is not binary PGM or PPM"
    case gif = "GIF"
    case webp = "WebP"
    case bmp = "BMP"
    case tiff = "TIFF"
    case heif = "HEIF or AVIF"
    case mp4 = "MP4 or QuickTime"
    case matroska = "Matroska or WebM"
    case avi = "AVI"
    case mpeg = "MPEG"

    /// Whether it holds moving pictures, which are not read in any format.
    package var isFilm: Bool {
        switch self {
        case .mp4, .matroska, .avi, .mpeg: true
        case .png, .jpeg, .portableMap, .plainPortableMap, .gif, .webp, .bmp, .tiff, .heif: false
        }
    }

    /// Major brands of still pictures (ISO/IEC 23008-12 and the AV1 Image File Format); `ftyp` with another is a film.
    private static let stillBrands = ["heic", "heix", "heim", "heis", "mif1", "mif2", "avif", "avis", "msf1", "hevc"]

    /// Nil for bytes that no format known here starts with.
    package init?(sniffing bytes: [UInt8]) {
        func starts(_ prefix: [UInt8], at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: prefix) }
        func starts(_ prefix: StaticString, at offset: Int = 0) -> Bool {
            starts(Array("\(prefix)".utf8), at: offset)
        }
        if starts([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if starts([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if starts("P5") || starts("P6") {
            self = .portableMap
        } else if ["P1", "P2", "P3", "P4", "P7", "PF", "Pf"].contains(where: { bytes.starts(with: $0.utf8) }) {
            self = .plainPortableMap
        } else if starts("GIF8") {
            self = .gif
        } else if starts("RIFF"), starts("WEBP", at: 8) {
            self = .webp
        } else if starts("BM") {
            self = .bmp
        } else if starts([0x49, 0x49, 0x2A, 0x00]) || starts([0x4D, 0x4D, 0x00, 0x2A]) {
            self = .tiff
        } else if starts("ftyp", at: 4) {
            self = Self.stillBrands.contains { bytes.dropFirst(8).starts(with: $0.utf8) } ? .heif : .mp4
        } else if starts([0x1A, 0x45, 0xDF, 0xA3]) {
            self = .matroska
        } else if starts("RIFF"), starts("AVI ", at: 8) {
            self = .avi
        } else if starts([0x00, 0x00, 0x01, 0xBA]) || starts([0x00, 0x00, 0x01, 0xB3]) {
            self = .mpeg
        } else {
            return nil
        }
    }
}
