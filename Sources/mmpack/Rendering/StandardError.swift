/// Talk: progress, notes, errors.
enum StandardError {
    static func write(_ text: String) {
        // Nothing is left to tell it to when standard error is gone.
        _ = Process.write(text.utf8, to: 2)
    }

    /// One line of information that a person wants and a script ignores.
    static func note(_ text: String) {
        write("mmpack: \(text)\n")
    }
}
