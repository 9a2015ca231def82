public import MMBytes

/// The error that `body` throws, where it is one that says what is wrong; nil where nothing or anything else is thrown.
public func refusal<Result>(_ body: () throws -> Result) -> (any DiagnosedError)? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? any DiagnosedError
    }
}
