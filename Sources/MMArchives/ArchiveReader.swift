internal import CArchive
internal import MMBytes
internal import MMStorage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// One pass over an archive by libarchive, which is given two formats and no filter: what it has no reader for cannot
/// go wrong in it.
///
/// Not synchronised: one pass owns it.
@safe final class ArchiveReader {
    private let handle: OpaquePointer
    private let input: ArchiveInput
    private let kind: ArchiveKind

    private var path: String { input.file.path }

    init(_ file: InputFile, kind: ArchiveKind) throws {
        input = try ArchiveInput(file, kind: kind)
        self.kind = kind
        guard let handle = unsafe archive_read_new() else { throw ArchiveError(.outOfMemory, path: file.path) }
        unsafe self.handle = handle
        // All calls: the handle is live until deinit, and strings are constants. `input` lives as long as self, which
        // frees the handle before.
        let context = unsafe Unmanaged.passUnretained(input).toOpaque()
        if kind == .zip {
            // Not the streaming reader, which takes a zip whose directory is cut off.
            _ = unsafe archive_read_support_format_zip_seekable(handle)
            _ = unsafe archive_read_set_seek_callback(handle, Self.seek)
        } else {
            _ = unsafe archive_read_support_format_tar(handle)
            // Apple's "._" members are files as others.
            _ = unsafe archive_read_set_option(handle, "tar", "mac-ext", nil)
        }
        guard unsafe archive_read_open2(handle, context, nil, Self.read, Self.skip, nil) == ARCHIVE_OK else {
            throw failure()
        }
    }

    deinit {
        // Made in init, freed once.
        _ = unsafe archive_read_free(handle)
    }

    /// The next header; nil at the end. Anything that libarchive only warns of is an error.
    func next() throws -> ArchiveEntry? {
        var entry: OpaquePointer?
        let status = NameLocale.run { unsafe archive_read_next_header(handle, &entry) }
        if status == ARCHIVE_EOF { return nil }
        guard status == ARCHIVE_OK, let entry = unsafe entry else { throw failure() }
        // The entry is valid until the next header is read; so are its strings.
        let name = NameLocale.run { unsafe archive_entry_pathname(entry).map { unsafe ByteString(copying: $0) } }
        let size = unsafe archive_entry_size_is_set(entry) != 0 ? Int(exactly: archive_entry_size(entry)) : nil
        return ArchiveEntry(
            name: name,
            kind: unsafe Self.kind(of: entry),
            byteCount: size.flatMap { $0 >= 0 ? $0 : nil },
            dataOffset: Int(clamping: unsafe archive_filter_bytes(handle, 0)),
            method: method,
            isEncrypted: unsafe archive_entry_is_encrypted(entry) != 0,
            isSparse: unsafe archive_entry_sparse_count(entry) > 0
        )
    }

    /// How far the archive has been read.
    var position: Int { Int(clamping: unsafe archive_filter_bytes(handle, 0)) }

    /// Hands on the data of the last header, which says that they are `byteCount` bytes, in pieces and in order.
    func data(_ byteCount: Int, of member: ByteString, _ body: (RawSpan) throws -> Void) throws {
        var done = 0
        while true {
            var base: UnsafeRawPointer?
            var count = 0
            var offset: Int64 = 0
            let status = unsafe archive_read_data_block(handle, &base, &count, &offset)
            if status == ARCHIVE_EOF { break }
            guard status == ARCHIVE_OK else { throw failure(member) }
            guard offset == done, count <= byteCount - done else {
                throw ArchiveError(
                    .wrongByteCount(found: Int(clamping: offset).adding(count) ?? .max, stated: byteCount),
                    path: path,
                    member: member
                )
            }
            // libarchive lends `count` bytes until the next call.
            if count > 0 { try body(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: count))) }
            done += count
        }
        guard done == byteCount else {
            throw ArchiveError(.wrongByteCount(found: done, stated: byteCount), path: path, member: member)
        }
    }

    /// After the last header: holds a compressed archive to its checksum.
    func finish() throws {
        try input.finish()
    }

    /// "ZIP 2.0 (deflation)" while a member of a zip is current.
    private var method: String? {
        guard kind == .zip, let format = unsafe archive_format_name(handle) else { return nil }
        let text = unsafe String(cString: format)
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else {
            return text
        }
        return String(text[text.index(after: open)..<close])
    }

    /// What went wrong in the last call: in our own code, or in libarchive's words.
    private func failure(_ member: ByteString? = nil) -> any Error {
        if let error = input.failure { return error }
        let words = unsafe archive_error_string(handle).map { unsafe String(cString: $0) }
        let line = words?.split(whereSeparator: \.isNewline).joined(separator: " ")
        return ArchiveError(.damaged(line ?? "it cannot be read"), path: path, member: member)
    }

    /// The file type bits of archive_entry.h, AE_IFMT, which are those of POSIX everywhere.
    private static func kind(of entry: OpaquePointer) -> ArchiveEntry.Kind {
        // The entry is live, see `next`.
        if unsafe archive_entry_hardlink(entry) != nil { return .other(.hardLink) }
        switch unsafe archive_entry_filetype(entry) & 0o170000 {
        case 0o100000: return .file
        case 0o040000: return .folder
        case 0o120000: return .other(.symbolicLink)
        case 0o020000, 0o060000: return .other(.device)
        case 0o010000, 0o140000: return .other(.pipe)
        default: return .other(.other)
        }
    }

    // MARK: What libarchive calls. `context` is the input that `init` gave, which outlives the handle.

    private typealias ReadCallback =
        @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int
    private typealias SkipCallback = @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Int64) -> Int64
    private typealias SeekCallback = @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Int64, CInt) -> Int64

    private static let read: ReadCallback = { _, context, buffer in
        guard let context = unsafe context, let buffer = unsafe buffer else { return Int(ARCHIVE_FATAL) }
        let input = unsafe Unmanaged<ArchiveInput>.fromOpaque(context).takeUnretainedValue()
        do {
            // Valid until the next call, as libarchive asks.
            let bytes = try unsafe input.next()
            unsafe buffer.pointee = bytes.baseAddress
            return bytes.count
        } catch {
            input.failure = error
            return Int(ARCHIVE_FATAL)
        }
    }

    private static let skip: SkipCallback = { _, context, count in
        guard let context = unsafe context else { return 0 }
        let input = unsafe Unmanaged<ArchiveInput>.fromOpaque(context).takeUnretainedValue()
        return Int64(input.skip(Int(count)))
    }

    private static let seek: SeekCallback = { _, context, offset, whence in
        guard let context = unsafe context else { return Int64(ARCHIVE_FATAL) }
        let input = unsafe Unmanaged<ArchiveInput>.fromOpaque(context).takeUnretainedValue()
        return input.seek(Int(offset), from: whence).map { Int64($0) } ?? Int64(ARCHIVE_FATAL)
    }
}

extension ByteString {
    /// Copies a C string, byte by byte.
    fileprivate init(copying string: UnsafePointer<CChar>) {
        // Ended by NUL, which is what makes it a C string.
        unsafe self.init(UnsafeRawBufferPointer(start: string, count: strlen(string)))
    }
}
