internal import MMArchives
internal import MMBytes
package import MMStorage

/// What a file looks like from its first bytes.
package enum FileKind: String, Sendable, Hashable, CaseIterable {
    case safetensors = "a safetensors file"
    case gguf = "a GGUF file"
    case zip = "a zip archive (PyTorch checkpoints are such)"
    case pickle = "a Python pickle"
    case gzip = "a gzip archive"
    case zstandard = "a Zstandard frame"
    case xz = "an xz archive"
    case bzip2 = "a bzip2 archive"
    case tar = "a tar archive"
    case hdf5 = "an HDF5 file (Keras)"
    case numpy = "a NumPy array"
    case legacyGGML = "a GGML file from before GGUF"
    case tensorFlowLite = "a TensorFlow Lite model"
    case gitLFSPointer = "a Git LFS pointer: the file itself was not fetched"
    case html = "an HTML page"
    case json = "a JSON document"
    case empty = "an empty file"
    case unknown = "of an unknown format"

    /// Reads up to 512 bytes; throws `FileError`.
    package init(_ file: InputFile) throws(FileError) {
        let head = try file.bytes(at: 0, byteCount: min(file.byteCount, 512))
        self.init(head: head)
    }

    init(head: [UInt8]) {
        if head.isEmpty {
            self = .empty
        } else if Self.looksLikeSafetensors(head) {
            // First, since the length of a header can begin with any short magic number.
            self = .safetensors
        } else if let kind = Self.magics.first(where: { Self.has($0.bytes, at: $0.offset, in: head) })?.kind {
            self = kind
        } else if head.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{") {
            self = .json
        } else {
            self = .unknown
        }
    }

    /// The archive that such a file called `path` is; nil where it is none that is read. A tar from before POSIX has no
    /// magic number.
    func archiveKind(named path: String) -> ArchiveKind? {
        switch self {
        case .tar: .tar
        case .gzip: .tarGzip
        case .zstandard: .tarZstandard
        case .zip: .zip
        case .unknown, .empty: path.hasSuffix(".tar") ? .tar : nil
        default: nil
        }
    }

    private static func has(_ magic: [UInt8], at offset: Int, in head: [UInt8]) -> Bool {
        head.count >= offset + magic.count && head[offset..<offset + magic.count].elementsEqual(magic)
    }

    /// A length that the format allows, and the brace of the header behind it.
    private static func looksLikeSafetensors(_ head: [UInt8]) -> Bool {
        guard head.count > Safetensors.prefixByteCount, head[Safetensors.prefixByteCount] == UInt8(ascii: "{") else {
            return false
        }
        let length = head[..<Safetensors.prefixByteCount].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return length <= UInt64(Safetensors.headerByteLimit)
    }

    /// The formats' own magic numbers, first match wins.
    private static let magics: [(kind: FileKind, offset: Int, bytes: [UInt8])] = [
        (.gguf, 0, GGUF.magic),
        (.zip, 0, [0x50, 0x4B, 0x03, 0x04]),
        (.zip, 0, [0x50, 0x4B, 0x05, 0x06]),
        (.gzip, 0, [0x1F, 0x8B]),
        (.zstandard, 0, [0x28, 0xB5, 0x2F, 0xFD]),
        (.xz, 0, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]),
        (.bzip2, 0, Array("BZh".utf8)),
        (.tar, 257, Array("ustar".utf8)),
        (.hdf5, 0, [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]),
        (.numpy, 0, [0x93] + Array("NUMPY".utf8)),
        (.legacyGGML, 0, Array("lmgg".utf8)),
        (.legacyGGML, 0, Array("fmgg".utf8)),
        (.legacyGGML, 0, Array("tjgg".utf8)),
        (.tensorFlowLite, 4, Array("TFL3".utf8)),
        (.gitLFSPointer, 0, Array("version https://git-lfs".utf8)),
        (.html, 0, Array("<!DOCTYPE".utf8)),
        (.html, 0, Array("<!doctype".utf8)),
        (.html, 0, Array("<html".utf8)),
        (.pickle, 0, [0x80, 0x02]),
        (.pickle, 0, [0x80, 0x03]),
        (.pickle, 0, [0x80, 0x04]),
        (.pickle, 0, [0x80, 0x05]),
    ]
}
