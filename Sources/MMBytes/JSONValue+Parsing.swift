extension JSONValue {
    /// Parses one strict JSON document (RFC 8259): UTF-8, no byte order mark, no trailing commas, no duplicate keys,
    /// nothing after the document but white space. Throws `ParseError` with the offset.
    public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(ParseError) {
        var reader = try JSONReader(bytes.span, limits: limits)
        self = try reader.value()
        try reader.finish()
    }
}
