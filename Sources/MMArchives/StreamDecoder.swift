internal import MMStorage

/// Decompresses a whole file, piece by piece.
protocol StreamDecoder: AnyObject {
    /// Fills `output` as far as there is something to fill it with, and returns how many bytes that was: 0 at the end.
    ///
    /// Throws `ArchiveError` for what does not decode or does not have the checksum that it states, and `FileError`.
    func fill(_ output: PageBuffer) throws -> Int
}
