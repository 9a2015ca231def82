extension [Float] {
    mutating func append(_ span: Span<Float>) {
        for index in span.indices { append(span[index]) }
    }
}
