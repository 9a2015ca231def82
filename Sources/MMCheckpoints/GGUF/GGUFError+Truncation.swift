internal import MMBytes

extension GGUFError {
    /// The error for bytes that end inside a field.
    init(_ error: ParseError, path: String) {
        switch error.reason {
        case .truncated(let needed, let available):
            self.init(.truncated(needed: needed, available: available), path: path, offset: error.offset)
        default: self.init(.truncated(needed: 0, available: 0), path: path, offset: error.offset)
        }
    }
}
