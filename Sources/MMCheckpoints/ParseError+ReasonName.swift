internal import MMBytes

extension ParseError.Reason {
    /// The rule that a JSON document breaks, in the words of the fixtures.
    var reasonName: String {
        switch self {
        case .truncated: "truncated"
        case .tooLarge: "count-too-large"
        case .invalidUTF8: "invalid-utf-8"
        case .jsonTooDeep: "nesting-too-deep"
        case .jsonDuplicateKey: "duplicate-name"
        case .jsonWrongType: "wrong-type"
        case .jsonUnexpected, .jsonControlCharacter, .jsonBadEscape, .jsonLoneSurrogate, .jsonBadNumber,
            .jsonNotNatural, .jsonTrailingBytes:
            "invalid-json"
        }
    }
}
