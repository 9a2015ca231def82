package import MMBytes

/// A picture that cannot be read or made.
package struct PictureError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case fileTooLong(byteCount: Int)
        case unknownFormat
        case unsupportedFormat(PictureFormat)
        case empty(Extent)
        case tooLarge(Extent)
        case truncated(needed: Int, available: Int)
        /// A header of a PGM or PPM file with a number that is missing, malformed or out of range.
        case malformedHeader(String)
        /// What the decoding library says.
        case undecodable(PictureFormat, String)
    }

    package let reason: Reason
    /// The file, where there is one.
    package let name: String?

    @inline(never)
    package init(_ reason: Reason, name: String?) {
        self.reason = reason
        self.name = name
    }

    package var category: ErrorCategory { .badData }

    package var description: String { "\(name.map { "\(ByteString($0))" } ?? "picture"): \(text)" }

    private var text: String {
        switch reason {
        case .fileTooLong(let byteCount):
            "the file has \(byteCount) bytes; at most \(PictureLimits.fileByteCount) are allowed"
        case .unknownFormat: "no picture that is known here; PNG, JPEG, PGM (P5) and PPM (P6) are read"
        case .unsupportedFormat(let format) where format.isFilm:
            "the file is a film (\(format.rawValue)); films are not read, only single pictures: PNG, JPEG, PGM (P5) and PPM (P6)"
        case .unsupportedFormat(let format):
            "the file is \(format.rawValue); PNG, JPEG, PGM (P5) and PPM (P6) are read"
        case .empty(let extent): "a picture of \(extent) pixels has none"
        case .tooLarge(let extent):
            "\(extent) pixels; at most \(PictureLimits.side) a side and \(PictureLimits.pixelCount) in all are allowed"
        case .truncated(let needed, let available): "ends early: \(needed) bytes needed, \(available) left"
        case .malformedHeader(let what): "PGM or PPM header: \(what)"
        case .undecodable(let format, let message): "damaged \(format.rawValue): \(ByteString(message))"
        }
    }
}
