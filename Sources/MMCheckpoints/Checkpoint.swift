/// Foreign checkpoints, opened by what they are rather than by what they are called.
package enum Checkpoint {
    /// The last component of a path.
    static func fileName(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
