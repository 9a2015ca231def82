internal import CFormats

/// Texts that ship inside mmpack.
enum BuiltInText {
    /// formats/tables/probe.txt: prose, code and figures for verify to run on.
    static var probe: [UInt8] {
        let text = unsafe mmf_probe_text()
        // Embedded in the program, so valid for ever, for `count` bytes.
        return unsafe Array(UnsafeBufferPointer(start: text.pointer, count: text.count))
    }
}
