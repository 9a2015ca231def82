/// How far a job has come; events arrive in order, from one thread at a time.
package struct JobProgress: Sendable, Hashable {
    package enum Unit: Sendable, Hashable {
        case bytes
        case tokens
        case pictures
    }

    /// What is being done, in a word or two.
    package let stage: String
    package let done: Int
    package let total: Int
    package let unit: Unit

    package init(stage: String, done: Int, total: Int, unit: Unit = .bytes) {
        self.stage = stage
        self.done = done
        self.total = total
        self.unit = unit
    }
}

package typealias ProgressHandler = @Sendable (JobProgress) -> Void
